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
use sunbeon::store::{Failure, Ledger, LedgerError, Tx, accounts, bookings, holds, moving};
use tokio::runtime::Runtime;

use crate::support::home::{Home, refusal};
use crate::support::people::{add, order, someone, someone_with_phone};

crate::on_both!(
    five_hundred_bookers_and_one_seat,
    five_hundred_bookers_and_twenty_seats_over_all_writers,
    one_person_booked_from_two_accounts_at_once_gets_one_seat,
    a_new_phone_proved_twice_at_once_is_one_account,
    a_hold_that_is_confirmed_and_expires_at_once_counts_once,
    a_booking_that_moves_and_is_cancelled_at_once_counts_once,
    a_first_dose_stays_while_the_second_is_being_confirmed,
);

/// So many accounts with their owners, made in one command.
fn crowd(home: &Home, size: u16) -> Vec<(AccountId, PersonId)> {
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

/// Another writer is in the middle of confirming the second dose when the first one is moved away or given up.
fn a_first_dose_stays_while_the_second_is_being_confirmed(home: &Home) {
    let shield = &home.country.shield;
    let nodes = home.nodes();
    let (one, other) = (&nodes[0], &nodes[nodes.len() - 1]);
    let day = date(2026, 11, 24);
    let (first, second) = (home.shield_slots(day), home.shield_slots(day + 28.days()));
    let too_near = home.shield_slots(day + 20.days())[0];
    for round in 0..2 {
        let (account, me) = home.citizen(&format!("010-0000-000{round}"), "김서연", "1990-05-01");
        let booked = home.book(account, shield, &[(me, 1, &first[0])])[0].clone();
        let held = home.hold(account, shield, &[(me, 2, &second[0])]).unwrap();
        let (campaign, (begun, beginning)) = (shield.clone(), mpsc::channel());
        let confirm = move |tx: &mut Tx<'_>| {
            let done = bookings::confirm(tx, account, &held.token, &campaign)?;
            begun.send(()).unwrap();
            // Long enough for the other writer to come as far as it gets.
            std::thread::sleep(Duration::from_millis(300));
            Ok::<_, Failure<ConfirmPartyError>>(done)
        };
        std::thread::scope(|scope| {
            let confirming = scope.spawn(|| one.write_now(confirm));
            beginning.recv().unwrap();
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
            assert_eq!(confirming.join().unwrap().unwrap().changes.len(), 1);
        });
        home.assert_sound();
    }
}
