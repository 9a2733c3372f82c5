//! Several nodes at once, while accounts get other phones: whoever asks first has the number, and one person stays one.

use futures_util::future::join_all;
use jiff::civil::date;
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::phone_change::{self, PhoneChanged};
use sunbeon::store::{Tx, holds};
use tokio::runtime::Runtime;

use crate::support::home::{Home, refusal};
use crate::support::people::{order, someone_with_phone};

crate::on_both!(
    of_many_accounts_that_ask_for_a_number_one_has_it,
    a_first_claim_and_a_joining_at_once_leave_one_claim,
);

fn of_many_accounts_that_ask_for_a_number_one_has_it(home: &Home) {
    let (nodes, runtime) = (home.nodes(), Runtime::new().unwrap());
    for round in 0..8 {
        let accounts = (0..6).map(|number| {
            let phone = format!("010-0000-{round}{number:03}");
            home.citizen(&phone, &format!("김{}서", char::from_u32(0xAC00 + number).unwrap()), "1990-05-01").0
        });
        let accounts: Vec<_> = accounts.collect();
        let wanted = PhoneNumber::parse(&format!("010-0000-9{round:03}")).unwrap();
        let changes = accounts.iter().enumerate().map(|(number, account)| {
            let (account, phone) = (*account, wanted.clone());
            let change = move |tx: &mut Tx<'_>| phone_change::change(tx, account, &phone);
            nodes[number % nodes.len()].write(account.0, change)
        });
        let ends: Vec<PhoneChanged> =
            runtime.block_on(join_all(changes)).into_iter().map(|end| refusal(end).unwrap()).collect();
        let done = ends.iter().filter(|end| matches!(end, PhoneChanged::Done(_))).count();
        let taken = ends.iter().filter(|end| **end == PhoneChanged::Taken).count();
        assert_eq!((done, taken), (1, 5), "{ends:?}");
        home.assert_sound();
    }
}

/// The mother books for herself while she changes to the number that her daughter has typed for her, and the daughter books for
/// her: whatever comes first, she has one seat, or she is two who both claimed something and staff are to look.
fn a_first_claim_and_a_joining_at_once_leave_one_claim(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let (nodes, runtime) = (home.nodes(), Runtime::new().unwrap());
    let node = |number: usize| &nodes[number % nodes.len()];
    for round in 0..10_u32 {
        let name = format!("이영{}", char::from_u32(0xAC00 + round).unwrap());
        let (old, new) = (format!("010-0000-1{round:03}"), format!("010-0000-2{round:03}"));
        let (mother, own) = home.citizen(&old, &name, "1952-04-02");
        let daughter = home.account(&format!("010-0000-3{round:03}"));
        let hers = home.add(daughter, someone_with_phone(&name, "1952-04-02", Relation::Mother, &new));
        let phone = PhoneNumber::parse(&new).unwrap();
        let change = move |tx: &mut Tx<'_>| phone_change::change(tx, mother, &phone);
        let holds = [(mother, own, &slots[0]), (daughter, hers, &slots[1])].map(|(account, person, slot)| {
            let order = order(account, flu, &[(person, 1, slot)]);
            node(usize::from(account == daughter)).write(account.0, move |tx| holds::hold(tx, &order))
        });
        let (changed, held) =
            runtime.block_on(async { tokio::join!(node(1).write(mother.0, change), join_all(holds)) });
        assert!(matches!(refusal(changed).unwrap(), PhoneChanged::Done(_)));
        let held = held.into_iter().filter(Result::is_ok).count();
        assert!(held > 0, "round {round}: nobody got a seat");
        let claims = format!("SELECT COUNT(*) AS number FROM claim WHERE person IN ({}, {})", own.0, hers.0);
        let claims = home.database.number(&claims);
        let is_joined = home.database.number(&format!(
            "SELECT COUNT(*) AS number FROM person WHERE id IN ({}, {}) AND same_person_as IS NOT NULL",
            own.0, hers.0
        ));
        assert!(is_joined == 0 || claims <= 1, "round {round}: one person, {claims} claims, {held} held");
        home.assert_sound();
        home.clock.pass_minutes(11);
        home.housekeeping();
    }
}
