//! Every process has a number of its own.

use std::sync::mpsc;

use jiff::civil::date;
use sunbeon::domain::booking::HoldPartyError;
use sunbeon::store::{Failure, LedgerError, StoreError, Tx, holds, node};

use crate::support::home::Home;
use crate::support::people::order;

crate::on_both!(
    two_processes_get_different_numbers,
    a_number_whose_lease_ran_out_is_given_again,
    a_number_that_was_given_back_is_free_after_a_rest,
    processes_that_start_together_share_no_number,
    a_number_rests_until_the_clock_has_passed_its_last_id,
);

fn lease(home: &Home, token: u8) -> u16 {
    node::lease(&home.database.url(), &[token; 16], home.now()).unwrap()
}

fn renew(home: &Home, number: u16, token: u8) -> bool {
    home.write(move |tx| node::renew(tx, number, &[token; 16]))
}

fn two_processes_get_different_numbers(home: &Home) {
    assert_eq!((lease(home, 1), lease(home, 2), lease(home, 3)), (0, 1, 2));
}

fn a_number_whose_lease_ran_out_is_given_again(home: &Home) {
    assert_eq!((lease(home, 1), lease(home, 2)), (0, 1));
    home.clock.pass_minutes(6);
    assert!(renew(home, 1, 2));
    home.clock.pass_minutes(5);
    assert_eq!(lease(home, 3), 0, "the first was not renewed");
    assert!(!renew(home, 0, 1), "its old holder must stop");
    assert!(renew(home, 1, 2));
}

fn a_number_that_was_given_back_is_free_after_a_rest(home: &Home) {
    let release = |token| node::release(&home.database.url(), 0, &[token; 16], home.now()).unwrap();
    assert_eq!((lease(home, 1), lease(home, 2)), (0, 1));
    release(9);
    home.clock.pass_minutes(2);
    assert_eq!(lease(home, 3), 2, "a stranger gives nothing back");
    release(1);
    assert_eq!(lease(home, 4), 3, "its last ids may be of this very moment");
    home.clock.pass_minutes(2);
    assert_eq!(lease(home, 5), 0);
}

fn processes_that_start_together_share_no_number(home: &Home) {
    let numbers: std::collections::BTreeSet<u16> = std::thread::scope(|scope| {
        let processes: Vec<_> = (0..8).map(|token| scope.spawn(move || lease(home, token))).collect();
        processes.into_iter().map(|process| process.join().unwrap()).collect()
    });
    assert_eq!(numbers.len(), 8);
}

/// PostgreSQL ends its transaction. A machine that loses its power says no goodbye either.
#[test]
fn a_node_that_stands_still_holds_up_the_others_for_seconds_only() {
    let Some(home) = Home::on_postgres() else { return };
    let country = &home.country;
    let slots = home.slots_on(country.small, country.flu.id, date(2026, 11, 24));
    let [one, other] =
        ["010-0000-0001", "010-0000-0002"].map(|phone| home.citizen(phone, "김순자", "1950-03-01"));
    let wish = |(account, person), slot| order(account, &country.flu, &[(person, 1, slot)]);
    let (frozen, still) = (home.another_node(2, 1), wish(one, &slots[0]));
    let (begun, has_begun) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let stands_still = {
        let frozen = frozen.clone();
        std::thread::spawn(move || {
            frozen.write_now(move |tx: &mut Tx<'_>| {
                let held = holds::hold(tx, &still)?;
                begun.send(()).unwrap();
                wait.recv().unwrap();
                Ok::<_, Failure<HoldPartyError>>(held)
            })
        })
    };
    has_begun.recv().unwrap();
    let wants_the_same = wish(other, &slots[0]);
    home.try_write(move |tx| holds::hold(tx, &wants_the_same)).unwrap();
    go_on.send(()).unwrap();
    let answer = stands_still.join().unwrap();
    assert!(matches!(answer, Err(LedgerError::Outage(_))), "nothing of it is stored: {answer:?}");
    assert_eq!((home.count(&slots[0]).held, home.count(&slots[0]).free()), (1, 0));
    let again = wish(one, &slots[1]);
    frozen.write_now(move |tx| holds::hold(tx, &again)).unwrap();
    home.assert_sound();
}

/// The clock is set back by an hour while a process makes ids, and the process ends.
fn a_number_rests_until_the_clock_has_passed_its_last_id(home: &Home) {
    for is_given_back in [false, true] {
        let number = lease(home, 1);
        home.write(|tx| Ok::<_, StoreError>(tx.new_id()));
        home.clock.pass_minutes(-60);
        assert!(renew(home, number, 1));
        if is_given_back {
            node::release(&home.database.url(), number, &[1; 16], home.now()).unwrap();
        }
        home.clock.pass_minutes(15);
        assert_ne!(lease(home, 2), number, "its ids would be made again in three quarters of an hour");
        home.clock.pass_minutes(60);
        assert_eq!(lease(home, 3), number);
        home.clock.pass_minutes(60);
    }
}
