//! How many questions about messages are on their way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::store::outbox::check::Group;

/// Questions on their way at a time.
const QUESTIONS_MAX: usize = 64;

/// The questions about messages of one group.
pub(super) struct Questions {
    pub(super) group: Group,
    on_their_way: AtomicUsize,
    taking: AtomicBool,
    /// There were as many as there was room for.
    more: AtomicBool,
}

impl Questions {
    pub(super) fn new(group: Group) -> Self {
        let (taking, more) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { group, on_their_way: AtomicUsize::new(0), taking, more }
    }

    /// Begins to take messages that are to be asked for: how many there is room for.
    pub(super) fn begin(&self) -> Option<usize> {
        let room = QUESTIONS_MAX.saturating_sub(self.on_their_way.load(Ordering::Relaxed));
        (room > 0 && !self.taking.swap(true, Ordering::Relaxed)).then_some(room)
    }

    /// Notes how many were taken.
    pub(super) fn took(&self, room: usize, taken: usize) {
        self.on_their_way.fetch_add(taken, Ordering::Relaxed);
        self.more.store(taken > 0 && taken >= room, Ordering::Relaxed);
        self.taking.store(false, Ordering::Relaxed);
    }

    /// Whether none is on its way.
    pub(super) fn is_quiet(&self) -> bool {
        self.on_their_way.load(Ordering::Relaxed) == 0 && !self.taking.load(Ordering::Relaxed)
    }

    /// One was answered.
    pub(super) fn answered(&self) {
        self.on_their_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether more waits, and enough were answered to take it together.
    pub(super) fn wants_more(&self) -> bool {
        self.more.load(Ordering::Relaxed) && self.on_their_way.load(Ordering::Relaxed) <= QUESTIONS_MAX / 2
    }
}
