//! A site that closes: nobody loses a claim, nobody books a closed time, and a seat that is kept is nobody else's.

use std::sync::Arc;

use futures_util::future::{Either, join_all};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use sunbeon::domain::booking::{BookingState, ConfirmPartyError, HoldPartyError, SwapSeatsError};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, PersonId, StaffId};
use sunbeon::domain::slot::Slot;
use sunbeon::store::bookings::Booking;
use sunbeon::store::closings::{self, Affected, Full, Span};
use sunbeon::store::schedule::{self, Taken};
use sunbeon::store::{Ledger, Tx, bookings, holds};
use tokio::runtime::Runtime;

use crate::contention::crowd;
use crate::staff::nurse;
use crate::support::home::{Home, refusal};
use crate::support::people::order;

crate::on_both!(
    whoever_is_booked_is_displaced_and_keeps_the_claim,
    a_kept_seat_is_nobody_elses_until_it_is_taken,
    a_seat_is_kept_no_longer_than_it_is_needed,
    what_has_begun_is_not_closed,
    seats_are_not_set_below_what_is_booked,
    a_site_that_kept_a_seat_may_close_too,
    nobody_books_while_a_site_closes,
);

/// From the start of a slot on, for so many minutes.
fn span(slot: &Slot, minutes: i64) -> Span {
    let until = slot.starts_at + SignedDuration::from_mins(minutes);
    Span { site: slot.site, day: slot.local_date, from: slot.starts_at, until }
}

fn close(home: &Home, span: Span, staff: StaffId) -> usize {
    home.try_write(move |tx| closings::close(tx, &span, staff)).unwrap_or_else(|never| match never {}).len()
}

/// A booking of a slot, displaced by closing it.
fn displaced(home: &Home, slot: &Slot) -> Booking {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let booked = home.book(account, &home.country.flu, &[(me, 1, slot)])[0].id;
    close(home, span(slot, 30), nurse(home));
    home.booking(booked)
}

fn kept_seats(home: &Home) -> i64 {
    home.database
        .number("SELECT COALESCE(CAST(SUM(seats) AS BIGINT), 0) AS number FROM slot_lane WHERE lane = 4")
}

fn keep(home: &Home, one: &Booking, slot: Slot, until: Timestamp) -> Result<(), Full> {
    let (id, version) = (one.id, one.version);
    home.try_write(move |tx| closings::keep(tx, (id, version), Some((slot, until)))).map(|_| ())
}

fn tomorrow(home: &Home) -> Timestamp {
    home.now() + SignedDuration::from_hours(24)
}

fn whoever_is_booked_is_displaced_and_keeps_the_claim(home: &Home) {
    let flu = home.country.flu.clone();
    let slots = home.flu_slots(date(2026, 11, 24));
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let before = home.book(account, &flu, &[(me, 1, &slots[0])])[0].clone();
    let (other, them) = home.citizen("010-0000-0002", "한지우", "1980-01-01");
    home.hold(other, &flu, &[(them, 1, &slots[1])]).unwrap();
    let hour = span(&slots[0], 60);
    let now = home.now();
    let affected = home.read(|conn, _| closings::affected(conn, &hour, now));
    assert_eq!(affected, Affected { times: 2, booked: 1 });
    let staff = nurse(home);
    assert!(close(home, hour, staff) > 0);
    let after = home.booking(before.id);
    assert_eq!(
        (after.state, after.version, after.slot),
        (BookingState::Displaced, before.version + 1, before.slot)
    );
    for slot in &slots[..2] {
        let count = home.count(slot);
        assert_eq!((count.seats, count.held, count.booked), (0, 0, 0), "the hold ended, too");
    }
    assert!(home.count(&slots[2]).seats > 0, "the next hour stays open");
    assert_eq!(home.messages("reminder", "queued"), [], "nobody is reminded of a time that is no more");
    let again = home.hold(account, &flu, &[(me, 1, &slots[3])]).unwrap_err();
    assert_eq!(again, HoldPartyError::AlreadyBooked(me), "the claim stays");
    assert_eq!(close(home, hour, staff), 0, "the same press once more");
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM closing"), 1);
    let untold = home.read(|conn, keys| closings::untold(conn, keys, 9));
    assert_eq!(untold.iter().map(|one| one.booking.id).collect::<Vec<_>>(), [before.id]);
    home.assert_sound();
}

