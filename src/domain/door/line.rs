//! The line: whoever comes first has the earlier place. For any busy hour that was not drawn.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};

use super::place::{Group, Place, Threshold};

/// Low bits of a place that chance gives; those above are milliseconds since 1970, enough until the year 2109.
pub const CHANCE_BITS: u32 = 22;

const CHANCE: u64 = (1 << CHANCE_BITS) - 1;
const LAST_MILLISECOND: u64 = u64::MAX >> CHANCE_BITS;
const MINUTE_MILLISECONDS: u64 = 60_000;

/// The place of somebody who came at this moment of the server's clock. `chance` is random, and of it the low 22 bits
/// count: they order those who came in the same millisecond, so that no queue of the server does.
///
/// Two people may have the same place (about one pair in four million of the same millisecond); they enter together.
pub fn place_on_arrival(at: Timestamp, chance: u64) -> Place {
    Place(milliseconds(at) << CHANCE_BITS | (chance & CHANCE))
}

/// When somebody with this place came, to the millisecond.
pub fn arrival(place: Place) -> Timestamp {
    moment(place.0 >> CHANCE_BITS)
}

/// The threshold that admits everybody who came at this moment or before it.
pub fn cut_off(at: Timestamp) -> Threshold {
    Threshold::up_to(place_on_arrival(at, CHANCE))
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0).min(LAST_MILLISECOND)
}

fn moment(milliseconds: u64) -> Timestamp {
    let since = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    // 42 bits of milliseconds end in 2109, far inside what a timestamp can hold.
    Timestamp::from_millisecond(since).unwrap_or(Timestamp::MAX)
}

/// One line, from when it began.
///
/// Its groups are minutes. A line that is longer than 1,024 minutes (17 hours) has everybody who comes later in its last
/// group, and whoever has a place from before it began (the clock was set back) is in its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    began: Timestamp,
}

impl Line {
    /// A line that began at this moment.
    pub fn new(began: Timestamp) -> Self {
        Self { began }
    }

    /// When it began.
    pub fn began(self) -> Timestamp {
        self.began
    }

    /// The minute in which somebody with this place came, counted from when the line began.
    pub fn group(&self, place: Place) -> Group {
        let since = (place.0 >> CHANCE_BITS).saturating_sub(milliseconds(self.began));
        Group::at_most(since / MINUTE_MILLISECONDS)
    }

    /// The places of a group. Together the groups have all places, so its first begins before the line does.
    pub fn places(&self, group: Group) -> RangeInclusive<Place> {
        let minute = self.minute(group);
        let first = if group.index() == 0 { Place::FIRST } else { *minute.start() };
        first..=*minute.end()
    }

    /// The first place that was given to a group.
    pub fn first(&self, group: Group) -> Place {
        *self.minute(group).start()
    }

    /// The places that are given in a group's minute; the last group's goes on for ever.
    pub(super) fn minute(&self, group: Group) -> RangeInclusive<Place> {
        let first = self.minute_begins(group.index());
        let last = if group == Group::LAST {
            Place::LAST
        } else {
            Place(self.minute_begins(group.index() + 1).0.saturating_sub(1))
        };
        first..=last
    }

    fn minute_begins(&self, index: u16) -> Place {
        let minutes = SignedDuration::from_mins(i64::from(index));
        place_on_arrival(self.began.checked_add(minutes).unwrap_or(Timestamp::MAX), 0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    fn evening() -> Timestamp {
        "2026-07-19T11:00:00.123Z".parse().unwrap()
    }

    #[test]
    fn a_place_tells_when_somebody_came() {
        let place = place_on_arrival(evening(), 5);
        assert_eq!(arrival(place), evening());
        assert_eq!(place.0 & CHANCE, 5);
        assert_eq!(arrival(Place::LAST).to_string(), "2109-05-15T07:35:11.103Z");
        assert_eq!(place_on_arrival("1969-12-31T00:00:00Z".parse().unwrap(), 0), Place::FIRST);
        assert_eq!(place_on_arrival(Timestamp::MAX, u64::MAX), Place::LAST);
    }

    #[test]
    fn a_cut_off_admits_its_whole_millisecond_and_nobody_after() {
        let threshold = cut_off(evening());
        assert!(threshold.admits(place_on_arrival(evening(), u64::MAX)));
        assert!(!threshold.admits(place_on_arrival(evening() + 1.millisecond(), 0)));
    }

    #[test]
    fn a_group_is_a_minute() {
        let line = Line::new(evening());
        for (after, number) in [
            ((-5).minutes(), 1),
            (0.minutes(), 1),
            (59_999.milliseconds(), 1),
            (1.minute(), 2),
            (1_023.minutes(), 1_024),
            (9_999.minutes(), 1_024),
        ] {
            let place = place_on_arrival(evening() + after, 77);
            assert_eq!(line.group(place).number(), number, "{after}");
        }
    }

    proptest! {
        #[test]
        fn whoever_comes_first_has_the_earlier_place(
            first in 0..4_398_046_511_000_i64,
            gap in 1..100_i64,
            chances in any::<[u64; 2]>(),
        ) {
            let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
            let (one, other) = (place_on_arrival(at(first), chances[0]), place_on_arrival(at(first + gap), chances[1]));
            prop_assert!(one < other);
            prop_assert_eq!(arrival(one), at(first));
        }

        #[test]
        fn every_place_is_in_its_group_and_in_no_other(place in any::<u64>(), near in 0..70_000_000_u64, other in 1..=1024_u16) {
            let line = Line::new(evening());
            let other = Group::from_number(other).unwrap();
            for place in [Place(place), Place(place_on_arrival(evening(), 0).0 + (near << CHANCE_BITS))] {
                prop_assert!(line.places(line.group(place)).contains(&place));
                prop_assert_eq!(line.places(other).contains(&place), line.group(place) == other);
            }
        }
    }
}
