//! How many requests are worked on at once: the inner loop, which sees within a tenth of a second what the outer loop
//! ([`session_cap`](super::session_cap)) sees within ten.
//!
//! While requests take no longer than they usually do, a few more are let in at a time; when they take longer, as many
//! fewer as they take longer ("gradient", as in Vegas congestion control). What is too much is told at once to come back.

use std::time::Duration;

/// How much of a new limit counts at once.
const SHARE: f64 = 0.2;

/// How many more are tried while nothing has become slower.
const PROBE: f64 = 4.0;

/// How much slower than usual is still usual.
const TOLERANCE: f64 = 1.5;

/// The share of one window in what is usual: a minute at ten windows a second.
const USUAL_SHARE: f64 = 1.0 / 600.0;

/// How fast what is usual comes down when requests have become this much quicker.
const RECOVERY: (f64, f64) = (2.0, 0.95);

/// However slow it gets, one window takes away half at most.
const GRADIENT_MIN: f64 = 0.5;

/// Never fewer: with less, one slow request would keep everybody out.
const LEAST: f64 = 16.0;

/// Never more: each holds memory.
const MOST: f64 = 4_096.0;

/// Who wants to be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// People whom nobody knows yet: signing in, asking for codes.
    Arriving,
    /// People whose turn has come, and who prove their phone.
    Entering,
    /// People who were let in: searching, holding.
    Booking,
    /// People who have something to finish: seats they hold, bookings they made.
    Finishing,
    /// Clinics and the call centre, with people in front of them.
    Staff,
}

impl Class {
    /// Its name in figures.
    pub fn word(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Entering => "entering",
            Self::Booking => "booking",
            Self::Finishing => "finishing",
            Self::Staff => "staff",
        }
    }

    /// The share of the limit that the class may fill. What is above the share of a class is kept for those below it.
    fn share(self) -> f64 {
        match self {
            Self::Arriving => 0.6,
            Self::Entering => 0.7,
            Self::Booking => 0.8,
            Self::Finishing => 0.9,
            Self::Staff => 1.0,
        }
    }

    /// The share of the limit that only the class itself can use up: however many others were let in before the limit fell.
    fn reserve(self) -> f64 {
        match self {
            Self::Arriving | Self::Entering | Self::Booking => 0.0,
            Self::Finishing | Self::Staff => 0.1,
        }
    }

    /// Its place in a count of all classes.
    fn index(self) -> usize {
        match self {
            Self::Arriving => 0,
            Self::Entering => 1,
            Self::Booking => 2,
            Self::Finishing => 3,
            Self::Staff => 4,
        }
    }

    /// How long the machine may take to begin with a request before the class is told to come back. `None`: never, they
    /// are few, and they would stand there.
    fn patience(self) -> Option<Duration> {
        match self {
            Self::Arriving => Some(Duration::from_millis(500)),
            Self::Entering | Self::Booking => Some(Duration::from_millis(1_000)),
            Self::Finishing => Some(Duration::from_millis(2_000)),
            Self::Staff => None,
        }
    }
}

/// Requests that are worked on now, by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AtOnce([u32; 5]);

impl AtOnce {
    /// All of them.
    pub fn all(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Those of a class, to count one more or less.
    pub fn of(&mut self, class: Class) -> &mut u32 {
        &mut self.0[class.index()]
    }
}

/// A limit that follows how long requests take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcurrencyLimit {
    limit: f64,
    /// What requests usually take, in seconds; 0 when nothing is known.
    usual: f64,
}

impl ConcurrencyLimit {
    /// A limit of so many requests, as long as nothing is known.
    pub fn new(requests: u32) -> Self {
        Self { limit: f64::from(requests).clamp(LEAST, MOST), usual: 0.0 }
    }

    /// Whether one more of a class may be worked on beside those that are, when requests wait for `lag` before anybody looks
    /// at them.
    pub fn admits(&self, class: Class, mut at_once: AtOnce, lag: Duration) -> bool {
        let is_timely = class.patience().is_none_or(|patience| lag <= patience);
        let is_below = |requests: u32, share: f64| f64::from(requests) < self.limit * share;
        let own = *at_once.of(class);
        is_timely && (is_below(at_once.all(), class.share()) || is_below(own, class.reserve()))
    }

