//! A backup is taken while people book, and put back elsewhere.

use std::sync::Arc;

use sunbeon::domain::ids::{AccountId, PartyId};
use sunbeon::store::{Store, accounts, people};

use crate::app::{TestApp, TestDatabase};
use crate::load::{Answered, Load};
use crate::place::{Place, mode, names};

#[test]
fn what_was_confirmed_before_a_backup_under_load_is_in_it_on_sqlite() {
    under_load(TestApp::start(), &TestDatabase::sqlite());
}

#[test]
fn what_was_confirmed_before_a_backup_under_load_is_in_it_on_postgres() {
    if let (Some(app), Some(empty)) = (TestApp::start_on_postgres(), TestDatabase::postgres()) {
        under_load(app, &empty);
    }
}

fn under_load(app: TestApp, empty: &TestDatabase) {
    let app = Arc::new(app);
    let place = Place::of_app(&app);
    let backup = place.path("backup");
    let (load, before) = (Load::begin(&app), app.engine().ledger.committed().1);
    let told = load.await_confirmed(15);
    place.done(&["backup", backup.to_str().unwrap()]);
    load.await_confirmed(told.confirmed.len() + 1);
    load.end();
    let commands = app.engine().ledger.committed().1 - before;
    println!("{commands} commands meanwhile, {} confirmed before", told.confirmed.len());
    assert_eq!((mode(&backup), mode(&backup.join("master.keys.sealed"))), (0o700, 0o600));
    assert_eq!(names(&place.folder.path().join("backup")).len(), 3);

    let new = Place::of(empty);
    let said = new.done(&["restore", backup.to_str().unwrap()]);
    assert!(said.contains("Everybody signs in anew"), "{said}");
    assert_eq!(mode(&new.keys()), 0o600);
    for file in empty.files() {
        assert_eq!((file.file_name().unwrap().to_str().unwrap(), mode(&file)), ("sunbeon.db", 0o600));
    }
    assert_everything_told_is_there(empty, &told);
    assert_consistent(empty);
    assert_sealed_columns_open(empty, &new);
    assert!(new.done(&["check"]).contains("Nothing is wrong"));
    new.serve_and_stop();
    assert_consistent(empty);
}

fn list(parties: &[PartyId]) -> String {
    parties.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// What was told before is as it was told.
pub fn assert_everything_told_is_there(database: &TestDatabase, told: &Answered) {
    for (parties, state) in [(&told.confirmed, "booked"), (&told.cancelled, "cancelled")] {
        let there = database.number(&format!(
            "SELECT COUNT(*) AS number FROM booking WHERE state = '{state}' AND party IN ({})",
            list(parties)
        ));
        assert_eq!(there, i64::try_from(parties.len()).unwrap(), "{state}");
    }
}

/// Nothing of what a count, a claim or a message must say is missing or left over.
pub fn assert_consistent(database: &TestDatabase) {
    let live = "('booked','displaced','arrived','vaccinated')";
    for (wrong, query) in [
        ("seats over", "FROM slot_lane WHERE held + booked > seats".to_owned()),
        (
            "seats that differ from bookings",
            "FROM slot_lane l WHERE l.booked <> (SELECT COUNT(*) FROM booking b WHERE b.slot = l.slot AND \
             b.lane = l.lane AND b.state IN ('booked','arrived','vaccinated','no-show')) OR l.held <> \
             (SELECT COUNT(*) FROM booking b WHERE b.slot = l.slot AND b.lane = l.lane AND b.state = 'held')"
                .to_owned(),
        ),
        (
            "bookings without a claim",
            format!(
                "FROM booking b WHERE (b.state IN {live} AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking = b.id)) \
                 OR (b.state = 'held' AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.pending_hold = b.id))"
            ),
        ),
        (
            "claims without a booking",
            format!(
                "FROM claim c JOIN booking b ON b.id = COALESCE(c.booking, c.pending_hold) \
                 WHERE b.state NOT IN {live} AND b.state <> 'held'"
            ),
        ),
        (
            "confirmations missing or told twice",
            "FROM party p WHERE p.state = 'booked' AND (SELECT COUNT(*) FROM outbox o WHERE o.subject = p.id AND \
             o.kind = 'confirmation' AND o.recipient_kind = 'account') <> 1"
                .to_owned(),
        ),
        (
            "reminders missing, or waiting for what was cancelled",
            "FROM booking b WHERE b.state IN ('booked','cancelled') AND (SELECT COUNT(*) FROM outbox o WHERE \
             o.subject = b.id AND o.kind = 'reminder' AND o.state <> 'void') <> \
             (CASE b.state WHEN 'booked' THEN 1 ELSE 0 END)"
                .to_owned(),
        ),
        (
            "cancellations missing or told twice",
            "FROM booking b WHERE b.state = 'cancelled' AND (SELECT COUNT(*) FROM outbox o WHERE \
             o.subject = b.id AND o.kind = 'cancellation' AND o.recipient_kind = 'account') <> 1"
                .to_owned(),
        ),
        ("messages on their way", "FROM outbox WHERE state = 'leased'".to_owned()),
    ] {
        assert_eq!(database.number(&format!("SELECT COUNT(*) AS number {query}")), 0, "{wrong}");
    }
}

/// Every account and its people can be read.
pub fn assert_sealed_columns_open(database: &TestDatabase, place: &Place) {
    let store = Store::open(&database.url(), 1, Arc::new(place.read_keys())).unwrap();
    let ids = database.lines("SELECT CAST(id AS TEXT) AS line FROM account");
    assert!(!ids.is_empty());
    for id in ids {
        let id = AccountId(id.parse().unwrap());
        let account = store.read_now(|conn, keys| accounts::find(conn, keys, id)).unwrap().unwrap();
        assert!(account.phone.as_e164().starts_with("+82100000"));
        let mine = store.read_now(|conn, keys| people::cared_for(conn, keys, id)).unwrap();
        assert_eq!(mine.len(), 1);
    }
}