fn a_kept_seat_is_nobody_elses_until_it_is_taken(home: &Home) {
    let flu = home.country.flu.clone();
    let one = displaced(home, &home.flu_slots(date(2026, 11, 24))[0]);
    let small = home.slots_on(home.country.small, flu.id, date(2026, 11, 25))[0];
    keep(home, &one, small, tomorrow(home)).unwrap();
    assert_eq!((home.count(&small).free(), kept_seats(home)), (0, 1));
    assert_eq!(home.messages("displaced", "queued").len(), 1);
    let (rival, them) = home.citizen("010-0000-0009", "한지우", "1980-01-01");
    assert_eq!(home.hold(rival, &flu, &[(them, 1, &small)]).unwrap_err(), HoldPartyError::SlotFull);
    let (id, version, campaign) = (one.id, one.version, flu.clone());
    let take = || {
        let campaign = campaign.clone();
        home.try_write(move |tx| closings::take_kept(tx, (id, version), &campaign))
    };
    assert!(!take().unwrap().is_empty());
    let now = home.booking(id);
    assert_eq!((now.state, now.slot), (BookingState::Booked, small.id));
    assert_eq!((home.count(&small).booked, kept_seats(home)), (1, 0));
    assert_eq!(take().unwrap_err(), SwapSeatsError::SlotFull, "once");
    let told = home.try_write(move |tx| closings::keep(tx, (id, version), None)).unwrap();
    assert!(told.is_empty());
    home.assert_sound();
}

fn a_seat_is_kept_no_longer_than_it_is_needed(home: &Home) {
    let flu = home.country.flu.clone();
    let one = displaced(home, &home.flu_slots(date(2026, 11, 24))[0]);
    let small = home.slots_on(home.country.small, flu.id, date(2026, 11, 26));
    keep(home, &one, small[0], tomorrow(home)).unwrap();
    let is_over = |home: &Home| {
        let now = home.now();
        home.read(|conn, _| closings::any_over(conn, now))
    };
    let release = |home: &Home| {
        home.try_write(|tx| closings::release(tx, 9)).unwrap_or_else(|never| match never {}).len()
    };
    assert!(!is_over(home));
    home.swap(&flu, &[(one.id, small[1].id)]).unwrap();
    assert!(is_over(home), "another time was picked");
    assert_eq!((release(home), home.count(&small[0]).free(), kept_seats(home)), (1, 1, 0));
    // Closed once more, and not answered this time.
    close(home, span(&small[1], 30), nurse_of(home));
    let again = home.booking(one.id);
    keep(home, &again, small[0], tomorrow(home)).unwrap();
    home.clock.pass_minutes(24 * 60);
    assert!(is_over(home));
    assert_eq!((release(home), home.count(&small[0]).free(), kept_seats(home)), (1, 1, 0));
    assert_eq!(release(home), 0);
    let (id, version, campaign) = (again.id, again.version, flu.clone());
    let late = home.try_write(move |tx| closings::take_kept(tx, (id, version), &campaign));
    assert_eq!(late.unwrap_err(), SwapSeatsError::SlotFull);
    assert_eq!(home.booking(one.id).state, BookingState::Displaced, "and is not lost");
    home.swap(&flu, &[(one.id, small[2].id)]).unwrap();
    home.assert_sound();
}

/// Who closed before.
fn nurse_of(home: &Home) -> StaffId {
    StaffId(home.database.number("SELECT MAX(id) AS number FROM staff"))
}

fn what_has_begun_is_not_closed(home: &Home) {
    let flu = home.country.flu.clone();
    let slots = home.flu_slots(date(2026, 11, 24));
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let booked = home.book(account, &flu, &[(me, 1, &slots[0])])[0].id;
    let minutes = (slots[0].starts_at.as_second() - home.now().as_second()) / 60;
    home.clock.pass_minutes(minutes);
    close(home, span(&slots[0], 60), nurse(home));
    assert_eq!(home.booking(booked).state, BookingState::Booked);
    assert!(home.count(&slots[0]).seats > 0);
    assert_eq!(home.count(&slots[1]).seats, 0);
    home.assert_sound();
}

