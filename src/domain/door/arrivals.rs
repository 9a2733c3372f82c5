//! How many came to a line in each of its minutes, so that a threshold lets in so many people and not so much time.

use std::fmt;

use jiff::Timestamp;

use super::line::{Line, cut_off};
use super::place::{GROUPS, Group, Place, Threshold};
use super::waiting::Flow;

/// Bytes of a count.
const COUNT_BYTES: usize = 4;

/// Tickets that a line handed out, counted by its groups. Within a group they are taken as evenly spread, which is wrong
/// by less than a minute.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrivals {
    line: Line,
    counts: Box<[u32; GROUPS as usize]>,
}

/// The bytes are no counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the counts of a line have 4,096 bytes")]
pub struct ArrivalsError;

impl Arrivals {
    /// A line that nobody has come to.
    pub fn new(line: Line) -> Self {
        Self { line, counts: Box::new([0; GROUPS as usize]) }
    }

    /// The counts of a line as [`to_bytes`](Self::to_bytes) wrote them.
    pub fn from_bytes(line: Line, bytes: &[u8]) -> Result<Self, ArrivalsError> {
        let (counts, rest) = bytes.as_chunks::<COUNT_BYTES>();
        let counts: &[_; GROUPS as usize] = counts.try_into().map_err(|_says_nothing| ArrivalsError)?;
        let whole = rest.is_empty();
        whole.then(|| Self { line, counts: Box::new(counts.map(u32::from_be_bytes)) }).ok_or(ArrivalsError)
    }

    /// The bytes for the database, 4 for each group, big endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.counts.iter().flat_map(|count| count.to_be_bytes()).collect()
    }

    /// The line that they came to.
    pub fn line(&self) -> Line {
        self.line
    }

    /// How many came.
    pub fn all(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// Counts those too that came elsewhere, such as to another node.
    pub fn add(&mut self, others: &Self) {
        for (count, more) in self.counts.iter_mut().zip(others.counts.iter()) {
            *count = count.saturating_add(*more);
        }
    }

    /// Counts a ticket that was handed out.
    pub fn join(&mut self, place: Place) {
        let count = &mut self.counts[usize::from(self.line.group(place).index())];
        *count = count.saturating_add(1);
    }

    /// About how many came until `now` and still wait above the threshold.
    pub fn above(&self, threshold: Threshold, now: Timestamp) -> f64 {
        self.up_to(Place::LAST, threshold, now)
    }

    /// About how many of them have no later place than this one.
    fn up_to(&self, last: Place, threshold: Threshold, now: Timestamp) -> f64 {
        self.groups().map(|group| self.waiting_in(group, last, threshold, now)).sum()
    }

    /// How the line opens for somebody with this place while so many people are let in a second: a flow that comes to them
    /// when all before them are in. People come in bursts, so that time of arrival alone would tell a wrong turn.
    pub fn flow_to(&self, place: Place, threshold: Threshold, people_a_second: f64, now: Timestamp) -> Flow {
        // They are one of them, counted already or not.
        let people = self.up_to(place, threshold, now).max(1.0);
        Flow { threshold, rate: threshold.distance_to(place) * people_a_second / people }
    }

    /// The threshold that lets in so many more. It is at most `now`: whoever comes later is not let in before they come,
    /// and a line ends only when somebody ends it.
    pub fn raised(&self, threshold: Threshold, let_in: f64, now: Timestamp) -> Threshold {
        let (mut next, mut rest) = (threshold, let_in);
        for group in self.groups() {
            let waiting = self.waiting_in(group, Place::LAST, threshold, now);
            let Some((from, to)) = self.stretch(group, threshold, now) else { continue };
            if rest < waiting {
                // Conversions from floating point saturate, and a negative rest is nobody.
                let further = (rest / waiting * (to - from) as f64) as u64;
                let last = from.saturating_add(further).checked_sub(1).map(Place);
                last.into_iter().for_each(|last| next.raise_to(Threshold::up_to(last)));
                return next;
            }
            rest -= waiting;
        }
        if let_in > 0.0 {
            next.raise_to(cut_off(now));
        }
        next
    }

    fn waiting_in(&self, group: Group, last: Place, threshold: Threshold, now: Timestamp) -> f64 {
        let count = f64::from(self.counts[usize::from(group.index())]);
        match (self.stretch(group, threshold, now), self.stretch(group, Threshold::CLOSED, now)) {
            (Some((from, to)), Some((first, _))) => {
                let before = to.min(last.0.saturating_add(1)).saturating_sub(from);
                count * (before as f64 / (to - first) as f64)
            }
            _ => 0.0,
        }
    }

    /// Which places of a group have been given until `now` and are above the threshold, from the first to the one behind
    /// the last; `None` when there are none.
    fn stretch(&self, group: Group, threshold: Threshold, now: Timestamp) -> Option<(u64, u64)> {
        let behind = |threshold: Threshold| threshold.last().map_or(0, |last| last.0.saturating_add(1));
        let places = self.line.minute(group);
        let from = places.start().0.max(behind(threshold));
        let to = places.end().0.saturating_add(1).min(behind(cut_off(now)));
        (from < to).then_some((from, to))
    }

    fn groups(&self) -> impl Iterator<Item = Group> {
        (0..u64::from(GROUPS)).map(Group::at_most)
    }
}

impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arrivals({} to {:?})", self.all(), self.line)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    use super::super::line::place_on_arrival;
    use super::*;

    fn evening() -> Timestamp {
        "2026-07-19T11:00:00.123Z".parse().unwrap()
    }

    fn after(seconds: f64) -> Timestamp {
        evening() + SignedDuration::from_secs_f64(seconds)
    }

    /// People who come one after the other, at these times after the line began.
    fn arrivals(seconds: impl IntoIterator<Item = f64>) -> Arrivals {
        let mut arrivals = Arrivals::new(Line::new(evening()));
        seconds.into_iter().for_each(|seconds| arrivals.join(place_on_arrival(after(seconds), 0)));
        arrivals
    }

    #[test]
    fn whoever_came_first_is_let_in_first() {
        // A thousand in the first ten seconds, and no more.
        let crowd = arrivals((0..1_000).map(|number| f64::from(number) / 100.0));
        let now = after(10.0);
        let threshold = crowd.raised(Threshold::CLOSED, 100.0, now);
        assert!(threshold.admits(place_on_arrival(after(0.98), 0)));
        assert!(!threshold.admits(place_on_arrival(after(1.02), 0)));
        assert!((crowd.above(threshold, now) - 900.0).abs() < 1.0);
        assert_eq!(crowd.raised(threshold, 0.0, now), threshold);
        assert_eq!(crowd.raised(threshold, f64::NAN, now), threshold);
    }

    #[test]
    fn a_line_is_let_in_up_to_now_and_never_beyond() {
        let crowd = arrivals([1.0, 61.0]);
        let threshold = crowd.raised(Threshold::CLOSED, 2.0, after(90.0));
        assert_eq!(threshold, cut_off(after(90.0)));
        assert_eq!(crowd.above(threshold, after(90.0)), 0.0);
        let nobody = Arrivals::new(Line::new(evening()));
        assert_eq!(nobody.raised(Threshold::CLOSED, 1.0, after(5.0)), cut_off(after(5.0)));
        assert_eq!(nobody.raised(Threshold::CLOSED, 0.0, after(5.0)), Threshold::CLOSED);
        assert_eq!(nobody.raised(Threshold::OPEN, 1.0, after(5.0)), Threshold::OPEN);
    }

    #[test]
    fn minutes_in_which_nobody_came_are_passed_over() {
        let crowd = arrivals([1.0, 3_601.0, 3_602.0]);
        let threshold = crowd.raised(Threshold::CLOSED, 1.5, after(3_660.0));
        assert!(threshold.admits(place_on_arrival(after(3_599.0), 0)));
        assert!(!threshold.admits(place_on_arrival(after(3_659.0), 0)));
    }

    #[test]
    fn a_turn_is_told_by_the_people_before_and_not_by_the_time_they_took_to_come() {
        // A thousand in the first second, and one a minute later.
        let crowd = arrivals((0..1_000).map(|number| f64::from(number) / 1_000.0).chain([60.5]));
        let (now, last) = (after(61.0), place_on_arrival(after(60.5), 0));
        let wait = |place, threshold| {
            let flow = crowd.flow_to(place, threshold, 10.0, now);
            flow.wait(place).map(|wait| wait.as_secs_f64())
        };
        assert!((99.0..=101.0).contains(&wait(last, Threshold::CLOSED).unwrap()));
        let half = wait(place_on_arrival(after(30.0), 0), Threshold::CLOSED).unwrap();
        assert!((45.0..=55.0).contains(&half), "within a minute they are taken as evenly spread: {half}");
        assert_eq!(wait(last, cut_off(after(60.6))), Some(0.0));
        assert!(wait(last, cut_off(after(60.0))).unwrap() <= 0.1, "nobody else is before them");
        let still = crowd.flow_to(last, Threshold::CLOSED, 0.0, now);
        assert_eq!(still.wait(last), None);
    }

    #[test]
    fn those_of_another_node_are_added() {
        let mut crowd = arrivals([1.0, 61.0]);
        crowd.add(&arrivals([2.0, 3_601.0]));
        assert_eq!(crowd, arrivals([1.0, 2.0, 61.0, 3_601.0]));
        assert_eq!(crowd.all(), 4);
    }

    #[test]
    fn counts_are_kept_as_bytes() {
        let crowd = arrivals([1.0, 2.0, 61.0, 99_999.0]);
        let bytes = crowd.to_bytes();
        assert_eq!(Arrivals::from_bytes(Line::new(evening()), &bytes), Ok(crowd));
        assert_eq!(Arrivals::from_bytes(Line::new(evening()), &bytes[1..]), Err(ArrivalsError));
        assert_eq!(Arrivals::from_bytes(Line::new(evening()), &[0; 4_097]), Err(ArrivalsError));
    }

    proptest! {
        #[test]
        fn it_never_falls_and_lets_in_about_as_many_as_asked(
            seconds in prop::collection::vec(0.0..300.0_f64, 0..200),
            steps in prop::collection::vec(-1.0..30.0_f64, 1..20),
        ) {
            let (crowd, now) = (arrivals(seconds), after(300.0) + 1.millisecond());
            let mut threshold = Threshold::CLOSED;
            for let_in in steps {
                let next = crowd.raised(threshold, let_in, now);
                prop_assert!(next >= threshold && next <= cut_off(now));
                let (before, left) = (crowd.above(threshold, now), crowd.above(next, now));
                prop_assert!((before - left - let_in.clamp(0.0, before)).abs() < 1e-3, "{} {} {}", before, left, let_in);
                threshold = next;
            }
        }
    }
}
