//! A booking: from a held seat to the vaccination, with the steps that are allowed between.

use jiff::Timestamp;

use super::ids::{BookingId, PersonId, SlotId};
use super::person::words;
use super::slot::SeatCount;

words! {
    /// Where a booking stands.
    BookingState {
        /// A seat is kept while the visitor checks their answers.
        Held = "held",
        /// Confirmed.
        Booked = "booked",
        /// The clinic closed; the seat went back, the claim stays.
        Displaced = "displaced",
        /// The person is at the clinic.
        Arrived = "arrived",
        /// Recorded as vaccinated.
        Vaccinated = "vaccinated",
        /// Recorded as not having come.
        NoShow = "no-show",
        /// Given up by the person or on their behalf.
        Cancelled = "cancelled",
        /// The hold ran out or was let go before it was confirmed.
        Expired = "expired",
    }
}

/// What can happen to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingStep {
    /// The visitor confirms.
    Confirm,
    /// The hold runs out or is let go.
    Expire,
    /// The person gives the seat up.
    Cancel,
    /// Another seat takes the place of this one.
    Swap,
    /// The clinic closes.
    Displace,
    /// The person arrives.
    CheckIn,
    /// The vaccination is recorded.
    Record,
    /// Somebody records that the person did not come.
    MarkNoShow,
    /// The last step at the clinic was a mistake.
    Undo,
}

impl BookingStep {
    /// Every step, for tests and documents.
    pub const ALL: [Self; 9] = [
        Self::Confirm,
        Self::Expire,
        Self::Cancel,
        Self::Swap,
        Self::Displace,
        Self::CheckIn,
        Self::Record,
        Self::MarkNoShow,
        Self::Undo,
    ];
}

impl BookingState {
    /// Where `step` leads; `None` when it is not allowed. ARCHITECTURE.md shows the same as a table.
    pub fn after(self, step: BookingStep) -> Option<Self> {
        use {BookingState as S, BookingStep as Step};
        Some(match (self, step) {
            (S::Held, Step::Confirm) => S::Booked,
            (S::Held, Step::Expire) => S::Expired,
            (S::Booked | S::Displaced, Step::Swap) => S::Booked,
            (S::Booked | S::Displaced, Step::Cancel) => S::Cancelled,
            (S::Booked, Step::Displace) => S::Displaced,
            (S::Booked | S::NoShow, Step::CheckIn) => S::Arrived,
            (S::Booked, Step::MarkNoShow) => S::NoShow,
            (S::Arrived, Step::Record) => S::Vaccinated,
            (S::Arrived | S::NoShow, Step::Undo) => S::Booked,
            (S::Vaccinated, Step::Undo) => S::Arrived,
            _ => return None,
        })
    }

    /// Whether it stands in the way of another booking for the same person, campaign and dose.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Booked | Self::Displaced | Self::Arrived | Self::Vaccinated)
    }

    /// Whether it counts as a confirmed seat of its slot.
    pub fn takes_booked_seat(self) -> bool {
        matches!(self, Self::Booked | Self::Arrived | Self::Vaccinated | Self::NoShow)
    }
}

/// One seat that a party asks for: who, which dose, where and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatWish {
    /// The person who is vaccinated.
    pub person: PersonId,
    /// Which dose, from 1.
    pub dose: u8,
    /// The slot.
    pub slot: SlotId,
}

/// Which transaction of which ledger writer changed something. The numbers of one writer grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// The writer.
    pub writer: i32,
    /// Its transaction.
    pub number: i64,
}

/// A count that a committed command left behind, for whoever keeps counts in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneChange {
    /// The transaction of the command.
    pub commit: Commit,
    /// The slot.
    pub slot: super::slot::Slot,
    /// The public lane's count after the command.
    pub after: SeatCount,
    /// How many free seats it gave back (positive) or took (negative).
    pub freed: i32,
}

