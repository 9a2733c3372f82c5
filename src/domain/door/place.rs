//! A place is a number; the door publishes a threshold. Whoever's place is not above it may enter.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// How many places there are, 2^64.
const PLACES: u128 = 1 << 64;

/// Into how many groups all places are divided. Everybody in a group gets the same waiting page.
pub const GROUPS: u16 = 1 << GROUP_BITS;

const GROUP_BITS: u32 = 10;

/// Hexadecimal digits that write a place.
const DIGITS: usize = 16;

/// Somebody's position at the door: the smaller, the earlier. Written as 16 hexadecimal digits, so that places in
/// texts are in the same order as places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub u64);

/// The text is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a place has 16 hexadecimal digits")]
pub struct PlaceError;

impl Place {
    /// The first of all places.
    pub const FIRST: Self = Self(0);

    /// The last of all places.
    pub const LAST: Self = Self(u64::MAX);

    /// The group of a place that was drawn: its top 10 bits. A line has [other groups](super::line::Line::group).
    pub fn group(self) -> Group {
        // Ten bits fit into sixteen.
        Group((self.0 >> (u64::BITS - GROUP_BITS)) as u16)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        // The standard library would also take a plus sign.
        let plain = text.len() == DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = plain.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(PlaceError)
    }
}

/// People who wait together, because their places are near each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(u16);

impl Group {
    /// The last group.
    pub const LAST: Self = Self(GROUPS - 1);

    /// The group with this index from 0; the last one for any index beyond it.
    pub fn at_most(index: u64) -> Self {
        u16::try_from(index).map_or(Self::LAST, |index| Self(index.min(Self::LAST.0)))
    }

    /// The group that people call by this number, 1 to 1,024.
    pub fn from_number(number: u16) -> Option<Self> {
        let index = number.checked_sub(1)?;
        (index < GROUPS).then_some(Self(index))
    }

    /// Its number as people read it, 1 to 1,024.
    pub fn number(self) -> u16 {
        self.0 + 1
    }

    /// Its index from 0.
    pub fn index(self) -> u16 {
        self.0
    }

    /// The places of a group of a draw. A line has [others](super::line::Line::places).
    pub fn places(self) -> RangeInclusive<Place> {
        let shift = u64::BITS - GROUP_BITS;
        let first = u64::from(self.0) << shift;
        Place(first)..=Place(first | (u64::MAX >> GROUP_BITS))
    }
}

/// How far the door is open. It only grows while an opening runs: whoever could enter once can enter from then on.
///
/// It is the last place that may enter. That nobody may enter is a value of its own, because place 0 is a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(Option<Place>);

impl Threshold {
    /// Nobody may enter.
    pub const CLOSED: Self = Self(None);

    /// Everybody may enter.
    pub const OPEN: Self = Self(Some(Place::LAST));

    /// Everybody up to and including `last` may enter.
    pub fn up_to(last: Place) -> Self {
        Self(Some(last))
    }

    /// The threshold below which this fraction of all places lies; what is outside [0, 1] is taken as its end, and what
    /// is no number as 0.
    pub fn at_fraction(fraction: f64) -> Self {
        // Conversions from floating point saturate, so the product may be anything.
        let admitted = ((fraction * PLACES as f64) as u128).min(PLACES);
        let last = admitted.checked_sub(1).and_then(|last| u64::try_from(last).ok());
        Self(last.map(Place))
    }

    /// Whether somebody with this place may enter.
    pub fn admits(self, place: Place) -> bool {
        Some(place) <= self.0
    }

    /// The last place that may enter; `None` when nobody may.
    pub fn last(self) -> Option<Place> {
        self.0
    }

    /// Opens the door as far as `other`; never closes it.
    pub fn raise_to(&mut self, other: Self) {
        *self = (*self).max(other);
    }

    /// The fraction of all places that may enter, in [0, 1].
    pub fn fraction(self) -> f64 {
        self.admitted() as f64 / PLACES as f64
    }

