//! Whether more comes than the service can do.

use std::sync::atomic::{AtomicU32, Ordering};

/// When more than one in so many of those who were let in is turned away, it is too much.
const ONE_IN: u32 = 20;

/// When more than one in so many is turned away of those who prove their phone since it is their turn. Anybody can name a phone
/// whose turn it is, and send many requests; but then all who stand there are turned away as often, and to call still more
/// people helps nobody.
const ONE_IN_ENTERING: u32 = 5;

/// Counts requests, and those that are turned away, until it is asked.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    let_in: Requests,
    entering: Requests,
}

#[derive(Debug, Default)]
struct Requests {
    all: AtomicU32,
    turned_away: AtomicU32,
}

impl Pressure {
    /// Notes a request of somebody who was let in.
    pub(super) fn note(&self, is_turned_away: bool) {
        self.let_in.note(is_turned_away);
    }

    /// Notes a request of somebody whose turn it is.
    pub(super) fn note_entering(&self, is_turned_away: bool) {
        self.entering.note(is_turned_away);
    }

    /// Whether it was too much since this was asked last.
    pub(super) fn take(&self) -> bool {
        // Both are asked: what one of them counted counts once.
        let (let_in, entering) = (self.let_in.take(ONE_IN), self.entering.take(ONE_IN_ENTERING));
        let_in || entering
    }
}

impl Requests {
    fn note(&self, is_turned_away: bool) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.turned_away.fetch_add(u32::from(is_turned_away), Ordering::Relaxed);
    }

    fn take(&self, one_in: u32) -> bool {
        let (all, turned_away) =
            (self.all.swap(0, Ordering::Relaxed), self.turned_away.swap(0, Ordering::Relaxed));
        turned_away > all / one_in
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

    #[test]
    fn one_in_five_of_those_who_prove_their_phone() {
        let pressure = Pressure::default();
        (0..100).for_each(|number| pressure.note_entering(number % 5 == 0));
        assert!(!pressure.take());
        (0..100).for_each(|number| pressure.note_entering(number % 4 == 0));
        (0..1_000).for_each(|_| pressure.note(false));
        assert!(pressure.take(), "however many others are served");
        assert!(!pressure.take(), "each counts once");
    }
}
