//! The same person under several accounts, and people who only look the same.

use jiff::civil::date;
use sunbeon::domain::booking::HoldPartyError;
use sunbeon::domain::ids::SiteId;
use sunbeon::domain::person::Relation;
use sunbeon::store::{people, roster};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    name_birth_and_phone_from_another_account_are_booked_elsewhere,
    name_and_birth_alone_are_booked_and_flagged_on_both_rosters,
    a_suspicion_is_shown_for_every_row_of_the_person,
    an_own_second_booking_is_told_as_ones_own,
    who_is_taken_off_a_list_and_typed_again_is_the_same_person,
);

fn who_is_taken_off_a_list_and_typed_again_is_the_same_person(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let daughter = home.account("010-0000-0001");
    let first = home.add(daughter, someone("김영희", "1948-07-01", Relation::Mother));
    home.book(daughter, flu, &[(first, 1, &slots[0])]);
    home.try_write(move |tx| people::remove(tx, daughter, 1)).unwrap();
    let again = home.add(daughter, someone("김 영희", "1948-07-01", Relation::Grandparent));
    let refused = home.hold(daughter, flu, &[(again, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::AlreadyBooked(again));
    let removed = home.hold(daughter, flu, &[(first, 1, &slots[1])]);
    assert_eq!(removed.unwrap_err(), HoldPartyError::NotEligible(first), "she is not in the list any more");
    home.assert_sound();
}

fn flags(home: &Home, site: SiteId) -> Vec<bool> {
    let lines = home.read(|conn, keys| roster::of_day(conn, keys, site, date(2026, 11, 24)));
    lines.iter().map(|line| line.suspected_duplicate).collect()
}

fn name_birth_and_phone_from_another_account_are_booked_elsewhere(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let mother = || someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let (daughter, son) = (home.account("010-0000-0001"), home.account("010-0000-0003"));
    let (hers, his) = (home.add(daughter, mother()), home.add(son, mother()));
    home.book(daughter, flu, &[(hers, 1, &slots[0])]);
    let refused = home.hold(son, flu, &[(his, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::BookedElsewhere(his));
    let (herself, own) = home.citizen("010-0000-0002", "이영희", "1952-04-02");
    let refused = home.hold(herself, flu, &[(own, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::AlreadyBooked(own), "she may see that booking");
    home.assert_sound();
}

fn name_and_birth_alone_are_booked_and_flagged_on_both_rosters(home: &Home) {
    let (flu, south) = (&home.country.flu, home.country.south);
    let day = date(2026, 11, 24);
    let (one, here) = home.citizen("010-0000-0001", "김민준", "1990-05-01");
    let (two, there) = home.citizen("010-0000-0002", "김민준", "1990-05-01");
    let (three, else_) = home.citizen("010-0000-0003", "김민준", "1991-05-01");
    home.book(one, flu, &[(here, 1, &home.flu_slots(day)[0])]);
    home.book(two, flu, &[(there, 1, &home.slots_on(south, flu.id, day)[0])]);
    home.book(three, flu, &[(else_, 1, &home.flu_slots(day)[1])]);
    assert_eq!(flags(home, home.country.north), [true, false]);
    assert_eq!(flags(home, south), [true]);
}

fn a_suspicion_is_shown_for_every_row_of_the_person(home: &Home) {
    let (flu, south) = (&home.country.flu, home.country.south);
    let day = date(2026, 11, 24);
    // The daughter types first; her mother's own row is the second one of the same person.
    let daughter = home.account("010-0000-0001");
    home.add(daughter, someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002"));
    let (mother, own) = home.citizen("010-0000-0002", "이영희", "1952-04-02");
    let neighbour = home.account("010-0000-0003");
    let namesake = home.add(neighbour, someone("이영희", "1952-04-02", Relation::Other));
    home.book(mother, flu, &[(own, 1, &home.flu_slots(day)[0])]);
    home.book(neighbour, flu, &[(namesake, 1, &home.slots_on(south, flu.id, day)[0])]);
    assert_eq!((flags(home, home.country.north), flags(home, south)), (vec![true], vec![true]));
}

/// Where one writes, nobody types at the same instant as somebody else.
#[test]
fn rows_typed_at_the_same_instant_on_two_nodes_are_one_person_after_all() {
    let Some(home) = &Home::on_postgres() else { return };
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let mother = || someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let (daughter, son) = (home.account("010-0000-0001"), home.account("010-0000-0003"));
    let (hers, his) = (home.add(daughter, mother()), home.add(son, mother()));
    // As two nodes leave them that write at once: neither row names the other.
    home.database.execute("UPDATE person SET same_person_as = NULL").unwrap();
    home.book(son, flu, &[(his, 1, &slots[0])]);
    let refused = home.hold(daughter, flu, &[(hers, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::BookedElsewhere(hers));
    home.assert_sound();
}

fn an_own_second_booking_is_told_as_ones_own(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    home.book(account, flu, &[(me, 1, &slots[0])]);
    let refused = home.hold(account, flu, &[(me, 1, &slots[1])]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::AlreadyBooked(me));
}