    /// How far it must still rise until `place` may enter, as a fraction of all places; 0 when it may already.
    pub fn distance_to(self, place: Place) -> f64 {
        let missing = (u128::from(place.0) + 1).saturating_sub(self.admitted());
        missing as f64 / PLACES as f64
    }

    /// How many places may enter.
    fn admitted(self) -> u128 {
        self.0.map_or(0, |last| u128::from(last.0) + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn threshold() -> impl Strategy<Value = Threshold> {
        any::<Option<u64>>().prop_map(|last| Threshold(last.map(Place)))
    }

    #[test]
    fn a_closed_door_admits_nobody_and_an_open_one_everybody() {
        for place in [Place::FIRST, Place(1), Place::LAST] {
            assert!(!Threshold::CLOSED.admits(place));
            assert!(Threshold::OPEN.admits(place));
        }
        assert!(Threshold::up_to(Place::FIRST).admits(Place::FIRST));
        assert!(!Threshold::up_to(Place::FIRST).admits(Place(1)));
        assert_eq!([Threshold::CLOSED.fraction(), Threshold::OPEN.fraction()], [0.0, 1.0]);
        assert!(Threshold::CLOSED < Threshold::up_to(Place::FIRST));
    }

    #[test]
    fn odd_fractions_are_taken_as_the_nearest_end() {
        for (fraction, threshold) in [
            (0.0, Threshold::CLOSED),
            (-1.0, Threshold::CLOSED),
            (f64::NEG_INFINITY, Threshold::CLOSED),
            (f64::NAN, Threshold::CLOSED),
            (1.0, Threshold::OPEN),
            (7.0, Threshold::OPEN),
            (f64::INFINITY, Threshold::OPEN),
            (0.5, Threshold::up_to(Place(u64::MAX / 2))),
        ] {
            assert_eq!(Threshold::at_fraction(fraction), threshold, "{fraction}");
        }
    }

    #[test]
    fn a_place_is_read_only_as_it_is_written() {
        assert_eq!(Place(0xab).to_string(), "00000000000000ab");
        assert_eq!("FFFFFFFFFFFFFFFF".parse(), Ok(Place::LAST));
        for text in ["", "ab", "+0000000000000ab", "00000000000000ag", "000000000000000ab", "가나다라마 "]
        {
            assert_eq!(text.parse::<Place>(), Err(PlaceError), "{text}");
        }
    }

    #[test]
    fn groups_are_counted_from_one_for_people() {
        assert_eq!([Place::FIRST.group().number(), Place::LAST.group().number()], [1, 1_024]);
        assert_eq!(Group::from_number(1_024), Some(Group::LAST));
        assert_eq!([0, 1_025].map(Group::from_number), [None, None]);
        assert_eq!([1_023, 1_024, u64::MAX].map(Group::at_most), [Group::LAST; 3]);
    }

    proptest! {
        #[test]
        fn texts_are_in_the_order_of_places(one in any::<u64>(), other in any::<u64>()) {
            let (one, other) = (Place(one), Place(other));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.to_string().cmp(&other.to_string()), one.cmp(&other));
            prop_assert!(one.group().places().contains(&one));
            prop_assert_eq!(one.group() == other.group(), one.group().places().contains(&other));
        }

        #[test]
        fn it_only_grows(mut threshold in threshold(), other in threshold(), place in any::<u64>().prop_map(Place)) {
            let before = threshold;
            threshold.raise_to(other);
            prop_assert_eq!(threshold.admits(place), before.admits(place) || other.admits(place));
            prop_assert!(threshold.fraction() >= before.fraction());
        }

        #[test]
        fn fractions_lead_back(fraction in 0.0..=1.0_f64) {
            prop_assert!((Threshold::at_fraction(fraction).fraction() - fraction).abs() < 1e-15);
        }

        #[test]
        fn whoever_may_enter_has_no_way_to_go(threshold in threshold(), place in any::<u64>().prop_map(Place)) {
            let way = threshold.distance_to(place);
            prop_assert_eq!(threshold.admits(place), way == 0.0);
            let further = Threshold::up_to(place).fraction() - threshold.fraction();
            prop_assert!((way - further.max(0.0)).abs() < 1e-12);
        }
    }
}
