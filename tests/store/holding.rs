//! Seats are held, kept longer, let go, and come back.

use jiff::civil::date;
use sunbeon::domain::booking::{BookingState, ConfirmPartyError, ExtendHoldError, HoldPartyError};
use sunbeon::domain::person::Relation;
use sunbeon::store::holds;

use crate::support::country::SEATS;
use crate::support::home::{Home, RULES};
use crate::support::people::someone;

crate::on_both!(
    an_expired_hold_cannot_be_confirmed_and_its_seat_comes_back,
    a_hold_is_extended_only_so_often,
    a_daughter_holds_for_both_parents_side_by_side,
    when_one_slot_is_full_nothing_is_held_and_the_earlier_hold_stays,
    a_new_hold_frees_the_earlier_one,
    letting_go_gives_the_seat_back_and_twice_is_once,
    an_account_books_for_six_people_and_removed_ones_count,
    the_same_person_twice_in_one_order_is_refused,
    what_can_not_be_held_is_refused,
);

fn an_expired_hold_cannot_be_confirmed_and_its_seat_comes_back(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    assert_eq!((held.changes[0].after.held, held.changes[0].freed), (1, -1));
    assert_eq!(home.count(&slot).free(), i32::from(SEATS) - 1);

    home.clock.pass_minutes(10);
    assert_eq!(home.confirm(account, &held.token, flu).unwrap_err(), ConfirmPartyError::HoldExpired);
    let changes = home.housekeeping();
    assert_eq!((changes.len(), changes[0].freed), (1, 1));
    assert_eq!(home.count(&slot).free(), i32::from(SEATS));
    assert!(home.housekeeping().is_empty());
    let party = home.read(|conn, _| holds::find_party(conn, account, &held.token)).unwrap();
    assert_eq!(party.state, BookingState::Expired);
    home.assert_sound();
}

fn a_hold_is_extended_only_so_often(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, &home.country.flu, &[(me, 1, &slot)]).unwrap();
    let extend = || {
        let token = held.token.clone();
        home.try_write(move |tx| holds::extend(tx, account, &token, &RULES))
    };
    for _ in 0..RULES.extensions_max {
        home.clock.pass_minutes(9);
        assert_eq!(extend().unwrap(), RULES.ends_at(home.now()));
    }
    assert_eq!(extend().unwrap_err(), ExtendHoldError::TooOften);
    home.clock.pass_minutes(10);
    assert_eq!(extend().unwrap_err(), ExtendHoldError::HoldExpired);
    assert_eq!(home.housekeeping().len(), 1);
    assert_eq!(extend().unwrap_err(), ExtendHoldError::HoldExpired);
    home.assert_sound();
}

fn a_daughter_holds_for_both_parents_side_by_side(home: &Home) {
    let flu = &home.country.flu;
    let account = home.account("010-0000-0001");
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let father = home.add(account, someone("김철수", "1949-09-12", Relation::Father));
    let slots = home.flu_slots(date(2026, 11, 24));
    let booked = home.book(account, flu, &[(mother, 1, &slots[0]), (father, 1, &slots[1])]);
    let seats: Vec<_> = booked.iter().map(|one| (one.person.id, one.slot, one.state)).collect();
    assert_eq!(
        seats,
        [(mother, slots[0].id, BookingState::Booked), (father, slots[1].id, BookingState::Booked)]
    );
    assert_ne!(booked[0].reference, booked[1].reference);

    // Both beside each other in one slot.
    let neighbour = home.account("010-0000-0002");
    let one = home.add(neighbour, someone("박민수", "1951-01-01", Relation::Father));
    let other = home.add(neighbour, someone("최지영", "1953-01-01", Relation::Mother));
    home.book(neighbour, flu, &[(one, 1, &slots[0]), (other, 1, &slots[0])]);
    assert_eq!(home.count(&slots[0]).free(), 0);
    home.assert_sound();
}

