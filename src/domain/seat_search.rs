//! What a party looks for: which days and times suit everyone in it, so that a later dose is possible too.

mod outlook;

use std::sync::Arc;

use jiff::civil::Date;

use super::birth_date::BirthDate;
use super::campaign::Campaign;
use super::ids::{ProductId, SlotId};
use super::product::Product;
use super::slot::{FreeSlot, Slot, nearest_fits, seat_together};

pub use outlook::{NO_SLOTS, Outlook, ProductOutlook};

const DAY_SECONDS: i64 = 86_400;

/// The day and the product of a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoseDay {
    /// The day, local to the site.
    pub day: Date,
    /// The product.
    pub product: ProductId,
}

/// What becomes of the dose after the one that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterDose {
    /// There is none to think of.
    None,
    /// It is to be had as well, at the same site.
    Wanted,
    /// It is booked. `movable` says whether it may move along.
    Stands {
        /// When and with what it is booked.
        at: DoseDay,
        /// Whether it may move to the new site and another day.
        movable: bool,
    },
}

/// What a party looks for.
#[derive(Debug, Clone)]
pub struct SeatSearch {
    /// In which campaign.
    pub campaign: Arc<Campaign>,
    /// When each of the party was born; one seat for each.
    pub births: Vec<BirthDate>,
    /// Which dose the seats are for, from 1.
    pub dose: u8,
    /// Doses before it that it must follow.
    pub earlier: Vec<DoseDay>,
    /// The dose after it.
    pub later: LaterDose,
    /// The one product that is wanted; any that suits, when `None`.
    pub only: Option<ProductId>,
}

/// Free seats with one product on one day of one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySeats {
    /// The product.
    pub product: ProductId,
    /// The day, local to the site.
    pub day: Date,
    /// Free seats.
    pub free: i64,
}

/// A day as the party sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenDay {
    /// The day, local to the site.
    pub day: Date,
    /// Free seats with products that suit the party.
    pub free: i64,
    /// Whether the whole party fits.
    pub fits: bool,
}

impl SeatSearch {
    /// Seats that are looked for.
    pub fn people(&self) -> usize {
        self.births.len()
    }

    /// The products that suit everyone's age on some day of the campaign and go with the doses before.
    pub fn products(&self) -> Vec<&Product> {
        let (first, last) = (self.campaign.first_day, self.campaign.last_day);
        let suits = |product: &&Product| {
            (self.ages_allow(product, first) || self.ages_allow(product, last))
                && self.earlier.iter().all(|given| product.may_come_after(given.product))
        };
        self.campaign.products.iter().filter(suits).collect()
    }

    fn ages_allow(&self, product: &Product, day: Date) -> bool {
        self.births.iter().all(|birth| product.ages.allow(birth, day))
    }

    /// Whether everyone may have the product on `day`. Says nothing about seats.
    pub fn suits(&self, product: ProductId, day: Date) -> bool {
        let Some(product) = self.campaign.product(product) else { return false };
        let interval = self.campaign.interval_before(product.id, self.dose);
        self.only.is_none_or(|only| only == product.id)
            && self.ages_allow(product, day)
            && self.earlier.iter().all(|given| {
                product.may_come_after(given.product)
                    && interval.is_some_and(|interval| interval.allows(given.day, day))
            })
    }

    /// Whether seats for the later dose must be found too, when this one is with `product` on `day`.
    pub fn needs_later(&self, product: ProductId, day: Date) -> bool {
        match self.later {
            LaterDose::None => false,
            LaterDose::Wanted => true,
            LaterDose::Stands { at, .. } => !self.may_follow(product, day, at),
        }
    }

    /// Whether the later dose may move or is still to be found.
    fn may_find_later(&self) -> bool {
        !matches!(self.later, LaterDose::Stands { movable: false, .. })
    }

    fn may_follow(&self, product: ProductId, day: Date, later: DoseDay) -> bool {
        let interval = self.campaign.interval_before(later.product, self.dose + 1);
        self.campaign.product(later.product).is_some_and(|next| next.may_come_after(product))
            && interval.is_some_and(|interval| interval.allows(day, later.day))
    }

    /// Whether the later dose could be with the same product on `later`, when this one is on `day`.
    fn later_suits(&self, product: ProductId, day: Date, later: Date) -> bool {
        self.campaign.product(product).is_some_and(|product| self.ages_allow(product, later))
            && self.may_follow(product, day, DoseDay { day: later, product })
    }

