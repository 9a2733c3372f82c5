//! What a rehearsal finds when something is wrong.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use hyper::header::HeaderValue;
use jiff::Timestamp;
use sunbeon::config::Config;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::keys::KeyRing;
use sunbeon::rehearse::check::{self, Stored, Wrong};
use sunbeon::rehearse::evening::{Evening, Scene};
use sunbeon::rehearse::lines::Lines;
use sunbeon::rehearse::mailbox::Mailbox;
use sunbeon::store::{Store, openings};

use crate::small::{plan, rehearse};

/// What is found in a place, when nobody came since.
fn found(place: &Path) -> Wrong {
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
    found(copy.path())
}

/// One of the numbers that must be nothing.
type Count = fn(&Wrong) -> u64;

#[test]
fn a_report_turns_red() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap().join("place");
    let ran = rehearse(&place, &folder.path().join("report"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(found(&place), Wrong::default());

    let one = "(SELECT phone_hash FROM admission ORDER BY began_at, place DESC LIMIT 1)";
    let cases: [(&str, Count); 6] = [
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
}
