//! A slot: a site, a vaccine, a start time and a number of seats; and how a party is seated in neighbouring slots.

use jiff::Timestamp;
use jiff::civil::Date;

use super::ids::{CampaignId, ProductId, SiteId, SlotId};

/// Minutes between the starts of two slots of a site.
pub const SLOT_MINUTES: u16 = 30;

/// The longest time between the first and the last of a party that is seated together, in minutes.
pub const NEIGHBOUR_MINUTES: i64 = 60;

/// A site, a vaccine, and a start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The row's id.
    pub id: SlotId,
    /// Where.
    pub site: SiteId,
    /// For which campaign.
    pub campaign: CampaignId,
    /// With which vaccine.
    pub product: ProductId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// The day it starts on, local to the site.
    pub local_date: Date,
}

/// The share of a slot's seats that one way in may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Lane {
    /// Citizens' own booking.
    Public = 0,
    /// Agents who book for callers.
    CallCentre = 1,
    /// People who walk in.
    WalkIn = 2,
    /// People who stand by for leftover doses.
    Leftover = 3,
    /// Seats that are kept for somebody whose clinic has closed; whoever takes one books a public seat.
    Kept = 4,
}

impl Lane {
    /// The lane of a number in the database.
    pub fn from_number(number: i16) -> Option<Self> {
        [Self::Public, Self::CallCentre, Self::WalkIn, Self::Leftover, Self::Kept]
            .into_iter()
            .find(|lane| lane.number() == number)
    }

    /// The number that stands for it in the database.
    pub fn number(self) -> i16 {
        self as i16
    }
}

/// A seat of a slot, of the share that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// The slot.
    pub slot: Slot,
    /// The share.
    pub lane: Lane,
}

/// How full one lane of a slot is, as of one version of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatCount {
    /// Seats the clinic decided on.
    pub seats: i32,
    /// Seats kept for people who check their answers.
    pub held: i32,
    /// Confirmed seats.
    pub booked: i32,
    /// Grows with every change, so that an older count never replaces a newer one.
    pub version: i64,
}

impl SeatCount {
    /// Seats that can still be given.
    pub fn free(&self) -> i32 {
        (self.seats - self.held - self.booked).max(0)
    }
}

/// A slot with the number of people it can still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSlot {
    /// The slot.
    pub slot: Slot,
    /// Free seats.
    pub free: u32,
}

/// Seats `people` together, beginning at the slot with index `first` of `slots` (one product, ascending start):
/// the same time when it has room for all, otherwise the times right after it. `None` when it can't be done within
/// [`NEIGHBOUR_MINUTES`].
pub fn seat_together(slots: &[FreeSlot], first: usize, people: usize) -> Option<Vec<SlotId>> {
    let begin = slots.get(first).filter(|slot| slot.free > 0)?.slot.starts_at;
    let near = slots.iter().skip(first).take_while(|candidate| {
        let away = candidate.slot.starts_at.as_second() - begin.as_second();
        away <= NEIGHBOUR_MINUTES * 60
    });
    let mut seats = Vec::with_capacity(people);
    for candidate in near {
        let wanted = people - seats.len();
        let given = wanted.min(usize::try_from(candidate.free).unwrap_or(usize::MAX));
        seats.extend(std::iter::repeat_n(candidate.slot.id, given));
        if seats.len() == people {
            return Some(seats);
        }
    }
    None
}

/// Indexes of up to `most` slots at which `people` can be seated together, the ones nearest to `wanted` first.
pub fn nearest_fits(slots: &[FreeSlot], wanted: Timestamp, people: usize, most: usize) -> Vec<usize> {
    let mut fits: Vec<usize> =
        (0..slots.len()).filter(|&index| seat_together(slots, index, people).is_some()).collect();
    fits.sort_by_key(|&index| {
        slots.get(index).map_or(i64::MAX, |near| (near.slot.starts_at.as_second() - wanted.as_second()).abs())
    });
    fits.truncate(most);
    fits
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn day(free: &[u32]) -> Vec<FreeSlot> {
        free.iter()
            .enumerate()
            .map(|(index, &free)| FreeSlot {
                slot: Slot {
                    id: SlotId(i64::try_from(index).unwrap()),
                    site: SiteId(1),
                    campaign: CampaignId(1),
                    product: ProductId(1),
                    starts_at: Timestamp::from_second(i64::try_from(index).unwrap() * 1800).unwrap(),
                    local_date: date(2026, 11, 24),
                },
                free,
            })
            .collect()
    }

    #[test]
    fn a_family_sits_at_the_same_time_when_there_is_room() {
        assert_eq!(seat_together(&day(&[0, 3, 1]), 1, 3), Some(vec![SlotId(1); 3]));
    }

    #[test]
    fn a_family_spreads_over_neighbouring_times() {
        assert_eq!(seat_together(&day(&[1, 0, 2]), 0, 3), Some(vec![SlotId(0), SlotId(2), SlotId(2)]));
        assert_eq!(seat_together(&day(&[1, 0, 1, 5]), 0, 3), None, "an hour and a half is not neighbouring");
    }

    #[test]
    fn the_nearest_times_that_fit_come_first() {
        let slots = day(&[2, 0, 1, 0, 0, 0, 2]);
        let wanted = Timestamp::from_second(2 * 1800).unwrap();
        assert_eq!(nearest_fits(&slots, wanted, 2, 5), vec![0, 6]);
    }

    proptest! {
        #[test]
        fn no_seat_is_given_twice(free in proptest::collection::vec(0u32..4, 1..20), first in 0usize..20, people in 1usize..7) {
            let slots = day(&free);
            if let Some(seats) = seat_together(&slots, first, people) {
                prop_assert_eq!(seats.len(), people);
                for slot in &slots {
                    let given = seats.iter().filter(|&&id| id == slot.slot.id).count();
                    prop_assert!(given <= slot.free as usize);
                }
            }
        }
    }
}
