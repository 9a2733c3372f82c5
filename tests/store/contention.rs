//! The evening: many people, few seats, several nodes on one database.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::ToSpan;
use jiff::civil::date;
use sunbeon::domain::booking::{CancelBookingsError, ConfirmPartyError, HoldPartyError, SwapSeatsError};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, PersonId};
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::slot::Slot;
use sunbeon::language::Language;
use sunbeon::store::challenges::start;
use sunbeon::store::people::{self, SavePersonError};
use sunbeon::store::{Ledger, LedgerError, Outcome, Tx, accounts, bookings, holds, moving};
use tokio::runtime::Runtime;

use crate::challenges;
use crate::support::home::{Home, RULES, refusal};
use crate::support::people::{add, order, someone, someone_with_phone};

crate::on_both!(
    five_hundred_bookers_and_one_seat,
    five_hundred_bookers_and_twenty_seats_over_all_writers,
    one_person_booked_from_two_accounts_at_once_gets_one_seat,
    a_new_phone_proved_twice_at_once_is_one_account,
    a_hold_that_is_confirmed_and_expires_at_once_counts_once,
    a_booking_that_moves_and_is_cancelled_at_once_counts_once,
    a_first_dose_stays_while_the_second_is_being_confirmed,
    who_is_being_held_stays_who_they_are,
    a_booking_confirmed_while_the_care_ends_passes_to_the_person,
    nobody_writes_into_an_account_that_is_being_erased,
    a_hold_that_is_being_extended_does_not_run_out,
    a_button_that_is_pressed_on_two_nodes_sends_one_code,
);

/// So many accounts with their owners, made in one command.
pub fn crowd(home: &Home, size: u16) -> Vec<(AccountId, PersonId)> {
    let made = home.try_write(move |tx| {
        let mut made = Vec::new();
        for number in 0..size {
            let phone = PhoneNumber::parse(&format!("010-0000-{number:04}")).unwrap();
            let (account, _) = accounts::of_proved_phone(tx, &phone, Language::Korean)?;
            let name = format!("김{}", char::from_u32(0xAC00 + u32::from(number)).unwrap());
            made.push((account, add(tx, account, &someone(&name, "1990-05-01", Relation::Me))?));
        }
        Ok(made)
    });
    made.unwrap()
}

/// Holds a seat and confirms it; `false` when the slot is full.
async fn book(
    ledger: &Ledger,
    (account, person): (AccountId, PersonId),
    campaign: Arc<Campaign>,
    slot: Slot,
) -> bool {
    let order = order(account, &campaign, &[(person, 1, &slot)]);
    let held = loop {
        let order = order.clone();
        match ledger.write(account.0, move |tx| holds::hold(tx, &order)).await {
            Err(LedgerError::Busy) => tokio::task::yield_now().await,
            other => break refusal(other),
        }
    };
    match held {
        Ok(held) => {
            let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, account, &held.token, &campaign);
            refusal(ledger.write(account.0, confirm).await).unwrap();
            true
        }
        Err(refused) => {
            assert_eq!(refused, HoldPartyError::SlotFull);
            false
        }
    }
}

/// How many of the crowd get a seat when everybody asks at once, spread over the nodes.
fn rush(home: &Home, nodes: &[Ledger], slots: &[Slot], people: &[(AccountId, PersonId)]) -> usize {
    let flu = &home.country.flu;
    let bookers = people.iter().enumerate().map(|(number, one)| {
        book(&nodes[number % nodes.len()], *one, flu.clone(), slots[number / nodes.len() % slots.len()])
    });
    Runtime::new().unwrap().block_on(join_all(bookers)).into_iter().filter(|got| *got).count()
}

fn five_hundred_bookers_and_one_seat(home: &Home) {
    let slot = home.slots_on(home.country.small, home.country.flu.id, date(2026, 11, 24))[0];
    let people = crowd(home, 500);
    assert_eq!(rush(home, &home.nodes(), &[slot], &people), 1);
    let count = home.count(&slot);
    assert_eq!((count.seats, count.held, count.booked), (1, 0, 1));
    home.assert_sound();
}

