//! Erasing an account.

use jiff::civil::date;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::person::Relation;
use sunbeon::store::people::{self, EraseError};
use sunbeon::store::{accounts, bookings};

use crate::challenges::sign_in;
use crate::support::home::Home;
use crate::support::people::someone;

crate::on_both!(
    an_account_with_a_booking_to_come_is_not_erased,
    an_erased_account_leaves_numbers_without_names,
    an_erased_phone_begins_anew,
);

fn an_account_with_a_booking_to_come_is_not_erased(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let erase = || home.try_write(move |tx| people::erase_account(tx, account));
    home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
    assert_eq!(erase(), Err(EraseError::HasBooking));
    let booked = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    assert_eq!(erase(), Err(EraseError::HasBooking));
    home.cancel(&[booked]).unwrap();
    assert_eq!(erase(), Ok(()));
    assert!(home.read(|conn, keys| accounts::find(conn, keys, account)).is_none());
}

fn an_erased_account_leaves_numbers_without_names(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let email = EmailAddress::parse("seoyeon@example.org").unwrap();
    home.write(move |tx| accounts::set_email(tx, account, &email));
    sign_in(home, "010-0000-0001", false).unwrap();
    sign_in(home, "010-0000-0002", false).unwrap();
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(account, flu, &[(me, 1, &slot), (mother, 1, &slot)]);
    home.clock.set("2026-11-25T00:00:00Z");
    home.try_write(move |tx| people::erase_account(tx, account)).unwrap();

    let count = |what: &str| home.database.number(&format!("SELECT COUNT(*) AS number FROM {what}"));
    assert_eq!(count("person WHERE name_sealed IS NOT NULL OR birth_sealed IS NOT NULL"), 0);
    assert_eq!(count("person WHERE phone_sealed IS NOT NULL OR phone_hash IS NOT NULL"), 0);
    assert_eq!(count("person WHERE identity_key IS NOT NULL"), 0);
    let contact = "phone_hash IS NOT NULL OR phone_sealed IS NOT NULL OR email_sealed IS NOT NULL";
    assert_eq!(count(&format!("account WHERE {contact}")), 0);
    assert_eq!(count("challenge"), 1, "only the one of another phone");
    assert_eq!(count("booking WHERE state = 'booked'"), 2);
    assert!(home.read(|conn, keys| bookings::find(conn, keys, booked[0].id)).is_none());
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, account)).is_empty());
}

fn an_erased_phone_begins_anew(home: &Home) {
    let (account, _) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    home.try_write(move |tx| people::erase_account(tx, account)).unwrap();
    let (anew, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    assert_ne!(anew, account);
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.book(anew, &home.country.flu, &[(me, 1, &slot)]);
}
