//! Seats are swapped in one act, and given up.

use std::sync::Arc;

use jiff::civil::date;
use sunbeon::domain::booking::{BookingState, CancelBookingsError, SwapSeatsError};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::SlotId;
use sunbeon::store::moving::{self, Cancel, Move};
use sunbeon::store::roster;

use crate::support::home::Home;

crate::on_both!(
    a_swap_keeps_the_old_seat_when_the_new_time_is_full,
    a_swap_goes_across_sites,
    a_button_pressed_twice_moves_once,
    an_old_page_changes_nothing,
    a_button_of_an_old_page_ends_no_hold,
    what_has_begun_is_neither_moved_nor_cancelled,
    a_booking_named_twice_is_counted_once,
    cancelling_gives_the_seat_back_and_twice_is_once,
);

fn a_swap_keeps_the_old_seat_when_the_new_time_is_full(home: &Home) {
    let (flu, small) = (&home.country.flu, home.country.small);
    let taken = home.slots_on(small, flu.id, date(2026, 11, 25))[0];
    let (rival, them) = home.citizen("010-0000-0009", "한지우", "1980-01-01");
    home.book(rival, flu, &[(them, 1, &taken)]);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    assert_eq!(home.swap(flu, &[(booked, taken.id)]).unwrap_err(), SwapSeatsError::SlotFull);
    assert_eq!(home.swap(flu, &[(booked, SlotId(1))]).unwrap_err(), SwapSeatsError::NoSuchSlot);
    let other = home.shield_slots(date(2026, 11, 24))[0];
    assert_eq!(home.swap(flu, &[(booked, other.id)]).unwrap_err(), SwapSeatsError::NoSuchSlot);
    assert_eq!((home.booking(booked).slot, home.count(&slot).booked), (slot.id, 1));
    assert_eq!(home.messages("change", "queued"), []);
    home.assert_sound();
}

fn a_button_pressed_twice_moves_once(home: &Home) {
    let flu = home.country.flu.clone();
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    let before = home.book(account, &flu, &[(me, 1, &slots[0])])[0].clone();
    let order = Move { booking: before.id, version: before.version, slot: slots[1].id };
    for _ in 0..2 {
        let flu = flu.clone();
        home.try_write(move |tx| moving::swap(tx, &[order], &flu)).unwrap();
    }
    assert_eq!(home.booking(before.id).version, before.version + 1);
    assert_eq!((home.count(&slots[0]).booked, home.count(&slots[1]).booked), (0, 1));
    assert_eq!(home.messages("change", "queued").len(), 1);
    home.assert_sound();
}

fn a_swap_goes_across_sites(home: &Home) {
    let (flu, south) = (&home.country.flu, home.country.south);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let day = date(2026, 11, 24);
    let (from, to) = (home.flu_slots(day)[0], home.slots_on(south, flu.id, day)[2]);
    let before = home.book(account, flu, &[(me, 1, &from)])[0].clone();
    let changes = home.swap(flu, &[(before.id, to.id)]).unwrap();
    assert_eq!(
        changes.iter().map(|one| (one.slot.site, one.freed)).collect::<Vec<_>>(),
        [(from.site, 1), (to.site, -1)]
    );
    let after = home.booking(before.id);
    assert_eq!((after.site, after.starts_at, after.version), (south, to.starts_at, before.version + 1));
    assert_eq!(after.reference, before.reference);
    let listed = |site| home.read(|conn, keys| roster::of_day(conn, keys, site, day)).len();
    assert_eq!((listed(from.site), listed(to.site)), (0, 1));
    home.assert_sound();
}

fn an_old_page_changes_nothing(home: &Home) {
    let flu = home.country.flu.clone();
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    let seen = home.book(account, &flu, &[(me, 1, &slots[0])])[0].clone();
    home.swap(&flu, &[(seen.id, slots[1].id)]).unwrap();

    let moves = [Move { booking: seen.id, version: seen.version, slot: slots[2].id }];
    let refused = home.try_write(move |tx| moving::swap(tx, &moves, &flu));
    assert_eq!(refused.unwrap_err(), SwapSeatsError::ChangedMeanwhile);
    let orders = [Cancel { booking: seen.id, version: seen.version }];
    let refused = home.try_write(move |tx| moving::cancel(tx, &orders));
    assert_eq!(refused.unwrap_err(), CancelBookingsError::ChangedMeanwhile);
    assert_eq!(home.booking(seen.id).slot, slots[1].id);
    home.assert_sound();
}

fn a_button_of_an_old_page_ends_no_hold(home: &Home) {
    let flu = home.country.flu.clone();
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    let before = home.book(account, &flu, &[(me, 1, &slots[0])])[0].clone();
    let cancel = Cancel { booking: before.id, version: before.version };
    home.try_write(move |tx| moving::cancel(tx, &[cancel])).unwrap();
    let held = home.hold(account, &flu, &[(me, 1, &slots[1])]).unwrap();
    assert!(home.try_write(move |tx| moving::cancel(tx, &[cancel])).unwrap().is_empty());
    home.confirm(account, &held.token, &flu).unwrap();

    let shield = home.country.shield.clone();
    let (first, second) = (home.shield_slots(date(2026, 11, 24)), home.shield_slots(date(2026, 12, 22)));
    let before = home.book(account, &shield, &[(me, 1, &first[0])])[0].clone();
    let order = Move { booking: before.id, version: before.version, slot: first[1].id };
    let swap = |campaign: &Arc<Campaign>| {
        let campaign = campaign.clone();
        home.try_write(move |tx| moving::swap(tx, &[order], &campaign)).unwrap()
    };
    assert_eq!(swap(&shield).len(), 2);
    let held = home.hold(account, &shield, &[(me, 2, &second[0])]).unwrap();
    assert!(swap(&shield).is_empty(), "it was moved before");
    home.confirm(account, &held.token, &shield).unwrap();
    home.assert_sound();
}

fn what_has_begun_is_neither_moved_nor_cancelled(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let later = home.flu_slots(date(2026, 11, 25))[0];
    let booked = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    home.clock.set("2026-11-24T00:00:00Z");
    assert_eq!(home.swap(flu, &[(booked, later.id)]).unwrap_err(), SwapSeatsError::TooLate);
    assert_eq!(home.cancel(&[booked]).unwrap_err(), CancelBookingsError::TooLate(booked));
}

fn a_booking_named_twice_is_counted_once(home: &Home) {
    let flu = &home.country.flu;
    let slots = home.flu_slots(date(2026, 11, 24));
    let (rival, them) = home.citizen("010-0000-0009", "한지우", "1980-01-01");
    home.book(rival, flu, &[(them, 1, &slots[0])]);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let booked = home.book(account, flu, &[(me, 1, &slots[0])])[0].id;
    let twice = [(booked, slots[1].id), (booked, slots[2].id)];
    assert_eq!(home.swap(flu, &twice).unwrap_err(), SwapSeatsError::ChangedMeanwhile);
    assert_eq!(home.cancel(&[booked, booked]).unwrap().len(), 1);
    assert_eq!(home.count(&slots[0]).booked, 1);
    home.assert_sound();
}

fn cancelling_gives_the_seat_back_and_twice_is_once(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let booked = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    let changes = home.cancel(&[booked]).unwrap();
    assert_eq!((changes[0].after.booked, changes[0].freed), (0, 1));
    assert!(home.cancel(&[booked]).unwrap().is_empty());
    assert_eq!(home.booking(booked).state, BookingState::Cancelled);
    assert_eq!(home.messages("cancellation", "queued").len(), 1);
    home.book(account, flu, &[(me, 1, &slot)]);
    home.assert_sound();
}