    /// Whether the whole party fits on a day, by the counts of all `days` of the site.
    pub fn fits(&self, one: &DaySeats, days: &[DaySeats]) -> bool {
        let people = i64::try_from(self.people()).unwrap_or(i64::MAX);
        let later_is_possible = || {
            self.may_find_later()
                && days.iter().any(|later| {
                    later.product == one.product
                        && later.free >= people
                        && self.later_suits(one.product, one.day, later.day)
                })
        };
        one.free >= people
            && self.suits(one.product, one.day)
            && (!self.needs_later(one.product, one.day) || later_is_possible())
    }

    /// Counts by day and product for slots in order of start. A day on which the party can't sit together counts as full.
    pub fn count_days(&self, slots: &[FreeSlot]) -> Vec<DaySeats> {
        let mut days: Vec<DaySeats> = Vec::new();
        for product in &self.campaign.products {
            let same = of_product(slots, product.id);
            for day in same.chunk_by(|one, other| one.slot.local_date == other.slot.local_date) {
                let Some(first) = day.first() else { continue };
                let together = (0..day.len()).any(|at| seat_together(day, at, self.people()).is_some());
                let free = if together { day.iter().map(|one| i64::from(one.free)).sum() } else { 0 };
                days.push(DaySeats { product: product.id, day: first.slot.local_date, free });
            }
        }
        days.sort_by_key(|one| (one.day, one.product));
        days
    }

    /// The seats of the later dose to propose: on the day nearest to the proposed one, then at the time nearest to that
    /// of `first`, for the whole party. `None` when there is no such day.
    pub fn propose_later(&self, slots: &[FreeSlot], first: &Slot) -> Option<Vec<SlotId>> {
        if !self.may_find_later() {
            return None;
        }
        let proposed =
            self.campaign.interval_before(first.product, self.dose + 1)?.proposed(first.local_date);
        let same = of_product(slots, first.product);
        let away = |one: &FreeSlot| {
            let days = (one.slot.local_date - proposed).get_days().abs();
            let seconds =
                (one.slot.starts_at.as_second() - first.starts_at.as_second()).rem_euclid(DAY_SECONDS);
            (days, seconds.min(DAY_SECONDS - seconds))
        };
        let mut near: Vec<(usize, &FreeSlot)> = same
            .iter()
            .enumerate()
            .filter(|(_, one)| self.later_suits(first.product, first.local_date, one.slot.local_date))
            .collect();
        near.sort_by_key(|(_, one)| away(one));
        near.into_iter().find_map(|(at, _)| seat_together(&same, at, self.people()))
    }

    /// Slots with `product` at which the party can begin, with its seats, in order of start. `days` are the counts of the
    /// same slots.
    pub fn fitting(
        &self,
        slots: &[FreeSlot],
        product: ProductId,
        days: &[DaySeats],
    ) -> Vec<(FreeSlot, Vec<SlotId>)> {
        let same = of_product(slots, product);
        let day_fits = |day: Date| {
            days.iter().any(|one| one.product == product && one.day == day && self.fits(one, days))
        };
        let mut fitting: Vec<(FreeSlot, Vec<SlotId>)> = Vec::new();
        let mut start = 0;
        for day in same.chunk_by(|one, other| one.slot.local_date == other.slot.local_date) {
            let fits = day.first().is_some_and(|first| day_fits(first.slot.local_date));
            for (at, one) in day.iter().enumerate().filter(|_| fits) {
                fitting.extend(seat_together(&same, start + at, self.people()).map(|seats| (*one, seats)));
            }
            start += day.len();
        }
        fitting
    }

    /// Up to `most` slots of [`SeatSearch::fitting`] nearest to a time, in order of start.
    pub fn nearest(
        &self,
        slots: &[FreeSlot],
        wanted: (ProductId, jiff::Timestamp),
        most: usize,
    ) -> Vec<(FreeSlot, Vec<SlotId>)> {
        let (product, at) = wanted;
        let same = of_product(slots, product);
        let fitting = self.fitting(slots, product, &self.count_days(slots));
        let known = |slot: &Slot| fitting.iter().find(|(one, _)| one.slot.id == slot.id).cloned();
        let mut near: Vec<(FreeSlot, Vec<SlotId>)> = nearest_fits(&same, at, self.people(), same.len())
            .into_iter()
            .filter_map(|index| same.get(index))
            .filter_map(|one| known(&one.slot))
            .take(most)
            .collect();
        near.sort_by_key(|(one, _)| one.slot.starts_at);
        near
    }
}

fn of_product(slots: &[FreeSlot], product: ProductId) -> Vec<FreeSlot> {
    slots.iter().filter(|one| one.slot.product == product).copied().collect()
}

#[cfg(test)]
mod tests;
