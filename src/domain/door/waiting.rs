//! What a waiting page says: when somebody's turn is, and after how long the page looks again.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;

use super::place::{Place, Threshold};

/// The shortest time between two looks.
const REFRESH_MIN: Duration = Duration::from_secs(5);

/// The longest time between two looks, before it is spread, while no more wait than can look that often. The pace never
/// doubles [within one](super::session_cap).
const REFRESH_MAX: Duration = Duration::from_secs(600);

/// The longest time between two looks, however many wait.
const REFRESH_MAX_OF_CROWD: Duration = Duration::from_secs(4 * 600);

/// How many looks a second those may cause whose turn is far away: some tenth of the time of two cores.
const LOOKS_A_SECOND: f64 = 5_000.0;

/// How far intervals are spread to both sides, in thousandths, so that a crowd doesn't come back as one.
const SPREAD_PERMILLE: u64 = 100;

/// A turn that is further away than this is told to five minutes, a nearer one to the minute.
const FAR: Duration = Duration::from_secs(30 * 60);

const NEAR_SECONDS: i64 = 60;
const FAR_SECONDS: i64 = 5 * 60;

/// A turn that is further away than this is not told: until then the pace will be another.
const TOLD_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How the door opens at the moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Who may enter now.
    pub threshold: Threshold,
    /// How far the threshold rises in a second, as a fraction of all places.
    pub rate: f64,
}

/// When it is somebody's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// All these places may enter.
    Come,
    /// The first of these places may enter, the last not yet.
    Begun,
    /// At about this time all of them may enter: a whole minute, or whole five minutes when it is far away. It is
    /// rounded up, because who comes later than their turn still walks in, and who comes earlier waits.
    At(Timestamp),
    /// The door stands still, or it takes more than a day.
    Unknown,
}

impl Turn {
    /// The same when everybody may enter from this moment on.
    #[must_use]
    pub fn at_the_latest(self, end: Timestamp) -> Self {
        match self {
            Self::At(at) => Self::At(at.min(end)),
            Self::Come | Self::Begun | Self::Unknown => self,
        }
    }
}

impl Flow {
    /// When it is the turn of these places: of a whole group, or of one place from itself to itself.
    pub fn turn(&self, places: &RangeInclusive<Place>, now: Timestamp) -> Turn {
        if self.threshold.admits(*places.end()) {
            return Turn::Come;
        }
        if self.threshold.admits(*places.start()) {
            return Turn::Begun;
        }
        let wait = self.wait(*places.end()).filter(|wait| *wait <= TOLD_MAX);
        wait.and_then(|wait| rounded_up(now, wait)).map_or(Turn::Unknown, Turn::At)
    }

    /// How long somebody with this place still waits when the door goes on opening like now; `None` when it stands
    /// still, or for longer than can be counted.
    pub fn wait(&self, place: Place) -> Option<Duration> {
        let way = self.threshold.distance_to(place);
        if way == 0.0 {
            return Some(Duration::ZERO);
        }
        let moves = self.rate > 0.0;
        moves.then(|| Duration::try_from_secs_f64(way / self.rate).ok()).flatten()
    }
}

fn rounded_up(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    let unit = if wait > FAR { FAR_SECONDS } else { NEAR_SECONDS };
    let at = now.checked_add(wait).ok()?;
    // A part of a second is still to come, so its second is not yet over.
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let past = seconds.rem_euclid(unit);
    let whole = if past == 0 { seconds } else { seconds + unit - past };
    Timestamp::from_second(whole).ok()
}

/// The longest time between two looks while about so many people wait: 10 minutes up to 3 million, 20 up to 6 million,
/// else 40. It comes in steps, because each other time is another page.
///
/// Beyond 10 minutes the pace may double within one interval; whoever is far from their turn then may see only at their
/// next look that it has come earlier than they were told.
pub fn longest_interval(waiting: f64) -> Duration {
    let mut longest = REFRESH_MAX;
    while longest < REFRESH_MAX_OF_CROWD && waiting > longest.as_secs_f64() * LOOKS_A_SECOND {
        longest *= 2;
    }
    longest
}

/// After how many seconds a waiting page looks again: half of the remaining wait, at least 5 seconds and at most
/// `longest`, spread by 10 % to both sides (so 5 to 660 seconds while no more than 3 million wait), in whole seconds as a
/// page can say them.
///
/// Half of the remaining wait makes the number of looks of one person logarithmic in their wait. `salt` decides where in
/// the spread: everybody who is served the same bytes has the same, such as the group and the second mixed together.
/// While the door stands still, ask with the wait at the pace before, which it can only lengthen; `None` is the longest.
pub fn refresh_seconds(wait: Option<Duration>, longest: Duration, salt: u64) -> u64 {
    let half = wait.map_or(longest, |wait| wait / 2).clamp(REFRESH_MIN, longest.max(REFRESH_MIN));
    let permille = 1_000 - SPREAD_PERMILLE + mixed(salt) % (2 * SPREAD_PERMILLE + 1);
    // At most 2,400,000 milliseconds.
    (half.as_millis() as u64 * permille + 500_000) / 1_000_000
}

