//! The people I book for, and who books for me.

use jiff::civil::date;
use sunbeon::domain::ids::AccountId;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::store::bookings;
use sunbeon::store::people::{self, PersonDetails, SavePersonError};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    a_list_shows_its_owner_first_and_has_an_end,
    an_identity_stays_while_a_booking_is_to_come,
    revoking_a_care_passes_the_bookings_to_the_person,
    only_the_person_revokes_who_cares_for_them,
    a_proved_phone_finds_its_account_again,
);

fn add(home: &Home, owner: AccountId, details: PersonDetails, most: u16) -> Result<i32, SavePersonError> {
    home.try_write(move |tx| people::add(tx, owner, &details, most))
}

fn change(home: &Home, owner: AccountId, number: i32, details: PersonDetails) -> Result<(), SavePersonError> {
    home.try_write(move |tx| people::change(tx, owner, number, &details))
}

fn a_list_shows_its_owner_first_and_has_an_end(home: &Home) {
    let account = home.account("010-0000-0001");
    assert_eq!(add(home, account, someone("이영희", "1952-04-02", Relation::Mother), 2), Ok(1));
    assert_eq!(add(home, account, someone("김서연", "1990-05-01", Relation::Me), 2), Ok(2));
    let me_again = someone("김서윤", "1990-05-01", Relation::Me);
    assert_eq!(add(home, account, me_again.clone(), 9), Err(SavePersonError::MeTwice));
    assert_eq!(change(home, account, 1, me_again), Err(SavePersonError::MeTwice));
    let father = || someone("김철수", "1949-09-12", Relation::Father);
    assert_eq!(add(home, account, father(), 2), Err(SavePersonError::TooMany));
    let names = || -> Vec<String> {
        let list = home.read(|conn, keys| people::cared_for(conn, keys, account));
        list.iter().map(|one| one.person.name.as_str().to_owned()).collect()
    };
    assert_eq!(names(), ["김서연", "이영희"]);
    let remove = |number| home.try_write(move |tx| people::remove(tx, account, number));
    assert_eq!(remove(1), Ok(()));
    assert_eq!(remove(1), Err(SavePersonError::NotFound));
    assert_eq!(add(home, account, father(), 2), Ok(3), "numbers are never given again");
    assert_eq!(names(), ["김서연", "김철수"]);
}

fn an_identity_stays_while_a_booking_is_to_come(home: &Home) {
    let account = home.account("010-0000-0001");
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let corrected = || someone("이영희", "1952-04-03", Relation::Mother);
    change(home, account, 1, corrected()).unwrap();
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(account, &home.country.flu, &[(mother, 1, &slot)])[0].id;
    let back = someone("이영희", "1952-04-02", Relation::Mother);
    assert_eq!(change(home, account, 1, back.clone()), Err(SavePersonError::HasBooking));
    let other_words =
        PersonDetails { messages_to: MessagesTo::NoPhone, relation: Relation::Other, ..corrected() };
    change(home, account, 1, other_words).unwrap();
    home.cancel(&[booked]).unwrap();
    change(home, account, 1, back).unwrap();
}

fn revoking_a_care_passes_the_bookings_to_the_person(home: &Home) {
    let daughter = home.account("010-0000-0001");
    let hers = home.add(
        daughter,
        PersonDetails {
            messages_to: MessagesTo::Both,
            ..someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002")
        },
    );
    let (mother, own) = home.citizen("010-0000-0002", "이영희", "1952-04-02");
    let slot = home.flu_slots(date(2026, 11, 26))[0];
    let booked = home.book(daughter, &home.country.flu, &[(hers, 1, &slot)])[0].id;
    assert_eq!(home.messages("reminder", "queued").len(), 2, "to both");

    let carers = home.read(|conn, keys| people::carers(conn, keys, mother));
    assert_eq!(
        (carers.len(), carers[0].phone.as_e164(), carers[0].relation),
        (1, "+821000000001", Relation::Mother)
    );
    let care = carers[0].care;
    home.try_write(move |tx| people::revoke(tx, mother, care)).unwrap();
    assert!(home.read(|conn, keys| people::carers(conn, keys, mother)).is_empty());
    assert!(home.read(|conn, keys| people::cared_for(conn, keys, daughter)).is_empty());
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, daughter)).is_empty());
    let passed = home.booking(booked);
    assert_eq!((passed.account, passed.person.id), (mother, own));
    let reminders = home.messages("reminder", "queued");
    assert_eq!(
        reminders.iter().map(|one| (one.0.as_str(), one.1)).collect::<Vec<_>>(),
        [("account", mother.0)]
    );
    home.assert_sound();

    // The daughter may leave now; her mother's booking is not touched.
    home.try_write(move |tx| people::erase_account(tx, daughter)).unwrap();
    assert_eq!(home.booking(booked).person.name.as_str(), "이영희");
    home.cancel(&[booked]).unwrap();
    // And her son can type her, although the first row for her was the daughter's and is empty now.
    let son = home.account("010-0000-0003");
    let typed = someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    assert_eq!(add(home, son, typed, 6), Ok(1));
}

fn only_the_person_revokes_who_cares_for_them(home: &Home) {
    let daughter = home.account("010-0000-0001");
    home.add(daughter, someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002"));
    let mother = home.citizen("010-0000-0002", "이영희", "1952-04-02").0;
    let care = home.read(|conn, keys| people::carers(conn, keys, mother))[0].care;
    let namesake = home.citizen("010-0000-0003", "이영희", "1952-04-02").0;
    for stranger in [namesake, daughter] {
        let refused = home.try_write(move |tx| people::revoke(tx, stranger, care));
        assert_eq!(refused, Err(SavePersonError::NotFound));
    }
}

fn a_proved_phone_finds_its_account_again(home: &Home) {
    use sunbeon::store::accounts;
    let account = home.account("010-0000-0001");
    assert_eq!(home.account("+82 10 0000 0001"), account);
    assert_ne!(home.account("010-0000-0002"), account);
    home.write(move |tx| accounts::end_sessions(tx, account));
    let found = home.read(|conn, keys| accounts::find(conn, keys, account)).unwrap();
    assert_eq!((found.epoch, found.phone.as_e164()), (1, "+821000000001"));
}