fn five_hundred_bookers_and_twenty_seats_over_all_writers(home: &Home) {
    let flu = home.country.flu.id;
    // Four times of three seats, two more at another site, and two of one seat.
    let mut slots = home.flu_slots(date(2026, 11, 24));
    slots.extend(&home.slots_on(home.country.south, flu, date(2026, 11, 24))[..2]);
    slots.extend(&home.slots_on(home.country.small, flu, date(2026, 11, 24))[..2]);
    let people = crowd(home, 500);
    let nodes = home.nodes();
    assert_eq!(rush(home, &nodes, &slots, &people), 20);
    for slot in &slots {
        assert_eq!((home.count(slot).held, home.count(slot).free()), (0, 0));
    }
    let (commits, commands) =
        nodes.iter().map(Ledger::committed).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(commands > commits, "{commands} commands in {commits} transactions");
    home.assert_sound();
}

fn one_person_booked_from_two_accounts_at_once_gets_one_seat(home: &Home) {
    let flu = &home.country.flu;
    let nodes = home.nodes();
    let runtime = Runtime::new().unwrap();
    let slots = home.flu_slots(date(2026, 11, 24));
    for round in 0..10 {
        let name = format!("이영{}", char::from_u32(0xAC00 + round).unwrap());
        let mother = || someone_with_phone(&name, "1952-04-02", Relation::Mother, "010-0000-9999");
        let both: Vec<_> = [1, 2]
            .map(|child| home.account(&format!("010-0000-{round:02}0{child}")))
            .into_iter()
            .map(|account| (account, home.add(account, mother())))
            .collect();
        let tries = both.iter().enumerate().map(|(number, &(account, person))| {
            let order = order(account, flu, &[(person, 1, &slots[number + 1])]);
            let (ledger, flu) = (&nodes[number % nodes.len()], flu.clone());
            async move {
                let held = refusal(ledger.write(account.0, move |tx| holds::hold(tx, &order)).await)?;
                let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, account, &held.token, &flu);
                Ok(refusal(ledger.write(account.0, confirm).await).is_ok())
            }
        });
        let ends: Vec<Result<bool, HoldPartyError>> = runtime.block_on(join_all(tries));
        // The later hold frees the earlier one; whoever confirms first has it, and the other is refused one way or the other.
        let booked = ends.iter().filter(|end| **end == Ok(true)).count();
        assert_eq!(booked, 1, "{ends:?}");
        home.assert_sound();
        let all = "SELECT id AS number FROM booking WHERE state = 'booked'";
        home.cancel(&[sunbeon::domain::ids::BookingId(home.database.number(all))]).unwrap();
    }
}

fn a_new_phone_proved_twice_at_once_is_one_account(home: &Home) {
    let nodes = home.nodes();
    let runtime = Runtime::new().unwrap();
    for round in 0..10 {
        let proofs = (0..8).map(|number| {
            let phone = PhoneNumber::parse(&format!("010-0000-{round:04}")).unwrap();
            let prove = move |tx: &mut Tx<'_>| {
                Ok::<_, sunbeon::store::Failure<()>>(
                    accounts::of_proved_phone(tx, &phone, Language::English)?.0,
                )
            };
            nodes[number % nodes.len()].write(i64::try_from(number).unwrap(), prove)
        });
        let accounts: Vec<_> =
            runtime.block_on(join_all(proofs)).into_iter().map(|one| one.unwrap()).collect();
        assert!(accounts.iter().all(|account| *account == accounts[0]), "{accounts:?}");
    }
}

fn a_hold_that_is_confirmed_and_expires_at_once_counts_once(home: &Home) {
    let flu = &home.country.flu;
    let nodes = home.nodes();
    let runtime = Runtime::new().unwrap();
    let (neighbour, them) = home.citizen("010-0000-8888", "한지우", "1980-01-01");
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.hold(neighbour, flu, &[(them, 1, &slot)]).unwrap();
    for _ in 0..20 {
        let held = home.hold(account, flu, &[(me, 1, &slot)]).unwrap();
        let acts = (0..8).map(|number| {
            let (ledger, token, flu) = (&nodes[number % nodes.len()], held.token.clone(), flu.clone());
            let key = i64::try_from(number).unwrap();
            async move {
                if number < 4 {
                    let release = move |tx: &mut Tx<'_>| holds::release(tx, account, &token);
                    assert!(ledger.write(key, release).await.is_ok());
                    None
                } else {
                    let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, account, &token, &flu);
                    Some(refusal(ledger.write(key, confirm).await).map(|_| ()))
                }
            }
        });
        let ends: Vec<_> = runtime.block_on(join_all(acts)).into_iter().flatten().collect();
        home.assert_sound();
        let alike = ends.iter().all(Result::is_ok)
            || ends.iter().all(|end| *end == Err(ConfirmPartyError::HoldExpired));
        assert!(alike, "confirmed for all or for none: {ends:?}");
        if ends[0].is_ok() {
            home.cancel(&[home.party(held.party)[0].id]).unwrap();
        }
    }
}

