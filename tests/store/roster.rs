//! A clinic's list of the day.

use jiff::civil::date;
use sunbeon::domain::booking::BookingState;
use sunbeon::domain::ids::BookingId;
use sunbeon::store::roster::{self, RosterLine};

use crate::support::home::Home;

crate::on_both!(
    a_roster_is_in_order_of_time_and_shows_no_holds,
    a_roster_shows_who_gave_their_seat_up,
    an_evening_in_utc_is_the_same_day_at_the_site,
);

fn roster(home: &Home, day: jiff::civil::Date) -> Vec<RosterLine> {
    home.read(|conn, keys| roster::of_day(conn, keys, home.country.north, day))
}

fn a_roster_is_in_order_of_time_and_shows_no_holds(home: &Home) {
    let (flu, shield) = (&home.country.flu, &home.country.shield);
    let day = date(2026, 11, 24);
    let (flu_slots, shield_slots) = (home.flu_slots(day), home.shield_slots(day));
    let mut made: Vec<(usize, BookingId)> = Vec::new();
    for (number, time) in [2, 0, 3, 1].into_iter().enumerate() {
        let (account, me) = home.citizen(&format!("010-0000-001{number}"), "김서연", "1990-05-01");
        let (campaign, slots) = if time % 2 == 0 { (flu, &flu_slots) } else { (shield, &shield_slots) };
        made.push((time, home.book(account, campaign, &[(me, 1, &slots[time])])[0].id));
    }
    let (waiting, them) = home.citizen("010-0000-0020", "한지우", "1980-01-01");
    home.hold(waiting, flu, &[(them, 1, &flu_slots[0])]).unwrap();
    home.book(waiting, flu, &[(them, 1, &home.flu_slots(date(2026, 11, 25))[0])]);

    made.sort_unstable_by_key(|one| one.0);
    let listed = roster(home, day);
    assert_eq!(
        listed.iter().map(|line| line.booking).collect::<Vec<_>>(),
        made.iter().map(|one| one.1).collect::<Vec<_>>()
    );
    assert!(listed.iter().all(|line| line.state == BookingState::Booked));
    assert_eq!((listed[0].person.name.as_str(), listed[0].person.birth.year()), ("김서연", 1990));
}

fn a_roster_shows_who_gave_their_seat_up(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let day = date(2026, 11, 24);
    let slots = home.flu_slots(day);
    let given_up = home.book(account, &home.country.flu, &[(me, 1, &slots[0])])[0].id;
    home.cancel(&[given_up]).unwrap();
    home.book(account, &home.country.flu, &[(me, 1, &slots[1])]);
    let states: Vec<_> = roster(home, day).iter().map(|line| line.state).collect();
    assert_eq!(states, [BookingState::Cancelled, BookingState::Booked]);
}

fn an_evening_in_utc_is_the_same_day_at_the_site(home: &Home) {
    // Nine in the morning in Seoul is midnight in UTC: the slots at 9:00 begin on the day that the site calls so.
    let slots = home.flu_slots(date(2026, 11, 24));
    assert_eq!(slots[0].starts_at.to_string(), "2026-11-24T00:00:00Z");
    assert_eq!(slots.len(), 4);
    assert!(home.flu_slots(date(2026, 11, 29)).is_empty(), "closed on Sundays");
}
