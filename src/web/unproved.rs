//! Codes on their way to phones that nobody has proved yet. They have a small room of their own: who invents numbers fills
//! that room and nothing else, and whoever uses a device that proved its phone before passes it by.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::nanos::Nanos;

use crate::domain::ids::ChallengeId;

/// How long a code takes up room: most people type theirs within a minute. The code itself stays good for longer.
const KEPT: Duration = Duration::from_secs(180);

/// The codes that take up room at one node.
pub(super) struct Unproved {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    codes: HashSet<ChallengeId>,
    /// The same and those that were proved since, the oldest first.
    sent: VecDeque<(Nanos, ChallengeId)>,
}

impl Unproved {
    /// Room for so many codes.
    pub(super) fn new(most: u32) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX), open: Mutex::default() }
    }

    /// Whether there is room for one more, by a clock that is never set back. Requests at the same instant may all find the last room.
    pub(super) fn has_room(&self, now: Nanos) -> bool {
        let mut open = self.lock();
        while let Some((_, code)) = open.sent.pop_front_if(|(sent, _)| *sent + KEPT <= now) {
            open.codes.remove(&code);
        }
        open.codes.len() < self.most
    }

    /// Counts a code that was sent.
    pub(super) fn sent(&self, code: ChallengeId, now: Nanos) {
        let mut open = self.lock();
        if open.codes.insert(code) {
            open.sent.push_back((now, code));
        }
    }

    /// Somebody proved that they have the phone.
    pub(super) fn proved(&self, code: ChallengeId) {
        self.lock().codes.remove(&code);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_takes_up_room_until_it_is_proved_or_old() {
        let at = |seconds| Nanos::from(Duration::from_secs(seconds));
        let unproved = Unproved::new(2);
        for code in [1, 2] {
            assert!(unproved.has_room(at(0)));
            unproved.sent(ChallengeId(code), at(0));
        }
        assert!(!unproved.has_room(at(0)));
        unproved.proved(ChallengeId(1));
        assert!(unproved.has_room(at(0)));
        unproved.sent(ChallengeId(3), at(60));
        assert!(!unproved.has_room(at(179)));
        assert!(unproved.has_room(at(180)));
        unproved.sent(ChallengeId(4), at(180));
        assert!(!unproved.has_room(at(180)));
    }
}