/// The finishing step of SplitMix64: numbers that are near each other become far apart.
fn mixed(salt: u64) -> u64 {
    let salt = salt.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let salt = (salt ^ (salt >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let salt = (salt ^ (salt >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    salt ^ (salt >> 31)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::door::place::Group;

    fn now() -> Timestamp {
        "2026-07-19T11:00:20.500Z".parse().unwrap()
    }

    /// A door that is half open and opens fully in so many seconds.
    fn flow(rest_seconds: f64) -> Flow {
        Flow { threshold: Threshold::at_fraction(0.5), rate: 0.5 / rest_seconds }
    }

    fn turn_of_the_last(rest_seconds: f64) -> String {
        match flow(rest_seconds).turn(&(Place::LAST..=Place::LAST), now()) {
            Turn::At(at) => at.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_near_turn_is_told_to_the_minute_and_a_far_one_to_five() {
        assert_eq!(turn_of_the_last(1.0), "2026-07-19T11:01:00Z");
        assert_eq!(turn_of_the_last(39.5), "2026-07-19T11:01:00Z");
        assert_eq!(turn_of_the_last(39.75), "2026-07-19T11:02:00Z");
        assert_eq!(turn_of_the_last(1_800.0), "2026-07-19T11:31:00Z");
        assert_eq!(turn_of_the_last(1_801.0), "2026-07-19T11:35:00Z");
        assert_eq!(turn_of_the_last(86_400.0), "2026-07-20T11:05:00Z");
        assert_eq!(turn_of_the_last(86_401.0), "Unknown");
    }

    #[test]
    fn nobody_is_told_a_turn_after_the_end() {
        let end: Timestamp = "2026-07-19T11:20:00Z".parse().unwrap();
        let told = |seconds| flow(seconds).turn(&(Place::LAST..=Place::LAST), now()).at_the_latest(end);
        assert_eq!(told(600.0), Turn::At("2026-07-19T11:11:00Z".parse().unwrap()));
        assert_eq!(told(6_000.0), Turn::At(end));
        assert_eq!(told(1e6), Turn::Unknown);
    }

    #[test]
    fn a_group_comes_as_a_whole() {
        let turn = |number| flow(512.0).turn(&Group::from_number(number).unwrap().places(), now());
        assert_eq!([1, 512].map(turn), [Turn::Come; 2]);
        // The last of the next group enters in one second of 512 groups' time.
        assert_eq!(turn(513), Turn::At("2026-07-19T11:01:00Z".parse().unwrap()));
        let middle = Flow {
            threshold: Threshold::up_to(*Group::from_number(513).unwrap().places().start()),
            ..flow(1.0)
        };
        assert_eq!(middle.turn(&Group::from_number(513).unwrap().places(), now()), Turn::Begun);
    }

    #[test]
    fn a_door_that_stands_still_promises_nothing() {
        for rate in [0.0, -1.0, f64::NAN, 1e-300] {
            let flow = Flow { rate, ..flow(1.0) };
            assert_eq!(flow.turn(&(Place::LAST..=Place::LAST), now()), Turn::Unknown, "{rate}");
            assert_eq!(flow.turn(&(Place::FIRST..=Place::FIRST), now()), Turn::Come);
        }
        assert_eq!(Flow { rate: 0.0, ..flow(1.0) }.wait(Place::LAST), None);
    }

    /// Looking every 20 seconds would be 720 times.
    #[test]
    fn hours_of_waiting_cost_a_few_dozen_looks() {
        let (mut rest, mut looks) = (4 * 3_600_u64, 0);
        while rest > 0 {
            rest = rest.saturating_sub(refresh_seconds(Some(Duration::from_secs(rest)), REFRESH_MAX, looks));
            looks += 1;
        }
        assert!((20..40).contains(&looks), "{looks}");
    }

    /// However many wait far from their turn, the looks of all of them stay what a small machine can answer.
    #[test]
    fn a_larger_crowd_looks_more_seldom() {
        let minutes = |waiting: f64| longest_interval(waiting).as_secs() / 60;
        assert_eq!([0.0, 3e6, 3.1e6, 6e6, 6.1e6, 12e6].map(minutes), [10, 10, 20, 20, 40, 40]);
        assert_eq!([f64::NAN, f64::INFINITY].map(minutes), [10, 40]);
        let near = Some(Duration::from_secs(60));
        assert_eq!(refresh_seconds(near, longest_interval(1e7), 0), refresh_seconds(near, REFRESH_MAX, 0));
    }

    #[test]
    fn near_salts_are_spread_over_the_whole_width() {
        let seconds: Vec<u64> = (0..2_000).map(|salt| refresh_seconds(None, REFRESH_MAX, salt)).collect();
        let mean = seconds.iter().sum::<u64>() / 2_000;
        assert_eq!((seconds.iter().min(), seconds.iter().max()), (Some(&540), Some(&660)));
        assert!((595..=605).contains(&mean), "{mean}");
    }

    proptest! {
        #[test]
        fn intervals_stay_in_their_limits(milliseconds in 0..100_000_000_u64, salt in any::<u64>()) {
            let seconds = refresh_seconds(Some(Duration::from_millis(milliseconds)), REFRESH_MAX, salt);
            prop_assert!((5..=660).contains(&seconds));
            let half = milliseconds as f64 / 2_000.0;
            if (10.0..600.0).contains(&half) {
                prop_assert!((seconds as f64 - half).abs() <= half * 0.1 + 0.5, "{} for {}", seconds, half);
            }
        }

        #[test]
        fn a_turn_is_never_past_and_at_most_five_minutes_late(
            threshold in 0.0..1.0_f64,
            place in any::<u64>(),
            rate in 1e-6..0.1_f64,
        ) {
            let (flow, place) = (Flow { threshold: Threshold::at_fraction(threshold), rate }, Place(place));
            let wait = SignedDuration::try_from(flow.wait(place).unwrap()).unwrap();
            if let Turn::At(at) = flow.turn(&(place..=place), now()) {
                let late = at.duration_since(now() + wait);
                prop_assert!((SignedDuration::ZERO..SignedDuration::from_mins(5)).contains(&late), "{}", late);
            }
        }
    }
}
