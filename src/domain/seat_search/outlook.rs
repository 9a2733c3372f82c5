//! What a search says of each day of a campaign, worked out once, so that thousands of sites are asked with a few
//! comparisons each. Days are numbers here, counted from the first day that is looked at.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{DaySeats, LaterDose, OpenDay, SeatSearch};
use crate::domain::ids::ProductId;
use crate::domain::product::Product;

/// Stands for the free seats of a day that has no slots: fewer than any party needs.
pub const NO_SLOTS: i32 = i32::MIN;

/// What a search says of a row of days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outlook {
    /// The day with the number 0.
    pub first: Date,
    /// How many days there are.
    pub days: usize,
    /// Seats that are needed.
    pub people: i32,
    /// Products that suit the party on some of the days.
    pub products: Vec<ProductOutlook>,
}

/// What a search says of one product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductOutlook {
    /// The product.
    pub product: ProductId,
    /// Days on which everyone may have it: ages, and intervals after the doses before.
    pub suits: Range<usize>,
    /// Of these, days on which no seats for the later dose must be found.
    alone: Range<usize>,
    /// Days until the later dose, from the fewest to the most, and the days on which everyone has the age for it;
    /// `None` when it can't be found or moved.
    later: Option<(Range<usize>, Range<usize>)>,
}

impl ProductOutlook {
    /// Whether the whole party fits on a day of a site, by its free seats with the product on each day.
    pub fn fits(&self, day: usize, people: i32, free: impl Fn(usize) -> i32) -> bool {
        let later_is_possible = || {
            let Some((away, ages)) = &self.later else { return false };
            let window = (day + away.start).max(ages.start)..(day + away.end).min(ages.end);
            window.into_iter().any(|later| free(later) >= people)
        };
        self.suits.contains(&day) && free(day) >= people && (self.alone.contains(&day) || later_is_possible())
    }
}

impl Outlook {
    /// The number of a day, which may lie outside the row; a day before it counts as its first.
    pub fn number_of(&self, day: Date) -> usize {
        days_between(self.first, day)
    }

    /// Whether the whole party fits at a site on some day from the one with the number `from` on. `free` tells the seats
    /// with the product of an index in [`Outlook::products`] on a day, [`NO_SLOTS`] when there are none.
    pub fn fits_on_some_day(&self, from: usize, free: impl Fn(usize, usize) -> i32) -> bool {
        self.products.iter().enumerate().any(|(index, product)| {
            let days = product.suits.start.max(from)..product.suits.end;
            days.into_iter().any(|day| product.fits(day, self.people, |day| free(index, day)))
        })
    }

    /// The days of a site as the party sees them, in order, from the one with the number `from` on.
    pub fn open_days(&self, from: usize, free: impl Fn(usize, usize) -> i32) -> Vec<OpenDay> {
        let mut open: Vec<OpenDay> = Vec::new();
        let mut date = day_after(self.first, from);
        for day in from..self.days {
            let mut seen: Option<OpenDay> = None;
            for (index, product) in self.products.iter().enumerate() {
                let seats = free(index, day);
                if seats != NO_SLOTS && product.suits.contains(&day) {
                    let seen = seen.get_or_insert(OpenDay { day: date, free: 0, fits: false });
                    seen.free += i64::from(seats.max(0));
                    seen.fits |= product.fits(day, self.people, |day| free(index, day));
                }
            }
            open.extend(seen);
            date = date.tomorrow().unwrap_or(date);
        }
        open
    }
}

impl SeatSearch {
    /// What the search says of `days` days from `first` on.
    pub fn outlook(&self, first: Date, days: usize) -> Outlook {
        let products =
            self.campaign.products.iter().filter(|one| self.only.is_none_or(|only| only == one.id));
        Outlook {
            first,
            days,
            people: i32::try_from(self.people()).unwrap_or(i32::MAX),
            products: products
                .map(|product| self.product_outlook(product, first, days))
                .filter(|outlook| !outlook.suits.is_empty())
                .collect(),
        }
    }

    fn product_outlook(&self, product: &Product, first: Date, days: usize) -> ProductOutlook {
        let ages = self.days_of_age(product, first, days);
        let interval = self.campaign.interval_before(product.id, self.dose);
        let mut suits = ages.clone();
        for given in &self.earlier {
            let allowed = match interval.filter(|_| product.may_come_after(given.product)) {
                Some(interval) => {
                    let (earliest, latest) = interval.window(given.day);
                    days_between(first, earliest)..days_between(first, latest.tomorrow().unwrap_or(latest))
                }
                None => 0..0,
            };
            suits = suits.start.max(allowed.start)..suits.end.min(allowed.end);
        }
        let next = self.campaign.interval_before(product.id, self.dose + 1);
        let away = next.map(|next| usize::from(next.minimum_days)..usize::from(next.maximum_days) + 1);
        ProductOutlook {
            product: product.id,
            alone: self.days_alone(product, first, &suits),
            later: away.filter(|_| self.may_find_later()).map(|away| (away, ages)),
            suits,
        }
    }

    /// Days on which everyone is of the age for a product: a row without gaps, since nobody grows younger.
    fn days_of_age(&self, product: &Product, first: Date, days: usize) -> Range<usize> {
        let fits = |day: usize| self.ages_allow(product, day_after(first, day));
        let Some(last) = days.checked_sub(1) else { return 0..0 };
        if fits(0) && fits(last) {
            return 0..days;
        }
        let start = (0..days).find(|day| fits(*day)).unwrap_or(days);
        let end = (start..days).find(|day| !fits(*day)).unwrap_or(days);
        start..end
    }

    /// Days on which no later dose must be found, when this one is with `product`.
    fn days_alone(&self, product: &Product, first: Date, suits: &Range<usize>) -> Range<usize> {
        match self.later {
            LaterDose::None => suits.clone(),
            LaterDose::Wanted => 0..0,
            LaterDose::Stands { .. } => {
                let needs = |day: &usize| self.needs_later(product.id, day_after(first, *day));
                let start = suits.clone().find(|day| !needs(day)).unwrap_or(suits.end);
                let end = (start..suits.end).find(needs).unwrap_or(suits.end);
                start..end
            }
        }
    }

    /// The days of a site as the party sees them, in order, from counts in order of days.
    pub fn open_days(&self, days: &[DaySeats]) -> Vec<OpenDay> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Vec::new() };
        let length = days_between(first.day, last.day) + 1;
        let outlook = self.outlook(first.day, length);
        let mut free = vec![NO_SLOTS; length * outlook.products.len()];
        for one in days {
            let row = outlook.products.iter().position(|known| known.product == one.product);
            let at = row.map(|row| row * length + outlook.number_of(one.day));
            if let Some(seats) = at.and_then(|at| free.get_mut(at)) {
                *seats = i32::try_from(one.free).unwrap_or(i32::MAX);
            }
        }
        outlook.open_days(0, |row, day| free.get(row * length + day).copied().unwrap_or(NO_SLOTS))
    }
}

/// Days from `first` to `day`; 0 when it is earlier.
fn days_between(first: Date, day: Date) -> usize {
    usize::try_from((day - first).get_days()).unwrap_or(0)
}

fn day_after(first: Date, days: usize) -> Date {
    first.saturating_add(i64::try_from(days).unwrap_or(i64::MAX).min(100_000).days())
}
