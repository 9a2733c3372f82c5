//! How SQLite finds the rows: whoever books may wait for a look-up, never for a walk through a whole table of the country.

use std::collections::BTreeSet;
use std::sync::Mutex;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use jiff::civil::date;
use sunbeon::domain::person::Relation;
use sunbeon::store::{DatabaseUrl, Store, bookings, held, holds};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

/// Tables that grow with every citizen.
const LARGE: [&str; 12] = [
    "account",
    "person",
    "care",
    "party",
    "course",
    "booking",
    "claim",
    "challenge",
    "outbox",
    "slot",
    "slot_lane",
    "free_day",
];

/// Partial indexes that hold only what is under way, so that walking them is the look-up.
const SMALL_INDEXES: [&str; 3] = ["party_expiry", "outbox_due", "outbox_leased"];

static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let statement = text.split(" -- binds").next().unwrap_or_default().to_owned();
            STATEMENTS.lock().unwrap().insert(statement);
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[test]
fn nothing_that_a_booking_needs_walks_through_a_large_table() {
    let home = Home::on_sqlite();
    // Connections that are opened from now on are listened to.
    set_default_instrumentation(|| Some(Box::new(Listener))).unwrap();
    let store = Store::open(&home.database.url(), 1, home.keys.clone()).unwrap();
    let home = Home { ledger: home.another_node(2, 1), store, ..home };
    live_a_day(&home);
    let statements = std::mem::take(&mut *STATEMENTS.lock().unwrap());
    assert!(statements.len() > 40, "only {} statements were heard", statements.len());
    assert_eq!(walks(&home, &statements), Vec::<String>::new());
}

#[test]
fn a_walk_through_a_large_table_is_noticed() {
    let home = Home::on_sqlite();
    let walk = BTreeSet::from(["SELECT id FROM booking WHERE updated_at = ?".to_owned()]);
    assert_eq!(walks(&home, &walk).len(), 1);
}

fn live_a_day(home: &Home) {
    let (flu, shield) = (&home.country.flu, &home.country.shield);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let mother =
        home.add(account, someone_with_phone("김순자", "1950-03-01", Relation::Mother, "010-0000-0002"));
    let father = home.add(account, someone("김영수", "1949-03-01", Relation::Father));
    let slots = home.flu_slots(date(2026, 11, 24));
    let parents = [(mother, 1, &slots[0]), (father, 1, &slots[1])];
    let held = home.hold(account, flu, &parents).unwrap();
    home.try_write(move |tx| holds::release(tx, account, &held.token)).unwrap();
    let first = home.shield_slots(date(2026, 11, 24))[0];
    let second = home.shield_slots(date(2026, 12, 22))[0];
    let doses = home.book(account, shield, &[(me, 1, &first), (me, 2, &second)]);
    let booked = home.book(account, flu, &parents);
    home.swap(flu, &[(booked[0].id, slots[2].id)]).unwrap();
    home.cancel(&[booked[1].id]).unwrap();
    home.hold(account, flu, &[(father, 1, &slots[1])]).unwrap();
    home.clock.pass_minutes(11);
    assert!(!home.housekeeping().is_empty());
    let due = home.lease(1);
    assert!(!due.is_empty());
    home.read(|conn, keys| {
        bookings::visible_to(conn, keys, account)?;
        bookings::by_reference(conn, keys, &doses[0].reference)?;
        held::of_account(conn, keys, account)
    });
}

/// The steps of the statements' plans that walk through a large table, with their statements.
fn walks(home: &Home, statements: &BTreeSet<String>) -> Vec<String> {
    let DatabaseUrl::Sqlite(file) = home.database.url() else { unreachable!() };
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
    let mut walks = Vec::new();
    for statement in statements.iter().filter(|statement| is_data(statement)) {
        let plan: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut conn).unwrap();
        let walk = plan.iter().find(|step| is_walk(&step.detail));
        walks.extend(walk.map(|step| format!("{}: {statement}", step.detail)));
    }
    walks
}

fn is_data(statement: &str) -> bool {
    ["SELECT", "UPDATE", "DELETE", "INSERT"].iter().any(|verb| statement.starts_with(verb))
}

fn is_walk(step: &str) -> bool {
    let mut words = step.split(' ');
    words.next() == Some("SCAN")
        && words.next().is_some_and(|table| LARGE.contains(&table.trim_matches('`')))
        && !SMALL_INDEXES.iter().any(|index| step.ends_with(index) || step.contains(&format!("{index} ")))
}