fn a_booking_that_moves_and_is_cancelled_at_once_counts_once(home: &Home) {
    let flu = &home.country.flu;
    let nodes = home.nodes();
    let runtime = Runtime::new().unwrap();
    let slots = home.flu_slots(date(2026, 11, 24));
    // Somebody else sits in every slot, so that a seat given back twice would go unnoticed by the check of counts.
    for (number, slot) in slots.iter().enumerate() {
        let (other, them) = home.citizen(&format!("010-0000-100{number}"), "한지우", "1980-01-01");
        home.book(other, flu, &[(them, 1, slot)]);
    }
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    for _ in 0..10 {
        let one = home.book(account, flu, &[(me, 1, &slots[0])])[0].clone();
        let acts = (0..8).map(|number| {
            let (ledger, flu) = (&nodes[number % nodes.len()], flu.clone());
            let (booking, version, slot) = (one.id, one.version, slots[1 + number % 3].id);
            let key = i64::try_from(number).unwrap();
            async move {
                if number % 2 == 0 {
                    let moves = [moving::Move { booking, version, slot }];
                    refusal(ledger.write(key, move |tx| moving::swap(tx, &moves, &flu)).await).is_ok()
                } else {
                    let orders = [moving::Cancel { booking, version }];
                    refusal(ledger.write(key, move |tx| moving::cancel(tx, &orders)).await).is_ok()
                }
            }
        });
        let done = runtime.block_on(join_all(acts)).into_iter().filter(|done| *done).count();
        assert!(done >= 1);
        home.assert_sound();
        home.cancel(&[one.id]).unwrap();
    }
}

/// Does `first` up to its last step, and `second` beside it by another writer, which comes as far as it gets until the first
/// is done.
fn beside<T, E, F, S>(
    nodes: &[Ledger],
    mut first: impl FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
    second: F,
) -> (Result<T, E>, S)
where
    T: Send + 'static,
    E: Send + std::fmt::Debug + 'static,
    F: FnOnce(&Ledger) -> S,
{
    let (begun, beginning) = mpsc::channel();
    let slowly = move |tx: &mut Tx<'_>| {
        let done = first(tx)?;
        begun.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        Ok(done)
    };
    std::thread::scope(|scope| {
        let working = scope.spawn(|| refusal(nodes[0].write_now(slowly)));
        beginning.recv().unwrap();
        let after = second(&nodes[nodes.len() - 1]);
        (working.join().unwrap(), after)
    })
}

fn a_first_dose_stays_while_the_second_is_being_confirmed(home: &Home) {
    let shield = &home.country.shield;
    let nodes = home.nodes();
    let day = date(2026, 11, 24);
    let (first, second) = (home.shield_slots(day), home.shield_slots(day + 28.days()));
    let too_near = home.shield_slots(day + 20.days())[0];
    for round in 0..2 {
        let (account, me) = home.citizen(&format!("010-0000-000{round}"), "김서연", "1990-05-01");
        let booked = home.book(account, shield, &[(me, 1, &first[0])])[0].clone();
        let held = home.hold(account, shield, &[(me, 2, &second[0])]).unwrap();
        let campaign = shield.clone();
        let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, account, &held.token, &campaign);
        let (confirmed, ()) = beside(&nodes, confirm, |other| {
            if round == 0 {
                let orders = [moving::Cancel { booking: booked.id, version: booked.version }];
                let refused = refusal(other.write_now(move |tx| moving::cancel(tx, &orders)));
                assert_eq!(refused.unwrap_err(), CancelBookingsError::ChangedMeanwhile);
            } else {
                let orders =
                    [moving::Move { booking: booked.id, version: booked.version, slot: too_near.id }];
                let shield = shield.clone();
                let refused = refusal(other.write_now(move |tx| moving::swap(tx, &orders, &shield)));
                assert_eq!(refused.unwrap_err(), SwapSeatsError::IntervalBroken);
            }
        });
        assert_eq!(confirmed.unwrap().changes.len(), 1);
        home.assert_sound();
    }
}

