//! Typed ids, so that a slot's number can't be handed over as a person's, and the maker of new ones.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(
            /// The number in the database, positive and of 63 bits.
            pub i64,
        );

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A place that vaccinates.
    SiteId;
    /// One vaccination programme.
    CampaignId;
    /// The moment a campaign, or a birth cohort of it, starts taking bookings.
    OpeningId;
    /// A vaccine as it is delivered and recorded.
    ProductId;
    /// A site, a vaccine, a start time and a number of seats.
    SlotId;
    /// A verified phone number.
    AccountId;
    /// Someone who is vaccinated.
    PersonId;
    /// Several people booked together.
    PartyId;
    /// One person in one campaign, with its doses in order.
    CourseId;
    /// A seat held or confirmed for one person and dose.
    BookingId;
    /// A one-time code asked for by one browser.
    ChallengeId;
    /// A message waiting to be sent.
    OutboxId;
    /// Someone who works at a site, the call centre or the authority.
    StaffId;
    /// Vaccine that a site received under one number.
    LotId;
    /// Somebody's wish to be told of leftover doses.
    StandbyId;
    /// Doses left over at a site.
    LeftoverId;
    /// A leftover dose offered to somebody.
    OfferId;
    /// Hours in which a site gives no vaccinations.
    ClosingId;
    /// The bond between an account and a person it cares for.
    CareId;
}

/// 2024-01-01T00:00Z in milliseconds of Unix time: ids count from here.
const EPOCH_MILLISECONDS: i64 = 1_704_067_200_000;

const MILLISECOND_BITS: u32 = 41;
const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;

const LAST_MILLISECOND: u64 = (1 << MILLISECOND_BITS) - 1;
const LAST_NODE: u16 = (1 << NODE_BITS) - 1;
const LAST_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;

/// Makes ids of 63 bits that grow with time: 41 bits of milliseconds since 2024 (enough until 2093), 10 bits of node,
/// 12 bits of sequence. Any thread may ask; nobody waits.
///
/// When the clock goes back, or more than 4,096 ids are asked for in one millisecond, the maker borrows milliseconds
/// from the future: it goes on counting from the last id, and the clock catches up later. So ids of one maker are
/// unique and strictly increasing always, and their instant is only roughly the time they were made.
///
/// Two makers must never share a node number at the same time, and a number is given again only when the clock has
/// passed the last id made under it; the node lease sees to both.
#[derive(Debug)]
pub struct IdMaker {
    node: u16,
    /// Milliseconds and sequence of the last id, side by side, so that one atomic step moves both.
    last: AtomicU64,
}

impl IdMaker {
    /// A maker for the node of this number, 0 to 1023. Of higher numbers only the low 10 bits count.
    pub fn new(node: u16) -> Self {
        Self { node: node & LAST_NODE, last: AtomicU64::new(0) }
    }

    /// A new id, greater than every one this maker gave before. Times before 2024 count as its first millisecond.
    pub fn next(&self, now: Timestamp) -> i64 {
        let since = now.as_millisecond().saturating_sub(EPOCH_MILLISECONDS);
        let milliseconds = u64::try_from(since).unwrap_or(0).min(LAST_MILLISECOND);
        let earliest = milliseconds << SEQUENCE_BITS;
        let step = |last: u64| earliest.max(last + 1);
        // No other memory hangs on this number, so the order of the steps on it is all that counts.
        let given = step(self.last.update(Ordering::Relaxed, Ordering::Relaxed, step));
        let (milliseconds, sequence) = (given >> SEQUENCE_BITS, given & LAST_SEQUENCE);
        let moved = (milliseconds & LAST_MILLISECOND) << NODE_BITS | u64::from(self.node);
        (moved << SEQUENCE_BITS | sequence).cast_signed()
    }

    /// About when an id was made, to the millisecond: later than in truth if the maker had borrowed.
    pub fn instant_of(id: i64) -> Timestamp {
        let milliseconds = id.max(0) >> (NODE_BITS + SEQUENCE_BITS);
        // 41 bits of milliseconds end in 2093, far inside what a timestamp can hold.
        Timestamp::from_millisecond(EPOCH_MILLISECONDS + milliseconds).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    fn evening() -> Timestamp {
        "2026-07-19T11:00:00.123Z".parse().unwrap()
    }

    #[test]
    fn an_id_is_its_number_in_text_and_json() {
        let site = SiteId(42);
        assert_eq!(site.to_string(), "42");
        assert_eq!("42".parse(), Ok(site));
        assert!("4x".parse::<SiteId>().is_err());
        assert_eq!(serde_json::to_string(&site).unwrap(), "42");
        assert_eq!(serde_json::from_str::<SiteId>("42").unwrap(), site);
    }

    #[test]
    fn the_count_begins_with_2024() {
        let start: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(start.as_millisecond(), EPOCH_MILLISECONDS);
        assert_eq!(IdMaker::instant_of(0), start);
        assert_eq!(MILLISECOND_BITS + NODE_BITS + SEQUENCE_BITS, 63);
        assert_eq!(IdMaker::instant_of(i64::MAX).to_string(), "2093-09-06T15:47:35.551Z");
    }

    #[test]
    fn an_id_tells_its_instant_and_its_node() {
        let id = IdMaker::new(1023).next(evening());
        assert_eq!(IdMaker::instant_of(id), evening());
        assert_eq!(id >> SEQUENCE_BITS & i64::from(LAST_NODE), 1023);
    }

    #[test]
    fn a_crowded_millisecond_borrows_from_the_next() {
        let maker = IdMaker::new(0);
        let ids: Vec<i64> = (0..10_000).map(|_| maker.next(evening())).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert_eq!(IdMaker::instant_of(ids[4_095]), evening());
        assert_eq!(IdMaker::instant_of(ids[4_096]), evening() + 1.millisecond());
    }

    #[test]
    fn threads_never_get_the_same_id() {
        let maker = IdMaker::new(7);
        let batches: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let draw = || (0..20_000).map(|_| maker.next(evening())).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(batches.iter().all(|batch| batch.is_sorted_by(|one, next| one < next)));
        assert_eq!(batches.iter().flatten().collect::<HashSet<_>>().len(), 80_000);
    }

    proptest! {
        #[test]
        fn ids_grow_whatever_the_clock_does(
            node in any::<u16>(),
            milliseconds in prop::collection::vec(-2_000_000_000_000..9_000_000_000_000_i64, 1..50),
        ) {
            let maker = IdMaker::new(node);
            let mut last = 0;
            // The end of the 41 bits is where growing ends, too.
            for at in milliseconds.into_iter().map(|at| at.min(3_900_000_000_000)) {
                let id = maker.next(Timestamp::from_millisecond(at).unwrap());
                prop_assert!(id > last);
                last = id;
            }
        }

        #[test]
        fn nodes_never_make_the_same_id(one in 0..1024_u16, other in 0..1024_u16, count in 1..20_usize) {
            prop_assume!(one != other);
            let [one, other] = [one, other].map(|node| {
                let maker = IdMaker::new(node);
                (0..count).map(|_| maker.next(evening())).collect::<HashSet<_>>()
            });
            prop_assert!(one.is_disjoint(&other));
        }

        #[test]
        fn a_later_moment_gives_a_greater_id_on_any_node(one in 0..1024_u16, other in 0..1024_u16, gap in 1..1_000_i64) {
            let earlier = IdMaker::new(one).next(evening());
            prop_assert!(IdMaker::new(other).next(evening() + gap.milliseconds()) > earlier);
        }
    }
}
