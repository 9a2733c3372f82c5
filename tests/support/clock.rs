//! A clock that stands still until a test moves it.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use sunbeon::domain::clock::Clock;

/// Monday, 23 November 2026, nine o'clock in Seoul.
pub const MONDAY_MORNING: &str = "2026-11-23T00:00:00Z";

/// Tells the time it was set to.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// A clock at [`MONDAY_MORNING`].
    pub fn monday_morning() -> Self {
        Self(Mutex::new(MONDAY_MORNING.parse().unwrap()))
    }

    /// Moves the clock on.
    pub fn pass(&self, time: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += time;
    }

    /// Moves the clock on by minutes.
    pub fn pass_minutes(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    /// Moves the clock on by seconds.
    pub fn pass_seconds(&self, seconds: i64) {
        self.pass(SignedDuration::from_secs(seconds));
    }

    /// Sets the clock.
    pub fn set(&self, now: &str) {
        *self.0.lock().unwrap() = now.parse().unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
