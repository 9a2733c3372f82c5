//! Swapping seats and giving them up.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::bookings::{self, Booking};
use super::reminders::{self, Told};
use super::schema::{booking, claim};
use super::values::date_number;
use super::{Conn, Failure, Outcome, StoreError, Tx, courses, holds, slots};
use crate::domain::booking::{BookingState, BookingStep, CancelBookingsError, LaneChange, SwapSeatsError};
use crate::domain::campaign::Campaign;
use crate::domain::ids::{BookingId, SlotId};
use crate::domain::slot::{Lane, Seat, Slot};
use crate::keys::KeyRing;

/// One booking that is to move to another slot, as the visitor saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The booking.
    pub booking: BookingId,
    /// Its version on the page.
    pub version: i32,
    /// Where it is to go.
    pub slot: SlotId,
}

/// Moves bookings to other slots, across sites too, in one act: the old seats are given up only when all new ones are
/// got. The doses of each course must keep their intervals afterwards; a hold of another dose of it ends, because it was
/// checked against the old seat. Making a move that has just been made is fine.
///
/// # Errors
/// [`SwapSeatsError`] as its variants say; every old seat is kept then.
pub fn swap(
    tx: &mut Tx<'_>,
    moves: &[Move],
    campaign: &Campaign,
) -> Outcome<Vec<LaneChange>, SwapSeatsError> {
    swap_into(tx, moves, Lane::Public, campaign)
}

/// The same into another lane than the public one.
pub(super) fn swap_into(
    tx: &mut Tx<'_>,
    moves: &[Move],
    lane: Lane,
    campaign: &Campaign,
) -> Outcome<Vec<LaneChange>, SwapSeatsError> {
    let bookings: Vec<BookingId> = moves.iter().map(|one| one.booking).collect();
    if bookings.iter().collect::<BTreeSet<_>>().len() < bookings.len() {
        return Err(Failure::Refused(SwapSeatsError::ChangedMeanwhile));
    }
    let mut changes = Vec::new();
    courses::lock_of_bookings(tx, &bookings)?;
    let mut old = Vec::with_capacity(moves.len());
    let mut new = Vec::with_capacity(moves.len());
    let mut moved = Vec::with_capacity(moves.len());
    for one in moves {
        if is_done(tx, one)? {
            continue;
        }
        let (before, slot) = check_move(tx, one, campaign)?;
        if before.state == BookingState::Booked {
            old.push(seat_of(tx, &before)?);
        }
        new.push(slot);
        moved.push(before);
    }
    check_courses(tx, &moved, &new, campaign)?;
    end_holds_beside(tx, &moved, &mut changes)?;
    // The old seats go back first, inside the same savepoint: a move within one full slot must not refuse itself.
    if !slots::take(tx, &old, 0, -1, &mut changes)? {
        return Err(StoreError::Unreadable("a booked seat was not counted".into()).into());
    }
    let seats: Vec<Seat> = new.iter().map(|slot| Seat { slot: *slot, lane }).collect();
    if !slots::take(tx, &seats, 0, 1, &mut changes)? {
        return Err(Failure::Refused(SwapSeatsError::SlotFull));
    }
    for (before, seat) in moved.iter().zip(&seats) {
        write_move(tx, before, seat)?;
        reminders::tell(tx, before.id, Told::Changed)?;
    }
    Ok(changes)
}

/// The seat that a booking has.
fn seat_of(tx: &mut Tx<'_>, one: &Booking) -> Result<Seat, StoreError> {
    let slot = slots::find(tx.conn, one.slot)?;
    let slot = slot.ok_or_else(|| StoreError::Unreadable("a booking has no slot".into()))?;
    Ok(Seat { slot, lane: one.lane })
}

/// Ends the holds of other doses of the courses that really change. What was done before is left as it is: whoever
/// presses a button of an old page keeps what they hold now.
fn end_holds_beside(
    tx: &mut Tx<'_>,
    changing: &[Booking],
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let courses: BTreeSet<i64> = changing.iter().map(|booking| booking.course.0).collect();
    holds::end_holds_of(tx, &courses, changes)
}

/// Whether the move has just been made: the visitor pressed the button twice.
fn is_done(tx: &mut Tx<'_>, one: &Move) -> Result<bool, StoreError> {
    let now = bookings::find(tx.conn, &tx.tools.keys, one.booking)?;
    Ok(now.is_some_and(|now| {
        now.version == one.version + 1 && now.slot == one.slot && now.state == BookingState::Booked
    }))
}

fn check_move(tx: &mut Tx<'_>, one: &Move, campaign: &Campaign) -> Outcome<(Booking, Slot), SwapSeatsError> {
    let refuse = |why| Err(Failure::Refused(why));
    let Some(before) = bookings::find(tx.conn, &tx.tools.keys, one.booking)? else {
        return refuse(SwapSeatsError::ChangedMeanwhile);
    };
    if before.version != one.version || before.campaign != campaign.id {
        return refuse(SwapSeatsError::ChangedMeanwhile);
    }
    if before.state.after(BookingStep::Swap).is_none() || !before.can_change(tx.now) {
        return refuse(SwapSeatsError::TooLate);
    }
    let slot = slots::find(tx.conn, one.slot)?.filter(|slot| slot.campaign == campaign.id);
    let Some(slot) = slot else { return refuse(SwapSeatsError::NoSuchSlot) };
    if slot.starts_at <= tx.now {
        return refuse(SwapSeatsError::SlotPassed);
    }
    let suits = campaign
        .product(slot.product)
        .is_some_and(|product| product.ages.allow(&before.person.birth, slot.local_date));
    if !suits {
        return refuse(SwapSeatsError::NotEligible);
    }
    Ok((before, slot))
}

