//! Accounts whose phone nobody proved for long.

use jiff::SignedDuration;
use jiff::civil::date;
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::ids::AccountId;
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::language::Language;
use sunbeon::store::idle_accounts::{self, Answered, Proved};
use sunbeon::store::{Ledger, accounts, bookings, people};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    ninety_days_after_the_phone_was_proved_a_birth_date_is_asked,
    whoever_a_booking_is_for_counts_as_listed,
    five_answers_are_five_even_when_fifty_come_at_once,
    an_account_is_answered_for_or_begun_anew_and_never_both,
    an_empty_account_is_replaced_by_a_new_one,
    what_passes_on_takes_no_phone_of_the_family_along,
);

const PHONE: &str = "010-0000-0001";
const BIRTH: &str = "1990-05-01";

fn prove(home: &Home) -> Proved {
    let phone = PhoneNumber::parse(PHONE).unwrap();
    home.write(move |tx| idle_accounts::prove_phone(tx, &phone, Language::English))
}

fn born(text: &str) -> BirthDate {
    BirthDate::from_stored(text).unwrap()
}

fn answer(home: &Home, id: AccountId, birth: &str) -> Answered {
    let birth = born(birth);
    let answered = home.try_write(move |tx| idle_accounts::answer(tx, id, birth, Language::English));
    answered.unwrap_or_else(|never| match never {})
}

fn begin_anew(home: &Home, id: AccountId) -> Option<(AccountId, i32)> {
    let begun = home.try_write(move |tx| idle_accounts::begin_anew(tx, id, Language::English));
    begun.unwrap_or_else(|never| match never {})
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn tries(home: &Home) -> i64 {
    home.database.number("SELECT CAST(MAX(birth_tries) AS BIGINT) AS number FROM account")
}

fn ninety_days_after_the_phone_was_proved_a_birth_date_is_asked(home: &Home) {
    let (account, _) = home.citizen(PHONE, "김서연", BIRTH);
    home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    home.clock.pass(days(90) - SignedDuration::from_secs(1));
    assert_eq!(answer(home, account, BIRTH), Answered::Over, "nothing is asked yet");
    assert_eq!(prove(home), Proved::Account(account, 0));
    home.clock.pass(days(90));
    assert_eq!(prove(home), Proved::Idle(account));
    assert_eq!(prove(home), Proved::Idle(account), "asking proves nothing");
    assert_eq!(answer(home, account, "1990-05-02"), Answered::Wrong(4));
    assert_eq!(answer(home, account, "1952-04-02"), Answered::Right(0));
    assert_eq!(tries(home), 0, "the next time there are five again");
    assert_eq!(prove(home), Proved::Account(account, 0));
    assert_eq!(begin_anew(home, account), None, "an account in use is never given away");
}

fn whoever_a_booking_is_for_counts_as_listed(home: &Home) {
    let account = home.account(PHONE);
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.book(account, &home.country.flu, &[(mother, 1, &slot)]);
    home.try_write(move |tx| people::remove(tx, account, 1)).unwrap();
    home.clock.pass(days(90));
    assert_eq!(prove(home), Proved::Idle(account), "the booking would show her");
    assert_eq!(answer(home, account, "1952-04-02"), Answered::Right(0));
}

fn five_answers_are_five_even_when_fifty_come_at_once(home: &Home) {
    let (account, _) = home.citizen(PHONE, "김서연", BIRTH);
    home.clock.pass(days(90));
    let nodes = home.nodes();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answers = runtime.block_on(futures_util::future::join_all((0..50).map(|number| {
        let ledger: &Ledger = &nodes[number % nodes.len()];
        let key = i64::try_from(number).unwrap();
        ledger.write(key, move |tx| idle_accounts::answer(tx, account, born("1990-05-02"), Language::English))
    })));
    let wrong = answers.into_iter().filter(|answer| matches!(answer, Ok(Answered::Wrong(_)))).count();
    assert_eq!(wrong, 4, "the fifth says that it is over, as all after it do");
    assert_eq!(tries(home), 5);
    assert_eq!(answer(home, account, BIRTH), Answered::Over, "the right one comes too late");
    home.clock.pass(days(365));
    assert_eq!(answer(home, account, BIRTH), Answered::Over, "and stays too late");
    assert_ne!(begin_anew(home, account), None);
}

fn an_account_is_answered_for_or_begun_anew_and_never_both(home: &Home) {
    for number in 1..=8 {
        let phone = format!("010-0000-000{number}");
        let (account, _) = home.citizen(&phone, "김서연", BIRTH);
        home.clock.pass(days(90));
        let nodes = home.nodes();
        let (one, other) = (&nodes[0], &nodes[nodes.len() - 1]);
        let answer =
            one.write(1, move |tx| idle_accounts::answer(tx, account, born(BIRTH), Language::English));
        let anew = other.write(2, move |tx| idle_accounts::begin_anew(tx, account, Language::English));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (answered, begun) = runtime.block_on(futures_util::future::join(answer, anew));
        let (answered, begun) = (answered.unwrap(), begun.unwrap());
        let is_there = home.read(|conn, keys| accounts::find(conn, keys, account)).is_some();
        assert_eq!(answered == Answered::Right(0), begun.is_none(), "{answered:?} {begun:?}");
        assert_eq!(is_there, begun.is_none(), "{answered:?} {begun:?}");
    }
}

fn an_empty_account_is_replaced_by_a_new_one(home: &Home) {
    let account = home.account(PHONE);
    home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    home.try_write(move |tx| people::remove(tx, account, 1)).unwrap();
    let email = EmailAddress::parse("seoyeon@example.org").unwrap();
    home.write(move |tx| accounts::set_email(tx, account, &email));
    home.clock.pass(days(90));
    let Proved::Account(new, epoch) = prove(home) else { panic!("whom could it ask about?") };
    assert_ne!(new, account, "a device of whoever had the number would see what is added");
    assert_eq!(home.read(|conn, keys| accounts::find(conn, keys, new)).unwrap().email, None);
    assert!(home.read(|conn, keys| accounts::find(conn, keys, account)).is_none());
    assert_eq!(prove(home), Proved::Account(new, epoch));
}

fn what_passes_on_takes_no_phone_of_the_family_along(home: &Home) {
    let (account, me) = home.citizen(PHONE, "김서연", BIRTH);
    let mother = someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let mother = home.add(account, mother);
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(account, &home.country.flu, &[(me, 1, &slot), (mother, 1, &slot)]);
    home.clock.pass(days(90));
    let (new, _) = begin_anew(home, account).unwrap();
    assert_eq!(begin_anew(home, account), None, "pressing twice is no mistake");
    assert!(home.read(|conn, keys| people::cared_for(conn, keys, new)).is_empty());
    assert!(home.read(|conn, keys| bookings::visible_to(conn, keys, new)).is_empty());
    let phone_of = |id| home.read(|conn, keys| people::find(conn, keys, id)).unwrap().phone;
    assert_eq!(phone_of(me), None, "messages about her would reach whoever has the number now");
    assert_eq!(phone_of(mother), Some(PhoneNumber::parse("010-0000-0002").unwrap()));
    let kept = booked.iter().map(|one| home.booking(one.id).state).collect::<Vec<_>>();
    assert_eq!(kept, booked.iter().map(|one| one.state).collect::<Vec<_>>());
    home.assert_sound();
}
