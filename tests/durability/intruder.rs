//! Proves that what is checked after a kill is seen when it is wrong: an intruder does each of these to a database that
//! was right.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use sunbeon::store::DatabaseUrl;

use crate::app::TestDatabase;
use crate::kills::Run;

/// What the intruder does, and the words by which the check tells of it.
const DEEDS: [(&str, &str); 11] = [
    (
        "UPDATE slot_lane SET held = 0; DELETE FROM claim WHERE pending_hold IS NOT NULL; \
         UPDATE party SET state = 'expired' WHERE state = 'held'; \
         UPDATE booking SET state = 'expired', expires_at = NULL WHERE state = 'held'",
        "the acknowledged hold",
    ),
    (
        "DELETE FROM outbox WHERE id = (SELECT MIN(id) FROM outbox WHERE kind = 'confirmation')",
        "missing: confirmation",
    ),
    ("DELETE FROM outbox WHERE id = (SELECT MIN(id) FROM outbox WHERE kind = 'change')", "missing: change"),
    (
        "UPDATE outbox SET version = 9 WHERE id = (SELECT MIN(id) FROM outbox WHERE kind = 'change')",
        "None was expected",
    ),
    ("UPDATE outbox SET state = 'void' WHERE kind = 'reminder'", "Some(Wait) was expected"),
    ("UPDATE outbox SET state = 'queued' WHERE kind = 'reminder'", "Some(BeVoid) was expected"),
    ("UPDATE booking SET version = version + 1 WHERE state = 'booked'", "was told, and"),
    (
        "UPDATE booking SET starts_at = starts_at + 1800 WHERE state = 'booked' AND version > 1",
        "was told, and",
    ),
    ("UPDATE slot_lane SET booked = booked - 1 WHERE booked > 0", "booked seats counted wrongly"),
    ("DELETE FROM claim WHERE booking IS NOT NULL", "no claim for booking"),
    ("DELETE FROM seat_change", "free seats are written down wrongly"),
];

#[test]
fn whatever_an_intruder_does_to_the_facts_is_seen() {
    let mut run = Run::settle(TestDatabase::sqlite(), 1, 5);
    run.start_all();
    while run.figures.changed < 3 || run.figures.cancelled < 1 || !run.somebody_surely_holds() {
        run.work((Duration::ZERO, 30), 0);
    }
    run.stop_all();
    run.check();
    let DatabaseUrl::Sqlite(file) = run.place.database.url() else { unreachable!() };
    let right = std::fs::read(&file).unwrap();
    for (deed, told) in DEEDS {
        run.place.database.execute(deed).unwrap();
        let seen = catch_unwind(AssertUnwindSafe(|| run.check())).expect_err(deed);
        let seen = seen.downcast_ref::<String>().unwrap();
        assert!(seen.contains(told), "after {deed}: {seen}");
        std::fs::write(&file, &right).unwrap();
    }
    run.check();
}
