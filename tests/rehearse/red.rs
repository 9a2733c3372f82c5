//! What a rehearsal finds when something is wrong.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::HeaderValue;
use jiff::Timestamp;
use sunbeon::config::Config;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::keys::KeyRing;
use sunbeon::rehearse::check::{self, Stored, Wrong};
use sunbeon::rehearse::evening::{Evening, Scene};
use sunbeon::rehearse::lines::Lines;
use sunbeon::rehearse::mailbox::Mailbox;
use sunbeon::rehearse::people::Visitor;
use sunbeon::rehearse::tally::Kind;
use sunbeon::store::{Store, openings};

use crate::small::{plan, rehearse};

/// What is found in a place, when nobody came since, but this.
fn found_with(place: &Path, happens: impl FnOnce(&Evening)) -> Wrong {
    let nothing: [(&str, &str); 0] = [];
    let config = Config::read_with(Some(&place.join("sunbeon.toml")), nothing).unwrap();
    let keys = Arc::new(KeyRing::read(&place.join("master.keys")).unwrap());
    let store = Store::open(&config.database.url, 1, keys).unwrap();
    let code: OpeningCode = "rehearsal".parse().unwrap();
    let opening = store.read_now(|conn, keys| openings::find(conn, keys, &code)).unwrap().unwrap();
    let scene = Scene {
        lines: Lines::new("127.0.0.1:9".parse().unwrap(), 1),
        origin: HeaderValue::from_static("https://rehearsal.invalid"),
        host: HeaderValue::from_static("rehearsal.invalid"),
        poster: "/door/rehearsal".to_owned(),
        opens_at: Timestamp::UNIX_EPOCH,
        now: Timestamp::UNIX_EPOCH,
    };
    let evening = Evening::new(plan(), scene, Rc::new(Mailbox::default()));
    happens(&evening);
    let stored = Stored::read(&store, &opening).unwrap();
    check::look_for(&evening, &stored, &opening, store.keys())
}

/// What is found after the database was changed behind the service's back.
fn found_after(place: &Path, change: &str) -> Wrong {
    let copy = tempfile::tempdir().unwrap();
    for file in ["sunbeon.toml", "master.keys", "sunbeon.db"] {
        std::fs::copy(place.join(file), copy.path().join(file)).unwrap();
    }
    let config = std::fs::read_to_string(place.join("sunbeon.toml")).unwrap();
    let here = config.replace(place.to_str().unwrap(), copy.path().to_str().unwrap());
    std::fs::write(copy.path().join("sunbeon.toml"), here).unwrap();
    let database = rusqlite::Connection::open(copy.path().join("sunbeon.db")).unwrap();
    database.execute_batch("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF").unwrap();
    assert!(database.execute(change, []).unwrap() > 0, "{change} changed nothing");
    drop(database);
    found_with(copy.path(), |_| ())
}

/// One of the numbers that must be nothing.
type Count = fn(&Wrong) -> u64;

/// Something that happens on an evening.
type Happens = fn(&Evening);

#[test]
fn a_report_turns_red() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap().join("place");
    let ran = rehearse(&place, &folder.path().join("report"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(found_with(&place, |_| ()), Wrong::default());

    let one = "(SELECT phone_hash FROM admission ORDER BY began_at, place DESC LIMIT 1)";
    let cases: [(&str, Count); 10] = [
        (
            &format!(
                "UPDATE admission SET place = 9223372036854775800, began_at = 0 WHERE phone_hash = {one}"
            ),
            |wrong| wrong.admitted_above_threshold,
        ),
        (&format!("UPDATE admission SET place = place - 1 WHERE phone_hash = {one}"), |wrong| {
            wrong.admitted_with_another_place
        }),
        (&format!("UPDATE admission SET phone_hash = x'00' WHERE phone_hash = {one}"), |wrong| {
            wrong.strangers_admitted
        }),
        (&format!("DELETE FROM admission WHERE phone_hash = {one}"), |wrong| wrong.booked_without_admission),
        ("UPDATE admission_entry SET entry = x'00' WHERE number = 0", |wrong| wrong.list_faults),
        ("UPDATE door_minute SET root = zeroblob(32)", |wrong| wrong.list_faults),
        ("DELETE FROM booking WHERE id = (SELECT MAX(id) FROM booking WHERE state = 'booked')", |wrong| {
            wrong.slots_miscounted
        }),
        ("UPDATE slot_lane SET seats = booked - 1 WHERE booked > 0", |wrong| wrong.slots_miscounted),
        ("UPDATE slot_lane SET booked = 0 WHERE booked > 0", |wrong| wrong.slots_miscounted),
        (
            "UPDATE booking SET person = (SELECT MIN(person) FROM booking WHERE state = 'booked') \
             WHERE id = (SELECT MAX(id) FROM booking WHERE state = 'booked')",
            |wrong| wrong.people_booked_twice,
        ),
    ];
    for (change, count) in cases {
        let wrong = found_after(&place, change);
        assert!(count(&wrong) > 0 && !wrong.is_nothing(), "{change}: {wrong:?}");
    }
    what_people_saw_turns_it_red(&place);
}

/// Somebody whose page says that they are in the first group.
fn told_the_first_group(evening: &Evening) -> Visitor {
    let address = evening.waits.borrow_mut().address_at("/wait/rehearsal/1/ko").unwrap();
    let mut told = Visitor::AWAY;
    (told.page, told.address) = (0, address);
    told
}

fn what_people_saw_turns_it_red(place: &Path) {
    let cases: [(Happens, Count); 6] = [
        (
            |evening| evening.tally.borrow_mut().confirmed.extend(["AAAAAAAA".to_owned()]),
            |wrong| wrong.confirmed_and_lost,
        ),
        (|evening| evening.tally.borrow_mut().tried("a trick", true), |wrong| wrong.attackers_in),
        (
            |evening| {
                let mut fairness = evening.fairness.borrow_mut();
                fairness.entered(5, 10_000);
                fairness.told_to_wait(4, 20_000);
            },
            |wrong| wrong.passed_over,
        ),
        // One of them may be in it; not all three.
        (
            |evening| *evening.visitors.borrow_mut() = vec![told_the_first_group(evening); 3],
            |wrong| wrong.places_that_differ,
        ),
        (
            |evening| {
                let (kind, status) = (Kind::Door, StatusCode::INTERNAL_SERVER_ERROR);
                evening.tally.borrow_mut().answered(kind, status, 0, Duration::ZERO);
            },
            |wrong| wrong.broken_answers,
        ),
        (|evening| evening.mailbox.take("02-000-0000", "123456"), |wrong| wrong.messages_astray),
    ];
    for (number, (happens, count)) in cases.into_iter().enumerate() {
        let wrong = found_with(place, happens);
        assert!(count(&wrong) > 0 && !wrong.is_nothing(), "case {number}: {wrong:?}");
    }
}