/// Why a party could not be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldPartyError {
    /// A slot has too few free seats.
    #[error("the time has too few free seats")]
    SlotFull,
    /// The slot's start has passed.
    #[error("the time has passed")]
    SlotPassed,
    /// The slot does not exist, or not for this campaign or site.
    #[error("there is no such time at this site")]
    NoSuchSlot,
    /// A person of the party has this dose booked already.
    #[error("the person has a booking for this dose")]
    AlreadyBooked(PersonId),
    /// Somebody else holds or booked a seat for what is the same person by name, birth date and phone.
    #[error("the person can't be booked from this account")]
    BookedElsewhere(PersonId),
    /// The doses of a person are too close, too far apart, or with products that don't go together.
    #[error("the second dose does not keep the interval")]
    IntervalBroken(PersonId),
    /// The account would book for more distinct people in this campaign than it may.
    #[error("the account has booked for the most people it may")]
    TooManyPeople,
    /// The party is not held any more.
    #[error("the hold has run out")]
    HoldExpired,
    /// A person is not eligible now, or the product does not suit their age on that day.
    #[error("the person is not eligible")]
    NotEligible(PersonId),
}

/// Why a held party could not be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmPartyError {
    /// The hold ran out, or never was.
    #[error("the hold has run out")]
    HoldExpired,
    /// The campaign closed meanwhile.
    #[error("booking has ended")]
    Closed,
}

/// Why a hold could not be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtendHoldError {
    /// The hold ran out, or never was.
    #[error("the hold has run out")]
    HoldExpired,
    /// It was extended as often as it may be.
    #[error("the hold was extended as often as it may be")]
    TooOften,
}

/// Why seats could not be swapped. The old seats are kept whenever this is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwapSeatsError {
    /// The new slot is full.
    #[error("the new time is full")]
    SlotFull,
    /// The new slot has passed.
    #[error("the new time has passed")]
    SlotPassed,
    /// The slot does not exist for this campaign.
    #[error("there is no such time")]
    NoSuchSlot,
    /// The booking changed since the page was shown.
    #[error("the booking was changed meanwhile")]
    ChangedMeanwhile,
    /// The booking's state, or the clock, does not allow it any more.
    #[error("the booking can't be changed any more")]
    TooLate,
    /// The doses would be too close, too far apart, or of products that don't go together.
    #[error("the doses would not keep the interval")]
    IntervalBroken,
    /// The product does not suit the person's age on the new day.
    #[error("the vaccine does not suit the person's age")]
    NotEligible,
}

/// Why bookings could not be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelBookingsError {
    /// The booking's state, or the clock, does not allow it any more.
    #[error("the booking can't be cancelled any more")]
    TooLate(BookingId),
    /// It changed since the page was shown.
    #[error("the booking was changed meanwhile")]
    ChangedMeanwhile,
}

/// How long a hold lasts and how often it may be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRules {
    /// Minutes a seat is kept, from the hold and from each extension.
    pub hold_minutes: u16,
    /// Extensions allowed; WCAG 2.2.1 asks for at least ten.
    pub extensions_max: u16,
    /// Distinct people one account may book for in one campaign, removed ones included.
    pub people_max: u16,
}

impl HoldRules {
    /// When a hold made or extended at `now` ends.
    pub fn ends_at(&self, now: Timestamp) -> Timestamp {
        now + jiff::SignedDuration::from_mins(i64::from(self.hold_minutes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_read_back() {
        for state in BookingState::ALL {
            assert_eq!(BookingState::from_word(state.as_str()), Some(*state));
        }
    }

    #[test]
    fn nothing_leaves_an_end() {
        for end in [BookingState::Cancelled, BookingState::Expired] {
            for step in BookingStep::ALL {
                assert_eq!(end.after(step), None);
            }
        }
    }

    proptest! {
        #[test]
        fn any_walk_keeps_the_meaning_of_states(steps in proptest::collection::vec(0usize..9, 0..30)) {
            let mut state = BookingState::Held;
            let mut confirmed = false;
            for index in steps {
                let step = BookingStep::ALL[index];
                if let Some(next) = state.after(step) {
                    confirmed |= step == BookingStep::Confirm;
                    state = next;
                }
                prop_assert!(confirmed || !state.is_live(), "only a confirmed booking is live");
                prop_assert!(state != BookingState::Held || !confirmed, "a booking never goes back to held");
                prop_assert!(!state.takes_booked_seat() || confirmed);
            }
        }
    }
}