fn who_is_being_held_stays_who_they_are(home: &Home) {
    let flu = home.country.flu.clone();
    let account = home.account("010-0000-0001");
    let mother = home.add(account, someone("이영희", "1952-04-02", Relation::Mother));
    let order = order(account, &flu, &[(mother, 1, &home.flu_slots(date(2026, 11, 24))[0])]);
    let younger = someone("이영희", "2001-04-02", Relation::Mother);
    let (held, changed) = beside(
        &home.nodes(),
        move |tx| holds::hold(tx, &order),
        |other| refusal(other.write_now(move |tx| people::change(tx, account, 1, &younger))),
    );
    assert_eq!((held.is_ok(), changed), (true, Err(SavePersonError::HasBooking)));
    home.assert_sound();
}

fn a_booking_confirmed_while_the_care_ends_passes_to_the_person(home: &Home) {
    let flu = home.country.flu.clone();
    let nodes = home.nodes();
    let (mother, _) = home.citizen("010-0000-0002", "이영희", "1952-04-02");
    let daughter = home.account("010-0000-0001");
    let row =
        home.add(daughter, someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002"));
    let held = home.hold(daughter, &flu, &[(row, 1, &home.flu_slots(date(2026, 11, 24))[0])]).unwrap();
    let care = home.read(|conn, keys| people::carers(conn, keys, mother))[0].care;
    let campaign = flu.clone();
    let token = held.token.clone();
    let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, daughter, &token, &campaign);
    let (confirmed, ended) =
        beside(&nodes, confirm, |other| refusal(other.write_now(move |tx| people::revoke(tx, mother, care))));
    assert_eq!((confirmed.is_ok(), ended), (true, Ok(())));
    let theirs = |account| home.read(move |conn, keys| bookings::visible_to(conn, keys, account));
    assert_eq!((theirs(mother).len(), theirs(daughter).len()), (1, 0));
    assert_eq!(theirs(mother)[0].account, mother);
    home.assert_sound();
}

fn nobody_writes_into_an_account_that_is_being_erased(home: &Home) {
    let account = home.account("010-0000-0001");
    let father = someone("김철수", "1949-09-12", Relation::Father);
    let (erased, added) = beside(
        &home.nodes(),
        move |tx| people::erase_account(tx, account),
        |other| refusal(other.write_now(move |tx| people::add(tx, account, &father, 6))),
    );
    assert_eq!((erased, added), (Ok(()), Err(SavePersonError::NotFound)));
}

fn a_button_that_is_pressed_on_two_nodes_sends_one_code(home: &Home) {
    let new = challenges::challenge("010-0000-0001", false);
    let again = new.clone();
    let (first, second) = beside(
        &home.nodes(),
        move |tx| start(tx, &new, &challenges::RULES),
        |other| refusal(other.write_now(move |tx| start(tx, &again, &challenges::RULES))),
    );
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(home.messages("code", "queued").len(), 1);
}

fn a_hold_that_is_being_extended_does_not_run_out(home: &Home) {
    let flu = home.country.flu.clone();
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let held = home.hold(account, &flu, &[(me, 1, &home.flu_slots(date(2026, 11, 24))[0])]).unwrap();
    let token = held.token.clone();
    // By the clock of this node it has a second left, by that of the other it is over.
    home.clock.pass_seconds(60 * i64::from(RULES.hold_minutes) - 1);
    let clock = home.clock.clone();
    let extend = move |tx: &mut Tx<'_>| {
        let until = holds::extend(tx, account, &token, &RULES)?;
        clock.pass_seconds(2);
        Ok(until)
    };
    let (extended, ended) =
        beside(&home.nodes(), extend, |other| refusal(other.write_now(move |tx| holds::expire(tx, 10, &[]))));
    assert_eq!((extended.is_ok(), ended.unwrap().len()), (true, 0));
    home.confirm(account, &held.token, &flu).unwrap();
    home.assert_sound();
}