fn when_one_slot_is_full_nothing_is_held_and_the_earlier_hold_stays(home: &Home) {
    let (flu, small) = (&home.country.flu, home.country.small);
    let slots = home.slots_on(small, flu.id, date(2026, 11, 24));
    let (rival, them) = home.citizen("010-0000-0009", "한지우", "1980-01-01");
    home.book(rival, flu, &[(them, 1, &slots[1])]);

    let account = home.account("010-0000-0001");
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let father = home.add(account, someone("김철수", "1949-09-12", Relation::Father));
    let earlier = home.hold(account, flu, &[(mother, 1, &slots[3])]).unwrap();
    let refused = home.hold(account, flu, &[(mother, 1, &slots[0]), (father, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::SlotFull);
    assert_eq!((home.count(&slots[0]).held, home.count(&slots[3]).held), (0, 1));
    home.confirm(account, &earlier.token, flu).unwrap();
    home.assert_sound();
}

fn a_new_hold_frees_the_earlier_one(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    let first = home.hold(account, flu, &[(me, 1, &slots[0])]).unwrap();
    let second = home.hold(account, flu, &[(me, 1, &slots[1])]).unwrap();
    assert_eq!((home.count(&slots[0]).held, home.count(&slots[1]).held), (0, 1));
    assert_eq!(home.confirm(account, &first.token, flu).unwrap_err(), ConfirmPartyError::HoldExpired);
    home.confirm(account, &second.token, flu).unwrap();
    home.assert_sound();
}

fn letting_go_gives_the_seat_back_and_twice_is_once(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, &home.country.flu, &[(me, 1, &slot)]).unwrap();
    let stranger = home.account("010-0000-0002");
    let release = |account| {
        let token = held.token.clone();
        home.try_write(move |tx| holds::release(tx, account, &token)).unwrap_or_default()
    };
    assert!(release(stranger).is_empty(), "a token is good for its own account only");
    assert_eq!((release(account).len(), release(account).len()), (1, 0));
    assert_eq!(home.count(&slot).held, 0);
    home.assert_sound();
}

fn an_account_books_for_six_people_and_removed_ones_count(home: &Home) {
    let flu = &home.country.flu;
    let account = home.account("010-0000-0001");
    let slots = home.flu_slots(date(2026, 11, 24));
    for number in 0..6 {
        let child = someone(&format!("김하나{number}"), "2015-01-01", Relation::Child);
        let id = home.add(account, child);
        let booked = home.book(account, flu, &[(id, 1, &slots[number / 3])]);
        home.cancel(&[booked[0].id]).unwrap();
        let place = i32::try_from(number).unwrap() + 1;
        home.try_write(move |tx| sunbeon::store::people::remove(tx, account, place)).unwrap();
    }
    let seventh = home.add(account, someone("김일곱", "2016-01-01", Relation::Child));
    let refused = home.hold(account, flu, &[(seventh, 1, &slots[2])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::TooManyPeople);
    // Another campaign counts for itself.
    let shield = home.shield_slots(date(2026, 11, 24))[0];
    let grandmother = home.add(account, someone("이순자", "1940-01-01", Relation::Grandparent));
    home.book(account, &home.country.shield, &[(grandmother, 1, &shield)]);
}

fn the_same_person_twice_in_one_order_is_refused(home: &Home) {
    let flu = &home.country.flu;
    let account = home.account("010-0000-0001");
    let typed = || {
        crate::support::people::someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002")
    };
    let (once, again) = (home.add(account, typed()), home.add(account, typed()));
    let slots = home.flu_slots(date(2026, 11, 24));
    for pair in [[(once, 1, &slots[0]), (once, 1, &slots[1])], [(once, 1, &slots[0]), (again, 1, &slots[1])]]
    {
        let refused = home.hold(account, flu, &pair);
        assert!(matches!(refused, Err(HoldPartyError::AlreadyBooked(_))), "{refused:?}");
    }
    home.assert_sound();
}

fn what_can_not_be_held_is_refused(home: &Home) {
    let (flu, shield) = (&home.country.flu, &home.country.shield);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let child = home.add(account, someone("김하늘", "2018-05-01", Relation::Child));
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let later = home.shield_slots(date(2026, 11, 24))[0];
    let refusal = |campaign, seats: &[_]| home.hold(account, campaign, seats).unwrap_err();
    assert_eq!(refusal(shield, &[(me, 1, &slot)]), HoldPartyError::NoSuchSlot, "of another campaign");
    assert_eq!(refusal(shield, &[(child, 1, &later)]), HoldPartyError::NotEligible(child));
    assert_eq!(refusal(flu, &[(me, 0, &slot)]), HoldPartyError::IntervalBroken(me), "no dose 0");
    assert_eq!(
        refusal(flu, &[(me, 2, &slot)]),
        HoldPartyError::IntervalBroken(me),
        "no dose 2 in this campaign"
    );
    let nobody = sunbeon::domain::ids::PersonId(1);
    assert_eq!(refusal(flu, &[(nobody, 1, &slot)]), HoldPartyError::NotEligible(nobody));
    let elsewhere = home.slots_on(home.country.south, flu.id, date(2026, 11, 24))[0];
    assert_eq!(refusal(flu, &[(me, 1, &slot), (child, 1, &elsewhere)]), HoldPartyError::NoSuchSlot);
    home.clock.set("2026-11-24T00:00:00Z");
    assert_eq!(refusal(flu, &[(me, 1, &slot)]), HoldPartyError::SlotPassed);
    home.clock.set("2027-01-30T00:00:00Z");
    let last = home.flu_slots(date(2027, 1, 30))[1];
    assert_eq!(refusal(flu, &[(me, 1, &last)]), HoldPartyError::NotEligible(me), "booking has closed");
    home.assert_sound();
}
