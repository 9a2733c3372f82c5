//! How many messages are on their way in one channel.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::domain::message::Channel;
use crate::store::outbox::Room;

/// Messages that are taken at once: their letters are written one after the other.
const BATCH_MAX: usize = 64;

/// One in so many places is kept for codes, so that a code never waits behind a flood of reminders.
const CODES_SHARE: usize = 4;

/// The places of one channel.
#[derive(Debug)]
pub(super) struct Lane {
    channel: Channel,
    places: usize,
    taken: AtomicUsize,
    /// There was more to take than there was room for.
    more: AtomicBool,
}

impl Lane {
    pub(super) fn new(channel: Channel, places: usize) -> Self {
        Self { channel, places: places.max(1), taken: AtomicUsize::new(0), more: AtomicBool::new(false) }
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel
    }

    /// Takes a place until the value is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Place {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.taken.load(Ordering::Relaxed) == 0
    }

    /// What may be taken now.
    pub(super) fn room(&self) -> Room {
        let free = self.places.saturating_sub(self.taken.load(Ordering::Relaxed));
        let count = |places: usize| i64::try_from(places.min(BATCH_MAX)).unwrap_or(i64::MAX);
        let others = free.saturating_sub(self.places / CODES_SHARE);
        Room { channel: self.channel, codes: count(free), others: count(others) }
    }

    /// Notes how many were found for `room`.
    pub(super) fn note(&self, room: Room, found: usize) {
        let is_full = i64::try_from(found).is_ok_and(|found| found >= room.others);
        self.more.store(is_full, Ordering::Relaxed);
    }

    /// Whether more waits, and enough have landed to take it together.
    pub(super) fn wants_more(&self) -> bool {
        self.more.load(Ordering::Relaxed) && self.taken.load(Ordering::Relaxed) <= self.places / 2
    }
}

/// One place in a lane.
#[derive(Debug)]
pub(super) struct Place(Arc<Lane>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_places_are_for_codes() {
        let lane = Arc::new(Lane::new(Channel::Sms, 8));
        let room = |lane: &Lane| (lane.room().codes, lane.room().others);
        assert_eq!(room(&lane), (8, 6));
        let places: Vec<Place> = (0..6).map(|_| lane.enter()).collect();
        assert_eq!(room(&lane), (2, 0));
        lane.note(lane.room(), 0);
        assert!(!lane.wants_more(), "it is still full");
        drop(places);
        assert!(lane.wants_more() && lane.is_empty());
        lane.note(lane.room(), 5);
        assert!(!lane.wants_more(), "nothing is left");
    }

    #[test]
    fn a_lane_of_one_place_carries_everything() {
        let lane = Arc::new(Lane::new(Channel::Email, 1));
        assert_eq!((lane.room().codes, lane.room().others), (1, 1));
        let _place = lane.enter();
        assert_eq!((lane.room().codes, lane.room().others), (0, 0));
    }
}
