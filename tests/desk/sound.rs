//! What must be true after every story.

use std::collections::HashMap;

use jiff::civil::Date;
use sunbeon::store::slots;

use crate::app::{TestApp, block_on};
use crate::citizens::coming;

/// Fails unless counts and claims say what the bookings say, and every cache says what the database says. Nothing may be
/// on its way.
pub fn assert_sound(app: &TestApp) {
    for (state, column) in [("'held'", "held"), ("'booked','arrived','vaccinated','no-show'", "booked")] {
        let wrong = app.database.number(&format!(
            "SELECT COUNT(*) AS number FROM slot_lane l WHERE l.{column} <> (SELECT COUNT(*) FROM booking b \
             WHERE b.slot = l.slot AND b.lane = l.lane AND b.state IN ({state}))"
        ));
        assert_eq!(wrong, 0, "slots whose column {column} differs from their bookings");
    }
    let overfull =
        app.database.number("SELECT COUNT(*) AS number FROM slot_lane WHERE held + booked > seats");
    assert_eq!(overfull, 0, "slots with more people than seats");
    let unclaimed = app.database.number(
        "SELECT COUNT(*) AS number FROM booking b WHERE \
         (b.state = 'held' AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.pending_hold = b.id)) OR \
         (b.state IN ('booked','displaced','arrived','vaccinated') AND \
          NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking = b.id))",
    );
    assert_eq!(unclaimed, 0, "bookings without a claim");
    assert_eq!(seen_by_desks(app), stored(app), "what desks know differs from what is stored");
    assert_eq!(
        seen_by_searches(app),
        stored_by_day(app),
        "what search pages show differs from what is stored"
    );
}

/// Seats that are held now, in the whole country.
pub fn held(app: &TestApp) -> i64 {
    app.database.number("SELECT CAST(SUM(held) AS BIGINT) AS number FROM slot_lane")
}

/// Seats that are booked, in the whole country.
pub fn booked(app: &TestApp) -> i64 {
    app.database.number("SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane")
}

fn stored(app: &TestApp) -> HashMap<i64, u32> {
    let now = app.engine().now();
    let free_of = |site| app.read(|conn, _| slots::of_site(conn, site, now));
    let free = (0..3).flat_map(|site| free_of(app.site_id(site)));
    free.map(|(slot, count)| (slot.id.0, u32::try_from(count.free()).unwrap())).collect()
}

fn seen_by_desks(app: &TestApp) -> HashMap<i64, u32> {
    let mut seen = HashMap::new();
    for site in 0..3 {
        for slug in ["flu-2026", "covid-2026"] {
            let coming = block_on(coming(app, app.site_id(site), slug));
            seen.extend(coming.into_iter().map(|(slot, free)| (slot.id.0, free)));
        }
    }
    seen
}

type ByDay = HashMap<(i64, i64, Date), i64>;

fn stored_by_day(app: &TestApp) -> ByDay {
    let rows = app.database.lines(
        "SELECT s.site || ' ' || s.product || ' ' || s.local_date || ' ' || SUM(seats - held - booked) AS line \
         FROM slot s JOIN slot_lane ON slot = s.id GROUP BY s.site, s.product, s.local_date",
    );
    let today = app.engine().today();
    let days = rows.into_iter().map(|row| {
        let words: Vec<&str> = row.split(' ').collect();
        let number = |place: usize| words[place].parse::<i64>().unwrap();
        ((number(0), number(1), words[2].parse().unwrap()), number(3))
    });
    days.filter(|((_, _, day), _)| *day >= today).collect()
}

fn seen_by_searches(app: &TestApp) -> ByDay {
    let (engine, mut seen) = (app.engine(), HashMap::new());
    for site in engine.country.now().sites() {
        for campaign in engine.country.now().campaigns() {
            let days = engine.availability.days(site.id, campaign.id, engine.today());
            seen.extend(days.into_iter().map(|day| ((site.id.0, day.product.0, day.day), day.free)));
        }
    }
    seen
}
