//! A held party becomes bookings.

use jiff::civil::date;
use sunbeon::domain::booking::{BookingState, ConfirmPartyError};
use sunbeon::domain::person::Relation;
use sunbeon::store::{bookings, people};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    a_confirmed_seat_is_seen_by_the_one_who_booked_it,
    confirming_twice_is_confirming_once,
    nobody_confirms_for_another_account_or_campaign,
    nothing_is_confirmed_after_the_campaign_closed,
    a_mother_sees_what_her_daughter_booked,
    typing_somebody_elses_phone_shows_nothing_of_theirs,
);

fn a_confirmed_seat_is_seen_by_the_one_who_booked_it(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, account)).is_empty());
    let reference = home.party(held.party)[0].reference;
    assert!(home.read(|conn, keys| bookings::by_reference(conn, keys, &reference)).is_none());

    let confirmed = home.confirm(account, &held.token, flu).unwrap();
    assert_eq!((confirmed.changes[0].after.held, confirmed.changes[0].after.booked), (0, 1));
    assert_eq!(confirmed.changes[0].freed, 0);
    let seen = home.read(|conn, keys| bookings::visible_to(conn, keys, account));
    assert_eq!(
        (seen.len(), seen[0].state, seen[0].person.name.as_str()),
        (1, BookingState::Booked, "김서연")
    );
    let found = home.read(|conn, keys| bookings::by_reference(conn, keys, &reference)).unwrap();
    assert_eq!((found.id, found.starts_at), (seen[0].id, slot.starts_at));
    let doses = home.read(|conn, _| bookings::live_doses(conn, flu.id, &[me]));
    assert_eq!(doses, [(me, 1)]);
    home.assert_sound();
}

fn confirming_twice_is_confirming_once(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    home.confirm(account, &held.token, flu).unwrap();
    home.clock.pass_minutes(60);
    assert!(home.confirm(account, &held.token, flu).unwrap().changes.is_empty());
    assert_eq!(home.count(&slot).booked, 1);
    assert_eq!(home.messages("confirmation", "queued").len(), 1);
    home.assert_sound();
}

fn nobody_confirms_for_another_account_or_campaign(home: &Home) {
    let (flu, shield) = (&home.country.flu, &home.country.shield);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let stranger = home.account("010-0000-0002");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    assert_eq!(home.confirm(stranger, &held.token, flu).unwrap_err(), ConfirmPartyError::HoldExpired);
    assert_eq!(home.confirm(account, &held.token, shield).unwrap_err(), ConfirmPartyError::HoldExpired);
    assert_eq!(home.confirm(account, "no-such-token", flu).unwrap_err(), ConfirmPartyError::HoldExpired);
}

fn nothing_is_confirmed_after_the_campaign_closed(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    home.clock.set("2027-01-29T23:55:00Z");
    let slot = home.flu_slots(date(2027, 1, 30))[2];
    let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    home.clock.pass_minutes(5);
    assert_eq!(home.confirm(account, &held.token, flu).unwrap_err(), ConfirmPartyError::Closed);
}

fn a_mother_sees_what_her_daughter_booked(home: &Home) {
    let daughter = home.account("010-0000-0001");
    let typed = someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let her_row = home.add(daughter, typed);
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(daughter, &home.country.flu, &[(her_row, 1, &slot)]);

    let (mother, _) = home.citizen("010-0000-0002", "이영희", "1952-04-02");
    let seen = home.read(|conn, keys| bookings::visible_to(conn, keys, mother));
    assert_eq!(seen.iter().map(|one| one.id).collect::<Vec<_>>(), [booked[0].id]);
    assert!(home.read(|conn, _| bookings::may_see(conn, mother, &booked[0])));
    let namesake = home.citizen("010-0000-0003", "이영희", "1952-04-02").0;
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, namesake)).is_empty());
    assert!(!home.read(|conn, _| bookings::may_see(conn, namesake, &booked[0])));
}

fn typing_somebody_elses_phone_shows_nothing_of_theirs(home: &Home) {
    let daughter = home.account("010-0000-0001");
    let mother = |relation| someone_with_phone("이영희", "1952-04-02", relation, "010-0000-0002");
    let typed = home.add(daughter, mother(Relation::Mother));
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.book(daughter, &home.country.flu, &[(typed, 1, &slot)]);

    let intruder = home.account("010-0000-0666");
    home.add(intruder, mother(Relation::Other));
    home.add(intruder, mother(Relation::Me));
    home.add(intruder, someone("김서연", "1990-05-01", Relation::Child));
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, intruder)).is_empty());
    assert!(home.read(|conn, keys| people::carers(conn, keys, intruder)).is_empty());
}
