//! Histories that are known to be wrong: a check that explains one of them is worth nothing.

use std::collections::BTreeMap;

use crate::checker::{Event, Verdict, check};
use crate::orders::{Act, Answer, Counts, Order, Reading, Refusal, Stands, Wish};
use crate::seats::Seats;
use crate::town::{TIMES, Town};

/// The slot with two seats, and the ones with one.
const TWO_SEATS: usize = 0;
const ONE_SEAT: usize = 1;
const ANOTHER_SEAT: usize = 2;

fn hold(hold: usize, account: usize, slot: usize) -> Order {
    // The first four people are the accounts' owners.
    let wishes = vec![Wish { person: account, dose: 1, slot }];
    Order::Hold { hold, account, wishes, replaces: true }
}

fn counts(slots: &[(usize, (i32, i32))]) -> Counts {
    slots.iter().copied().collect()
}

fn held(slots: &[(usize, (i32, i32))]) -> Answer {
    Answer::Held(10, counts(slots))
}

fn done(slots: &[(usize, (i32, i32))]) -> Answer {
    Answer::Done(counts(slots))
}

fn reading(slot: usize, version: i32) -> Reading {
    Reading { stands: Stands::Booked, slot, version }
}

/// Asks at `asked` and hears at `told`.
fn event(order: Order, answer: Answer, asked: u64, told: u64) -> Event<Act> {
    let act = Act { order, answer: Some(answer), asked_at: 0, slack: vec![0; TIMES.len()] };
    Event { act, asked, told: Some(told) }
}

/// One after the other.
fn in_turn(told: Vec<(Order, Answer)>) -> Vec<Event<Act>> {
    let number = |(index, (order, answer))| event(order, answer, 2 * index as u64, 2 * index as u64 + 1);
    told.into_iter().enumerate().map(number).collect()
}

fn is_explained(history: &[Event<Act>]) -> bool {
    let (rules, free) = (Town::rules(vec![0, 11]), Seats::free(&TIMES.map(|time| time.2)));
    check(&rules, &free, history) == Verdict::Explained
}

/// One booking at the slot with one seat.
fn booked() -> Vec<(Order, Answer)> {
    vec![
        (hold(0, 0, ONE_SEAT), held(&[(ONE_SEAT, (1, 0))])),
        (Order::Confirm { hold: 0 }, done(&[(ONE_SEAT, (0, 1))])),
    ]
}

fn booked_and(more: Vec<(Order, Answer)>) -> bool {
    is_explained(&in_turn(booked().into_iter().chain(more).collect()))
}

#[test]
fn a_seat_given_twice_is_noticed() {
    let first = event(hold(0, 0, ONE_SEAT), held(&[(ONE_SEAT, (1, 0))]), 0, 2);
    for counted in [(1, 0), (2, 0)] {
        let second = event(hold(1, 1, ONE_SEAT), held(&[(ONE_SEAT, counted)]), 1, 3);
        assert!(!is_explained(&[first.clone(), second]), "{counted:?}");
    }
    let refused = event(hold(1, 1, ONE_SEAT), Answer::Refused(Refusal::SlotFull), 1, 3);
    assert!(is_explained(&[first, refused]));
}

#[test]
fn a_confirmation_that_is_lost_is_noticed() {
    let list =
        |seats: &[((usize, usize), Reading)]| Answer::List(seats.iter().copied().collect::<BTreeMap<_, _>>());
    let read = Order::ReadList { account: 0 };
    assert!(booked_and(vec![(read.clone(), list(&[((0, 0), reading(ONE_SEAT, 1))]))]));
    assert!(!booked_and(vec![(read, list(&[]))]));
    assert!(!booked_and(vec![(Order::ReadBooking { seat: (0, 0) }, Answer::Booking(None))]));
    assert!(!booked_and(vec![(Order::ReadSlot { slot: ONE_SEAT }, Answer::Slot(1, 0, 0))]));
    assert!(!booked_and(vec![(hold(1, 1, ONE_SEAT), held(&[(ONE_SEAT, (1, 0))]))]));
}

