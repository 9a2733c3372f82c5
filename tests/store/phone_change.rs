//! Another phone for an account: who is the same person afterwards, and who is not.

use jiff::civil::date;
use sunbeon::domain::booking::HoldPartyError;
use sunbeon::domain::ids::{AccountId, PersonId};
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::people::{self, SavePersonError};
use sunbeon::store::phone_change::{self, PhoneChanged};
use sunbeon::store::{accounts, bookings, roster};

use crate::challenges::sign_in;
use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    a_person_stays_who_they_are_and_is_found_by_both_numbers,
    whoever_claimed_nothing_is_joined_to_whom_others_typed,
    two_who_both_claimed_stay_two_and_are_marked,
    a_number_goes_to_one_of_two_accounts,
    nobody_becomes_a_stranger_by_typing_them_twice,
    an_erased_account_leaves_none_of_its_numbers,
);

const OLD: &str = "010-0000-0002";
const NEW: &str = "010-0000-0005";
const NAME: &str = "이영희";
const BIRTH: &str = "1952-04-02";

fn change(home: &Home, account: AccountId, phone: &str) -> PhoneChanged {
    let phone = PhoneNumber::parse(phone).unwrap();
    home.try_write(move |tx| phone_change::change(tx, account, &phone)).unwrap()
}

/// Somebody's account with a mother in the list, at this phone of hers.
fn carer(home: &Home, phone: &str, hers: &str) -> (AccountId, PersonId) {
    let account = home.account(phone);
    (account, home.add(account, someone_with_phone(NAME, BIRTH, Relation::Mother, hers)))
}

fn account_of(home: &Home, person: PersonId) -> Option<AccountId> {
    home.read(|conn, _| Ok(people::account_of(conn, person)?))
}

fn seen(home: &Home, account: AccountId) -> usize {
    home.read(|conn, keys| bookings::visible_to(conn, keys, account)).len()
}

fn a_person_stays_who_they_are_and_is_found_by_both_numbers(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let (daughter, hers) = carer(home, "010-0000-0001", OLD);
    home.book(daughter, flu, &[(hers, 1, &slots[0])]);
    let (mother, own) = home.citizen(OLD, NAME, BIRTH);
    assert_eq!((account_of(home, hers), seen(home, mother)), (Some(mother), 1));
    let PhoneChanged::Done(epoch) = change(home, mother, NEW) else { panic!("it was refused") };
    assert_eq!(change(home, mother, NEW), PhoneChanged::Done(epoch), "twice is once");
    assert_eq!((account_of(home, hers), seen(home, mother)), (Some(mother), 1));
    assert_eq!(
        home.hold(mother, flu, &[(own, 1, &slots[1])]).unwrap_err(),
        HoldPartyError::AlreadyBooked(own)
    );
    // Others type either number.
    for (phone, typed) in [("010-0000-0003", OLD), ("010-0000-0004", NEW)] {
        let (son, his) = carer(home, phone, typed);
        let refused = home.hold(son, flu, &[(his, 1, &slots[1])]);
        assert_eq!(refused.unwrap_err(), HoldPartyError::BookedElsewhere(his), "{typed}");
    }
    let typed = home.read(|conn, keys| people::find(conn, keys, hers)).unwrap().phone.unwrap();
    assert_eq!(typed, PhoneNumber::parse(OLD).unwrap(), "the daughter sees what she typed");
    home.assert_sound();
}

fn whoever_claimed_nothing_is_joined_to_whom_others_typed(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let (mother, own) = home.citizen(OLD, NAME, BIRTH);
    // The daughter knows the new number before her mother changes to it.
    let (daughter, hers) = carer(home, "010-0000-0001", NEW);
    home.book(daughter, flu, &[(hers, 1, &slots[0])]);
    assert_eq!((account_of(home, hers), seen(home, mother)), (None, 0));
    change(home, mother, NEW);
    assert_eq!((account_of(home, hers), seen(home, mother)), (Some(mother), 1));
    assert_eq!(
        home.hold(mother, flu, &[(own, 1, &slots[1])]).unwrap_err(),
        HoldPartyError::AlreadyBooked(own)
    );
    let lines = home.read(|conn, keys| roster::of_day(conn, keys, home.country.north, date(2026, 11, 24)));
    assert!(lines.iter().all(|line| !line.suspected_duplicate), "she is no duplicate of herself");
    home.assert_sound();
}

fn two_who_both_claimed_stay_two_and_are_marked(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let (mother, own) = home.citizen(OLD, NAME, BIRTH);
    home.book(mother, flu, &[(own, 1, &slots[0])]);
    let (daughter, hers) = carer(home, "010-0000-0001", NEW);
    home.book(daughter, flu, &[(hers, 1, &slots[1])]);
    change(home, mother, NEW);
    let lines = home.read(|conn, keys| roster::of_day(conn, keys, home.country.north, date(2026, 11, 24)));
    assert_eq!(lines.iter().filter(|line| line.suspected_duplicate).count(), 2);
    assert_eq!(seen(home, mother), 2, "she sees what was booked with her number");
    home.assert_sound();
}

fn a_number_goes_to_one_of_two_accounts(home: &Home) {
    let (one, _) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (other, _) = home.citizen("010-0000-0003", "김서윤", "1991-05-01");
    assert!(matches!(change(home, one, NEW), PhoneChanged::Done(_)));
    assert_eq!(change(home, other, NEW), PhoneChanged::Taken);
    assert!(matches!(change(home, other, "010-0000-0001"), PhoneChanged::Done(_)), "that one is free now");
    let empty = home.account("010-0000-0006");
    assert!(matches!(change(home, one, "010-0000-0006"), PhoneChanged::Done(_)));
    assert!(home.read(|conn, keys| accounts::find(conn, keys, empty)).is_none());
    assert_eq!(change(home, empty, "010-0000-0007"), PhoneChanged::Gone);
    home.assert_sound();
}

fn nobody_becomes_a_stranger_by_typing_them_twice(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    // The stranger's account is the older one.
    let (stranger, _) = carer(home, "010-0000-0009", OLD);
    let (mother, own) = home.citizen(OLD, NAME, BIRTH);
    home.book(mother, flu, &[(own, 1, &slots[0])]);
    let again = someone(NAME, BIRTH, Relation::Other);
    let me = someone(NAME, BIRTH, Relation::Me);
    for details in [again, me] {
        let added: Result<i32, SavePersonError> =
            home.try_write(move |tx| people::add(tx, stranger, &details, 6));
        added.unwrap();
    }
    assert_eq!(seen(home, stranger), 0, "whoever types a name and a number learns nothing");
    assert_eq!(account_of(home, own), Some(mother), "and gets no message");
}

fn an_erased_account_leaves_none_of_its_numbers(home: &Home) {
    let (account, _) = home.citizen(OLD, NAME, BIRTH);
    sign_in(home, OLD, false).unwrap();
    change(home, account, NEW);
    sign_in(home, NEW, false).unwrap();
    let kept = "SELECT COUNT(*) AS number FROM challenge";
    assert_eq!(home.database.number(kept), 3);
    home.try_write(move |tx| people::erase_account(tx, account)).unwrap();
    assert_eq!(home.database.number(kept), 0);
}