/// Checks the doses of every course as they would be after the move.
fn check_courses(
    tx: &mut Tx<'_>,
    moved: &[Booking],
    new: &[Slot],
    campaign: &Campaign,
) -> Outcome<(), SwapSeatsError> {
    for one in moved {
        let mut doses: Vec<_> = bookings::of_course(tx.conn, &tx.tools.keys, one.course)?
            .into_iter()
            .filter(|dose| dose.state.is_live())
            .map(|dose| {
                let goes_to =
                    moved.iter().position(|other| other.id == dose.id).and_then(|index| new.get(index));
                let (day, product) =
                    goes_to.map_or((dose.local_date, dose.product), |slot| (slot.local_date, slot.product));
                (dose.dose, day, product)
            })
            .collect();
        doses.sort_unstable_by_key(|dose| dose.0);
        for pair in doses.windows(2) {
            let [(_, earlier, first), (dose, later, second)] = pair else { continue };
            let interval = campaign.interval_before(*second, *dose);
            let follows = campaign.product(*second).is_some_and(|product| product.may_come_after(*first));
            if !follows || !interval.is_some_and(|interval| interval.allows(*earlier, *later)) {
                return Err(Failure::Refused(SwapSeatsError::IntervalBroken));
            }
        }
    }
    Ok(())
}

fn write_move(tx: &mut Tx<'_>, before: &Booking, Seat { slot, lane }: &Seat) -> QueryResult<()> {
    diesel::update(booking::table.find(before.id.0))
        .set((
            booking::site.eq(slot.site.0),
            booking::slot.eq(slot.id.0),
            booking::lane.eq(lane.number()),
            booking::product.eq(slot.product.0),
            booking::starts_at.eq(slot.starts_at.as_second()),
            booking::local_date.eq(date_number(slot.local_date)),
            booking::state.eq(BookingState::Booked.as_str()),
            booking::version.eq(before.version + 1),
            booking::updated_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A booking that is to be cancelled, as the visitor saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancel {
    /// The booking.
    pub booking: BookingId,
    /// Its version on the page.
    pub version: i32,
}

/// A booking and the later doses of its course: they can't stay without it.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn given_up_with(conn: &mut Conn, keys: &KeyRing, one: &Booking) -> Result<Vec<Booking>, StoreError> {
    let doses = bookings::of_course(conn, keys, one.course)?;
    let mut together = vec![one.clone()];
    together.extend(doses.into_iter().filter(|dose| dose.dose > one.dose && dose.state.is_live()));
    Ok(together)
}

/// Gives seats up: they go back, the claims go away, reminders are voided and a message is queued. Whoever cancels a dose
/// must cancel the later doses of the same course in the same act; a hold of a later dose ends. Cancelling what is
/// cancelled already is fine.
///
/// # Errors
/// [`CancelBookingsError`] as its variants say; nothing is cancelled then.
pub fn cancel(tx: &mut Tx<'_>, orders: &[Cancel]) -> Outcome<Vec<LaneChange>, CancelBookingsError> {
    let mut changes = Vec::new();
    let bookings: Vec<BookingId> = orders.iter().map(|one| one.booking).collect();
    courses::lock_of_bookings(tx, &bookings)?;
    let (given_up, seats_back) = check_cancels(tx, orders)?;
    end_holds_beside(tx, &given_up, &mut changes)?;
    if !slots::take(tx, &seats_back, 0, -1, &mut changes)? {
        return Err(StoreError::Unreadable("a booked seat was not counted".into()).into());
    }
    for before in &given_up {
        write_cancelled(tx, before)?;
        reminders::tell(tx, before.id, Told::Cancelled)?;
    }
    Ok(changes)
}

/// The bookings that are to be cancelled now, and the seats that go back.
fn check_cancels(
    tx: &mut Tx<'_>,
    orders: &[Cancel],
) -> Outcome<(Vec<Booking>, Vec<Seat>), CancelBookingsError> {
    let mut given_up: Vec<Booking> = Vec::new();
    let mut seats_back = Vec::new();
    for one in orders {
        let refuse = |why| Err(Failure::Refused(why));
        let Some(before) = bookings::find(tx.conn, &tx.tools.keys, one.booking)? else {
            return refuse(CancelBookingsError::ChangedMeanwhile);
        };
        if before.state == BookingState::Cancelled || given_up.iter().any(|other| other.id == before.id) {
            continue;
        }
        if before.version != one.version {
            return refuse(CancelBookingsError::ChangedMeanwhile);
        }
        if !before.can_change(tx.now) {
            return refuse(CancelBookingsError::TooLate(before.id));
        }
        let course = bookings::of_course(tx.conn, &tx.tools.keys, before.course)?;
        let later_stays = course.iter().any(|dose| {
            dose.dose > before.dose
                && dose.state.is_live()
                && !orders.iter().any(|other| other.booking == dose.id)
        });
        if later_stays {
            return refuse(CancelBookingsError::ChangedMeanwhile);
        }
        if before.state == BookingState::Booked {
            seats_back.push(seat_of(tx, &before)?);
        }
        given_up.push(before);
    }
    Ok((given_up, seats_back))
}

fn write_cancelled(tx: &mut Tx<'_>, before: &Booking) -> QueryResult<()> {
    diesel::update(booking::table.find(before.id.0))
        .set((
            booking::state.eq(BookingState::Cancelled.as_str()),
            booking::version.eq(before.version + 1),
            booking::updated_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    diesel::delete(claim::table.filter(claim::booking.eq(before.id.0))).execute(tx.conn)?;
    Ok(())
}