#[test]
fn a_stale_reading_is_noticed() {
    let swap = Order::Swap { moves: vec![((0, 0), 1, ANOTHER_SEAT)] };
    let swapped = (swap, done(&[(ONE_SEAT, (0, 0)), (ANOTHER_SEAT, (0, 1))]));
    let read = |reading| (Order::ReadBooking { seat: (0, 0) }, Answer::Booking(Some(reading)));
    assert!(booked_and(vec![swapped.clone(), read(reading(ANOTHER_SEAT, 2))]));
    assert!(!booked_and(vec![swapped.clone(), read(reading(ONE_SEAT, 1))]));
    assert!(!booked_and(vec![read(reading(ANOTHER_SEAT, 2)), swapped]), "nor may it be foreseen");
}

#[test]
fn half_a_change_is_noticed() {
    let swap = Order::Swap { moves: vec![((0, 0), 1, ANOTHER_SEAT)] };
    let kept_both = done(&[(ONE_SEAT, (0, 1)), (ANOTHER_SEAT, (0, 1))]);
    assert!(!booked_and(vec![(swap.clone(), kept_both)]));
    let done = done(&[(ONE_SEAT, (0, 0)), (ANOTHER_SEAT, (0, 1))]);
    let old = (Order::ReadSlot { slot: ONE_SEAT }, Answer::Slot(1, 0, 1));
    assert!(!booked_and(vec![(swap, done), old]));
}

#[test]
fn a_person_with_two_seats_is_noticed() {
    // Two daughters hold for their mother and both are told that it is confirmed.
    let for_mother = |hold, account, person, slot| {
        let wishes = vec![Wish { person, dose: 1, slot }];
        Order::Hold { hold, account, wishes, replaces: true }
    };
    let told = vec![
        (for_mother(0, 0, 4, ONE_SEAT), held(&[(ONE_SEAT, (1, 0))])),
        (for_mother(1, 1, 5, ANOTHER_SEAT), held(&[(ONE_SEAT, (0, 0)), (ANOTHER_SEAT, (1, 0))])),
        (Order::Confirm { hold: 1 }, done(&[(ANOTHER_SEAT, (0, 1))])),
    ];
    assert!(is_explained(&in_turn(told.clone())), "whoever holds last, holds");
    let both = told.into_iter().chain([(Order::Confirm { hold: 0 }, done(&[(ONE_SEAT, (0, 1))]))]);
    assert!(!is_explained(&in_turn(both.collect())));
}

#[test]
fn a_hold_that_ran_out_is_not_confirmed() {
    let passed = |answer: Answer| {
        let mut history = in_turn(vec![
            (hold(0, 0, ONE_SEAT), held(&[(ONE_SEAT, (1, 0))])),
            (Order::Pass { minutes: 11 }, done(&[])),
            (Order::Confirm { hold: 0 }, answer),
        ]);
        history[2].act.asked_at = 11;
        is_explained(&history)
    };
    assert!(passed(Answer::Refused(Refusal::HoldExpired)));
    assert!(!passed(done(&[(ONE_SEAT, (0, 1))])));
}

#[test]
fn a_seat_that_comes_back_twice_is_noticed() {
    let cancel = || Order::Cancel { seats: vec![((0, 0), 1)] };
    let others = [
        (hold(0, 0, TWO_SEATS), held(&[(TWO_SEATS, (1, 0))])),
        (Order::Confirm { hold: 0 }, done(&[(TWO_SEATS, (0, 1))])),
        (hold(1, 1, TWO_SEATS), held(&[(TWO_SEATS, (1, 1))])),
        (cancel(), done(&[(TWO_SEATS, (1, 0))])),
    ];
    let again = |answer| is_explained(&in_turn(others.iter().cloned().chain([(cancel(), answer)]).collect()));
    assert!(again(done(&[])), "cancelling twice is fine and changes nothing");
    assert!(!again(done(&[(TWO_SEATS, (0, 0))])));
}

#[test]
fn a_free_seat_is_refused_only_while_others_ask_for_it() {
    let refused = |replaces, slack| {
        let wishes = vec![Wish { person: 0, dose: 1, slot: ONE_SEAT }];
        let order = Order::Hold { hold: 0, account: 0, wishes, replaces };
        let mut event = event(order, Answer::Refused(Refusal::SlotFull), 0, 1);
        event.act.slack[ONE_SEAT] = slack;
        is_explained(&[event])
    };
    assert!(!refused(true, 1), "the database itself never says so");
    assert!(!refused(false, 0));
    assert!(refused(false, 1));
}
