//! A database with its country and households, before anything serves them.

use jiff::tz::TimeZone;
use sunbeon::domain::clock::Clock;
use sunbeon::system::SystemClock;

use crate::app::TestDatabase;
use crate::country::{self, Time};
use crate::household::{self, Household};
use crate::service::Place;

/// Settles `number` households; some have rows for others besides. Gives the times that they can book, too.
pub fn settle(database: TestDatabase, number: usize, seed: u64) -> (Place, Vec<Household>, Vec<Time>) {
    let place = Place::new(database);
    let today = SystemClock.now().to_zoned(TimeZone::get("Asia/Seoul").unwrap()).date();
    let ledger = place.ledger();
    ledger.write_now(move |tx| country::settle(tx, today)).unwrap();
    let homes = ledger.write_now(move |tx| household::settle(tx, number, seed)).unwrap();
    ledger.close();
    let lines = place.database.lines(&country::times_query(today));
    let times = lines.iter().map(|line| Time::of_line(line)).collect();
    (place, homes, times)
}
