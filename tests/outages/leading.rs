//! The door goes on when its process is gone: with the next one, or, on PostgreSQL, with another one beside it.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use jiff::SignedDuration;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::opening::{Opening, Places};
use sunbeon::domain::ids::{CampaignId, OpeningId};
use sunbeon::store::{DatabaseUrl, Failure, Never, Tx, openings};
use sunbeon::system::SystemClock;

use crate::app::TestDatabase;
use crate::service::{PATIENCE, Place};
use crate::town;

/// An evening that began a minute ago, and to which so many people are expected that the door is never open.
struct Evening {
    place: Place,
}

impl Evening {
    fn begin(database: TestDatabase) -> Self {
        let (place, _, _) = town::settle(database, 1, 1);
        let campaign = CampaignId(place.database.number("SELECT MIN(id) AS number FROM campaign"));
        let now = SystemClock.now();
        let opening = Opening {
            id: OpeningId(0),
            code: "evening".parse().unwrap(),
            campaign,
            born: None,
            places: Places::Drawn,
            joins_from: now - SignedDuration::from_mins(2),
            opens_at: now - SignedDuration::from_mins(1),
            ends_at: now + SignedDuration::from_hours(4),
            expected: 10_000_000,
            sessions: 600,
        };
        let ledger = place.ledger();
        let save = move |tx: &mut Tx<'_>| {
            let id = openings::save(tx, &opening)?;
            Ok::<_, Failure<Never>>(openings::keep_key(tx, id, &DrawKey::new([7; 32]))?)
        };
        assert!(ledger.write_now(save).unwrap());
        ledger.close();
        Self { place }
    }

    fn number(&self, what: &str) -> i64 {
        self.place.database.number(&format!("SELECT CAST(COALESCE(({what}), 0) AS BIGINT) AS number"))
    }

    fn leader(&self) -> i64 {
        self.number("SELECT leader FROM door_state")
    }

    fn fence(&self) -> i64 {
        self.number("SELECT fence FROM door_state")
    }

    /// The last second that was noted, and how far the door was open then.
    fn last(&self) -> (i64, i64) {
        let at = self.number("SELECT MAX(at) FROM door_second");
        (
            at,
            self.number(&format!(
                "SELECT COALESCE(threshold, {}) FROM door_second WHERE at = {at}",
                i64::MIN
            )),
        )
    }

    fn await_true(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}:\n{}", self.place.log_text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until whoever leads has noted some more seconds.
    fn await_seconds(&self, more: i64) {
        let (from, _) = self.last();
        let count = format!("SELECT COUNT(*) FROM door_second WHERE at > {from}");
        self.await_true("the door to go on", || self.number(&count) >= more);
    }

    fn assert_never_fell(&self) {
        let falls = "SELECT COUNT(*) FROM door_second a JOIN door_second b ON b.opening = a.opening AND b.at > a.at \
                     AND (b.threshold < a.threshold OR b.threshold IS NULL AND a.threshold IS NOT NULL)";
        assert_eq!(self.number(falls), 0, "the threshold fell");
    }

    fn connect(&self) -> PgConnection {
        let DatabaseUrl::Postgres(url) = self.place.database.url() else { unreachable!() };
        PgConnection::establish(url.expose()).unwrap()
    }
}

#[test]
fn a_door_whose_process_is_killed_again_and_again_goes_on_where_it_was() {
    let evening = Evening::begin(TestDatabase::sqlite());
    for _ in 0..3 {
        let service = evening.place.start_and_wait();
        evening.await_seconds(2);
        service.kill();
    }
    let (_, threshold) = evening.last();
    assert!(threshold > i64::MIN, "it was open a little");
    evening.place.database.execute("UPDATE door_state SET paused = TRUE").unwrap();
    evening.place.start_and_wait().kill();
    let service = evening.place.start_and_wait();
    evening.await_seconds(2);
    assert_eq!(evening.last().1, threshold, "what the operator said stays");
    evening.assert_never_fell();
    service.stop();
}

#[test]
fn another_process_takes_the_door_over_from_one_that_was_killed() {
    let Some(evening) = TestDatabase::postgres().map(Evening::begin) else { return };
    let first = evening.place.start_and_wait();
    evening.await_seconds(2);
    let (leader, fence) = (evening.leader(), evening.fence());
    let second = evening.place.start_and_wait();
    evening.await_seconds(5);
    assert_eq!((evening.leader(), evening.fence()), (leader, fence), "one leads, and nobody else");

    first.kill();
    evening.await_true("the other to lead", || evening.leader() != leader);
    assert_eq!(evening.fence(), fence + 1);
    evening.await_seconds(3);

    // Nobody is left for a while; the door goes on where it was.
    second.kill();
    let (at, threshold) = evening.last();
    assert!(threshold > i64::MIN, "it was open a little");
    let third = evening.place.start_and_wait();
    evening.await_true("the door to go on", || evening.last().0 > at);
    let next = format!("SELECT threshold FROM door_second WHERE at > {at} ORDER BY at LIMIT 1");
    assert!(evening.number(&next) >= threshold);
    evening.await_seconds(2);
    assert!(evening.last().1 > threshold);
    evening.assert_never_fell();
    third.stop();
}

#[test]
fn a_process_that_stood_still_writes_nothing_over_the_one_that_leads_now() {
    let Some(evening) = TestDatabase::postgres().map(Evening::begin) else { return };
    let first = evening.place.start_and_wait();
    evening.await_seconds(2);
    let (leader, fence) = (evening.leader(), evening.fence());
    let second = evening.place.start_and_wait();
    evening.await_seconds(2);

    // It stands still between what it read and its COMMIT: another transaction holds the row just then.
    let mut intruder = evening.connect();
    intruder.batch_execute("BEGIN; SELECT 1 FROM door_state FOR UPDATE").unwrap();
    let waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND wait_event_type = 'Lock' AND query LIKE 'UPDATE \"door_state\"%'";
    evening.await_true("its turn to wait for the row", || evening.number(waits) > 0);
    first.signal("STOP");
    intruder.batch_execute("ROLLBACK").unwrap();
    evening.await_true("the other to lead", || evening.leader() != leader);
    assert_eq!(evening.fence(), fence + 1);
    evening.await_seconds(3);
    let (at, threshold) = evening.last();

    // It wakes up with its old turn in hand.
    first.signal("CONT");
    evening.await_seconds(5);
    assert_ne!(evening.leader(), leader, "who was overtaken leads no more");
    assert_eq!(evening.fence(), fence + 1);
    assert!(evening.last() > (at, threshold));
    evening.assert_never_fell();
    first.stop();
    second.stop();
}
