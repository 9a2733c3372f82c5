//! Whether more comes than the service can do.

use std::sync::atomic::{AtomicU32, Ordering};

/// When more than one in so many is turned away, it is too much.
const ONE_IN: u32 = 20;

/// Counts requests, and those that are turned away, until it is asked.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    all: AtomicU32,
    turned_away: AtomicU32,
}

impl Pressure {
    pub(super) fn note(&self, is_turned_away: bool) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.turned_away.fetch_add(u32::from(is_turned_away), Ordering::Relaxed);
    }

    /// Whether it was too much since this was asked last.
    pub(super) fn take(&self) -> bool {
        let (all, turned_away) =
            (self.all.swap(0, Ordering::Relaxed), self.turned_away.swap(0, Ordering::Relaxed));
        turned_away > all / ONE_IN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_twenty_may_be_turned_away() {
        let pressure = Pressure::default();
        assert!(!pressure.take(), "nothing came");
        (0..100).for_each(|number| pressure.note(number % 20 == 0));
        assert!(!pressure.take());
        (0..100).for_each(|number| pressure.note(number % 16 == 0));
        assert!(pressure.take());
        assert!(!pressure.take(), "each counts once");
    }
}
