//! The times of a site: how many seats they have, changing that, and which hours are closed.

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::closings::{Span, slots_in};
use super::schema::{booking, closing, displaced, slot_lane};
use super::values::{date, date_number, moment, small, word};
use super::{Conn, Failure, Outcome, StoreError, Tx, slots};
use crate::domain::booking::{BookingState, LaneChange};
use crate::domain::ids::SiteId;
use crate::domain::slot::{Lane, Slot};

/// A time, and its seats as the clinic set them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSeats {
    /// The time.
    pub slot: Slot,
    /// Its seats.
    pub seats: u16,
    /// Those that are held, booked or kept for somebody.
    pub taken: u16,
}

/// The times of a span that are to come, in order of start.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn times(conn: &mut Conn, span: &Span, now: Timestamp) -> Result<Vec<TimeSeats>, StoreError> {
    let mut slots = slots_in(conn, span, now)?;
    slots.sort_by_key(|slot| (slot.starts_at, slot.id));
    let ids: Vec<i64> = slots.iter().map(|slot| slot.id.0).collect();
    let rows: Vec<(i64, i32, i32)> = slot_lane::table
        .filter(slot_lane::slot.eq_any(&ids).and(slot_lane::lane.eq(Lane::Public.number())))
        .select((slot_lane::slot, slot_lane::seats, slot_lane::held + slot_lane::booked))
        .load(conn)?;
    let kept = kept(conn, &ids)?;
    let seats = |slot: Slot| {
        let row = rows.iter().find(|row| row.0 == slot.id.0);
        let kept = kept.get(&slot.id.0).copied().unwrap_or(0);
        let (seats, taken) = row.map_or((0, 0), |row| (row.1, row.2));
        Ok(TimeSeats { slot, seats: small(seats + kept)?, taken: small(taken + kept)? })
    };
    slots.into_iter().map(seats).collect()
}

/// How many seats of some slots are kept for somebody whose site has closed.
fn kept(conn: &mut Conn, slots: &[i64]) -> QueryResult<HashMap<i64, i32>> {
    let kept: Vec<(i64, i32)> = slot_lane::table
        .filter(slot_lane::slot.eq_any(slots).and(slot_lane::lane.eq(Lane::Kept.number())))
        .select((slot_lane::slot, slot_lane::seats))
        .load(conn)?;
    Ok(kept.into_iter().collect())
}

/// Some times have more bookings than they would have seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("some times have more bookings than that")]
pub struct Taken;

/// Sets the seats of all times of a span that are to come. What is kept for somebody counts as booked.
///
/// # Errors
/// [`Taken`] when some have more bookings; nothing is changed then.
pub fn set_seats(tx: &mut Tx<'_>, span: &Span, seats: u16) -> Outcome<Vec<LaneChange>, Taken> {
    let slots = slots_in(tx.conn, span, tx.now)?;
    let ids: Vec<i64> = slots.iter().map(|slot| slot.id.0).collect();
    // Locked first: nobody keeps a seat between counting and setting.
    diesel::update(slot_lane::table.filter(slot_lane::slot.eq_any(&ids)))
        .set(slot_lane::version.eq(slot_lane::version + 1))
        .execute(tx.conn)?;
    let kept = kept(tx.conn, &ids)?;
    let mut changes = Vec::new();
    for slot in slots {
        let kept = kept.get(&slot.id.0).copied().unwrap_or(0);
        let public = u16::try_from(i32::from(seats) - kept).ok();
        let change = public.map_or(Ok(None), |public| slots::set_seats(tx, slot, public))?;
        changes.push(change.ok_or(Failure::Refused(Taken))?);
    }
    Ok(changes)
}

/// A closing, and how those have answered whom it displaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// When and where.
    pub span: Span,
    /// People who have not answered.
    pub waiting: usize,
    /// People who have another time.
    pub moved: usize,
    /// People who gave their booking up.
    pub cancelled: usize,
}

/// The closings of a site from a day on, the first before the others.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn closed(conn: &mut Conn, site: SiteId, from: Date) -> Result<Vec<Closed>, StoreError> {
    let rows: Vec<(i64, i32, i64, i64)> = closing::table
        .filter(closing::site.eq(site.0).and(closing::local_date.ge(date_number(from))))
        .order((closing::from_at, closing::id))
        .select((closing::id, closing::local_date, closing::from_at, closing::until_at))
        .load(conn)?;
    let mut closings = Vec::with_capacity(rows.len());
    for (id, day, from_at, until_at) in rows {
        let states: Vec<String> = displaced::table
            .inner_join(booking::table.on(booking::id.eq(displaced::booking)))
            .filter(displaced::closing.eq(id))
            .select(booking::state)
            .load(conn)?;
        let span = Span { site, day: date(day)?, from: moment(from_at)?, until: moment(until_at)? };
        let mut one = Closed { span, waiting: 0, moved: 0, cancelled: 0 };
        for state in states {
            match word(&state, BookingState::from_word)? {
                BookingState::Displaced => one.waiting += 1,
                BookingState::Cancelled => one.cancelled += 1,
                _ => one.moved += 1,
            }
        }
        closings.push(one);
    }
    Ok(closings)
}