    /// Takes in a tenth of a second: what its requests took on average, and how many there were at once at most.
    pub fn note(&mut self, took: Duration, at_once: u32) {
        let took = took.as_secs_f64().max(1e-6);
        if self.usual == 0.0 {
            self.usual = took;
        }
        self.usual += (took - self.usual) * USUAL_SHARE;
        let (quicker, share) = RECOVERY;
        if self.usual > took * quicker {
            self.usual *= share;
        }
        // A limit that is not reached says nothing about what would be if it were.
        if f64::from(at_once) < self.limit / 2.0 {
            return;
        }
        let gradient = (TOLERANCE * self.usual / took).clamp(GRADIENT_MIN, 1.0);
        let next = self.limit * gradient + PROBE;
        self.limit = (self.limit + (next - self.limit) * SHARE).clamp(LEAST, MOST);
    }

    /// Requests that may be worked on at once.
    pub fn requests(&self) -> u32 {
        // Between the least and the most, which are of this type.
        self.limit as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Class; 5] =
        [Class::Arriving, Class::Entering, Class::Booking, Class::Finishing, Class::Staff];
    const QUICK: Duration = Duration::from_millis(10);
    const SLOW: Duration = Duration::from_millis(200);

    /// The limit after so many windows of full use.
    fn after(limit: &mut ConcurrencyLimit, windows: usize, took: Duration) -> u32 {
        for _ in 0..windows {
            limit.note(took, limit.requests());
        }
        limit.requests()
    }

    #[test]
    fn it_grows_while_requests_stay_quick_and_shrinks_when_they_do_not() {
        let mut limit = ConcurrencyLimit::new(100);
        let grown = after(&mut limit, 50, QUICK);
        assert!(grown > 110, "{grown}");
        let shrunk = after(&mut limit, 10, SLOW);
        assert!(shrunk < grown / 2, "{shrunk} of {grown}");
        assert!(after(&mut limit, 200, QUICK) > shrunk);
    }

    #[test]
    fn what_is_not_used_is_not_raised() {
        let mut limit = ConcurrencyLimit::new(100);
        (0..500).for_each(|_| limit.note(QUICK, 3));
        assert_eq!(limit.requests(), 100);
    }

    fn of(class: Class, requests: u32) -> AtOnce {
        let mut at_once = AtOnce::default();
        *at_once.of(class) = requests;
        at_once
    }

    #[test]
    fn those_who_finish_and_staff_have_room_of_their_own() {
        let limit = ConcurrencyLimit::new(100);
        let admitted = |class| {
            let beside = |all: &u32| limit.admits(class, of(Class::Booking, *all), Duration::ZERO);
            (0..200).filter(beside).count()
        };
        assert_eq!([Class::Arriving, Class::Entering, Class::Booking].map(admitted), [60, 70, 80]);
        assert_eq!(
            [Class::Finishing, Class::Staff].map(admitted),
            [200, 200],
            "also when the limit has fallen"
        );
        let mut full = of(Class::Booking, 150);
        *full.of(Class::Staff) = 10;
        assert!(!limit.admits(Class::Staff, full, Duration::ZERO));
        assert!(limit.admits(Class::Finishing, full, Duration::ZERO));
    }

    #[test]
    fn when_the_machine_is_behind_those_who_arrive_wait_first() {
        let limit = ConcurrencyLimit::new(100);
        let admitted = |milliseconds| {
            let lag = Duration::from_millis(milliseconds);
            ALL.map(|class| limit.admits(class, AtOnce::default(), lag))
        };
        assert_eq!(admitted(500), [true, true, true, true, true]);
        assert_eq!(admitted(501), [false, true, true, true, true]);
        assert_eq!(admitted(1_500), [false, false, false, true, true]);
        assert_eq!(admitted(9_000), [false, false, false, false, true]);
    }

    proptest! {
        #[test]
        fn whatever_is_measured_somebody_is_served(
            windows in proptest::collection::vec((0_u64..10_000_000, 0_u32..100_000), 0..300),
        ) {
            let mut limit = ConcurrencyLimit::new(64);
            for (microseconds, at_once) in windows {
                limit.note(Duration::from_micros(microseconds), at_once);
                prop_assert!((LEAST as u32..=MOST as u32).contains(&limit.requests()));
            }
            prop_assert!(limit.admits(Class::Arriving, AtOnce::default(), Duration::ZERO));
        }
    }
}