fn seats_are_not_set_below_what_is_booked(home: &Home) {
    let flu = home.country.flu.clone();
    let slots = home.flu_slots(date(2026, 11, 24));
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    home.book(account, &flu, &[(me, 1, &slots[1])]);
    let hour = span(&slots[0], 90);
    let set =
        |seats| home.try_write(move |tx| schedule::set_seats(tx, &hour, seats)).map(|changes| changes.len());
    assert_eq!(set(0), Err(Taken));
    assert_eq!(home.count(&slots[0]).seats, 3, "all or nothing");
    assert_eq!(set(7), Ok(6));
    assert_eq!([0, 1, 2, 3].map(|at| home.count(&slots[at]).seats), [7, 7, 7, 3]);
    home.assert_sound();
}

fn a_site_that_kept_a_seat_may_close_too(home: &Home) {
    let flu = home.country.flu.clone();
    let one = displaced(home, &home.flu_slots(date(2026, 11, 24))[0]);
    let small = home.slots_on(home.country.small, flu.id, date(2026, 11, 25))[0];
    keep(home, &one, small, tomorrow(home)).unwrap();
    let there = span(&small, 30);
    let set = |seats| home.try_write(move |tx| schedule::set_seats(tx, &there, seats)).map(|_| ());
    assert_eq!(set(0), Err(Taken), "a kept seat counts as booked");
    assert_eq!(set(1), Ok(()));
    assert_eq!(home.count(&small).free(), 0);
    assert!(close(home, there, nurse_of(home)) > 0, "though no seat is free there");
    assert_eq!((home.count(&small).seats, kept_seats(home)), (0, 0));
    let again = home.booking(one.id);
    assert_eq!((again.state, again.version), (BookingState::Displaced, one.version + 1));
    let untold = home.read(|conn, keys| closings::untold(conn, keys, 9));
    assert_eq!(untold.len(), 1, "who was promised that seat is told once more");
    let next = home.slots_on(home.country.small, flu.id, date(2026, 11, 26))[0];
    keep(home, &again, next, tomorrow(home)).unwrap();
    assert_eq!(home.messages("displaced", "queued").len(), 2);
    assert_eq!(close(home, there, nurse_of(home)), 0, "once");
    home.assert_sound();
}

/// Holds and confirms a seat, unless the site closes meanwhile.
async fn try_to_book(
    ledger: &Ledger,
    (account, person): (AccountId, PersonId),
    campaign: Arc<Campaign>,
    slot: Slot,
) {
    let order = order(account, &campaign, &[(person, 1, &slot)]);
    let held = refusal(ledger.write(account.0, move |tx| holds::hold(tx, &order)).await);
    let Ok(held) = held else { return assert_eq!(held.unwrap_err(), HoldPartyError::SlotFull) };
    let confirm = move |tx: &mut Tx<'_>| bookings::confirm(tx, account, &held.token, &campaign);
    let done = refusal(ledger.write(account.0, confirm).await);
    assert!(matches!(done, Ok(_) | Err(ConfirmPartyError::HoldExpired)), "{done:?}");
}

fn nobody_books_while_a_site_closes(home: &Home) {
    let (slots, flu, staff) = (home.flu_slots(date(2026, 11, 24)), home.country.flu.clone(), nurse(home));
    let (people, nodes, hours) = (crowd(home, 60), home.nodes(), span(&slots[0], 120));
    let closing = async {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        nodes[0].write(0, move |tx| closings::close(tx, &hours, staff)).await.unwrap();
    };
    let (nodes, slots, flu) = (&nodes, &slots, &flu);
    let bookers = people.iter().enumerate().map(|(number, one)| {
        Either::Left(async move {
            try_to_book(&nodes[number % nodes.len()], *one, flu.clone(), slots[number % 4]).await;
        })
    });
    let all: Vec<_> = bookers.chain([Either::Right(closing)]).collect();
    Runtime::new().unwrap().block_on(join_all(all));
    for slot in &slots[..4] {
        let count = home.count(slot);
        assert_eq!((count.seats, count.held, count.booked), (0, 0, 0));
    }
    let booked = home.database.number("SELECT COUNT(*) AS number FROM booking WHERE state = 'booked'");
    assert_eq!(booked, 0, "whoever had a seat was displaced");
    let displaced = "SELECT COUNT(*) AS number FROM booking WHERE state = 'displaced'";
    let listed = "SELECT COUNT(*) AS number FROM displaced";
    assert_eq!(home.database.number(displaced), home.database.number(listed));
    home.assert_sound();
}
