//! A site that closes for a day or a part of it: seats go back, claims stay, and whoever lost a seat is told, and has one nearby
//! kept for them. Nobody is moved silently: a booking is displaced until somebody picks another time for it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bookings::{self, Booking};
use super::moving::{self, Move};
use super::reminders::{self, Told};
use super::schema::{booking, closing, displaced, slot, slot_lane};
use super::slots::{SlotRow, slot_of};
use super::values::{date_number, moment};
use super::{Conn, Failure, Never, Outcome, StoreError, Tx, courses, holds, leftovers, slots};
use crate::domain::booking::{BookingState, LaneChange, SwapSeatsError};
use crate::domain::campaign::Campaign;
use crate::domain::ids::{BookingId, ClosingId, CourseId, SiteId, SlotId, StaffId};
use crate::domain::slot::{Lane, Seat, Slot};
use crate::keys::KeyRing;

/// When a site gives no vaccinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where.
    pub site: SiteId,
    /// On which day, local to the site.
    pub day: Date,
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// Whom a closing would affect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Affected {
    /// Times that have seats.
    pub times: usize,
    /// People who are booked.
    pub booked: usize,
}

/// Times that begin in a span and after now: what has begun is not closed any more.
pub(super) fn slots_in(conn: &mut Conn, span: &Span, now: Timestamp) -> Result<Vec<Slot>, StoreError> {
    let rows: Vec<SlotRow> = slot::table
        .inner_join(slot_lane::table.on(slot_lane::slot.eq(slot::id)))
        .filter(slot_lane::lane.eq(Lane::Public.number()))
        .filter(slot::site.eq(span.site.0).and(slot::local_date.eq(date_number(span.day))))
        .filter(slot::starts_at.ge(span.from.as_second()).and(slot::starts_at.lt(span.until.as_second())))
        .filter(slot::starts_at.gt(now.as_second()))
        .order(slot::id)
        .select((slot::id, slot::site, slot::campaign, slot::product, slot::starts_at, slot::local_date))
        .load(conn)?;
    rows.into_iter().map(slot_of).collect()
}

/// The bookings in some slots, with their slots: those who are still to come.
fn booked_in(conn: &mut Conn, span: &Span, slots: &[i64]) -> QueryResult<Vec<(i64, i64)>> {
    booking::table
        .filter(booking::site.eq(span.site.0).and(booking::local_date.eq(date_number(span.day))))
        .filter(booking::slot.eq_any(slots).and(booking::state.eq(BookingState::Booked.as_str())))
        .order(booking::id)
        .select((booking::id, booking::slot))
        .load(conn)
}

fn ids_of(slots: &[Slot]) -> Vec<i64> {
    slots.iter().map(|slot| slot.id.0).collect()
}

/// Whom a closing would affect.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn affected(conn: &mut Conn, span: &Span, now: Timestamp) -> Result<Affected, StoreError> {
    let slots = slots_in(conn, span, now)?;
    let ids = ids_of(&slots);
    // Seats that are kept for somebody are open, too.
    let lanes = [Lane::Public, Lane::Kept].map(Lane::number);
    let open: Vec<i64> = slot_lane::table
        .filter(slot_lane::slot.eq_any(&ids).and(slot_lane::lane.eq_any(lanes)))
        .filter(slot_lane::seats.gt(slot_lane::booked))
        .select(slot_lane::slot)
        .load(conn)?;
    let booked = booked_in(conn, span, &ids)?;
    let counts =
        |slot: &&Slot| open.contains(&slot.id.0) || booked.iter().any(|(_, taken)| *taken == slot.id.0);
    let times: BTreeSet<Timestamp> = slots.iter().filter(counts).map(|slot| slot.starts_at).collect();
    Ok(Affected { times: times.len(), booked: booked.len() })
}

/// Closes a span: holds end, leftover doses are offered no more, whoever is booked is displaced, and no time has a seat any
/// more. Closing what is closed changes nothing.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn close(tx: &mut Tx<'_>, span: &Span, staff: StaffId) -> Outcome<Vec<LaneChange>, Never> {
    let now = tx.now;
    if affected(tx.conn, span, now)? == Affected::default() {
        return Ok(Vec::new());
    }
    let slots = slots_in(tx.conn, span, now)?;
    let (ids, mut changes) = (ids_of(&slots), Vec::new());
    // Parties and courses are locked before slots, as everywhere; what comes in between is found below.
    holds::end_holds_in(tx, (span.site, span.day), &ids, &mut changes)?;
    lock_booked(tx, span, &ids)?;
    for one in leftovers::of_day(tx.conn, span.site, span.day)? {
        if !one.is_over && span.from <= one.until && one.until < span.until {
            leftovers::end(tx, one.id)?;
        }
    }
    // Nobody takes a seat from here on: what is free now is free no more.
    for slot in &slots {
        changes.extend(slots::close_free(tx, *slot)?);
    }
    holds::end_holds_in(tx, (span.site, span.day), &ids, &mut changes)?;
    let booked = lock_booked(tx, span, &ids)?;
    let id = ClosingId(tx.new_id());
    insert(tx, id, span, staff)?;
    give_up_kept(tx, id, &ids, &mut changes)?;
    for one in booked {
        displace(tx, id, one, &slots, &mut changes)?;
    }
    // Seats that went back just now are closed too.
    for slot in &slots {
        changes.extend(slots::close_free(tx, *slot)?);
    }
    Ok(changes)
}

fn insert(tx: &mut Tx<'_>, id: ClosingId, span: &Span, staff: StaffId) -> QueryResult<()> {
    diesel::insert_into(closing::table)
        .values((
            closing::id.eq(id.0),
            closing::site.eq(span.site.0),
            closing::local_date.eq(date_number(span.day)),
            closing::from_at.eq(span.from.as_second()),
            closing::until_at.eq(span.until.as_second()),
            closing::staff.eq(staff.0),
            closing::closed_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The bookings in some slots, whose courses are locked.
fn lock_booked(tx: &mut Tx<'_>, span: &Span, slots: &[i64]) -> QueryResult<Vec<BookingId>> {
    let booked: Vec<BookingId> =
        booked_in(tx.conn, span, slots)?.into_iter().map(|(id, _)| BookingId(id)).collect();
    courses::lock_of_bookings(tx, &booked)?;
    Ok(booked)
}

/// Displaces a booking, unless it was moved or given up a moment ago.
fn displace(
    tx: &mut Tx<'_>,
    id: ClosingId,
    one: BookingId,
    slots: &[Slot],
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let keys = tx.tools.keys.clone();
    let Some(before) = bookings::find(tx.conn, &keys, one)? else { return Ok(()) };
    let seat = slots.iter().find(|slot| slot.id == before.slot);
    let Some(slot) = seat.filter(|_| before.state == BookingState::Booked) else { return Ok(()) };
    holds::end_holds_of(tx, &BTreeSet::from([before.course.0]), changes)?;
    let seat = Seat { slot: *slot, lane: before.lane };
    if !slots::take(tx, &[seat], 0, -1, changes)? {
        return Err(StoreError::Unreadable("a booked seat was not counted".into()));
    }
    let version = before.version + 1;
    diesel::update(booking::table.find(one.0))
        .set((
            booking::state.eq(BookingState::Displaced.as_str()),
            booking::version.eq(version),
            booking::updated_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    note_displaced(tx, id, (one, version))?;
    reminders::withdraw(tx, one)?;
    Ok(())
}

/// A booking that lost its seat.
pub struct Displaced {
    /// The booking, in the version that it has since.
    pub booking: Booking,
    /// The other doses of its course that are live.
    pub doses: Vec<Booking>,
    kept: Option<(Slot, Timestamp)>,
}

impl Displaced {
    /// The seat that is kept for it at `now`, and until when.
    pub fn kept_at(&self, now: Timestamp) -> Option<(Slot, Timestamp)> {
        self.kept.filter(|(_, until)| now < *until)
    }
}

/// A booking as long as it is displaced; `None` when it is not, or not any more.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: BookingId) -> Result<Option<Displaced>, StoreError> {
    let Some(one) = bookings::find(conn, keys, id)? else { return Ok(None) };
    if one.state != BookingState::Displaced {
        return Ok(None);
    }
    let row: Option<(Option<i64>, Option<i64>)> = displaced::table
        .find((id.0, one.version))
        .select((displaced::kept_slot, displaced::kept_until))
        .get_result(conn)
        .optional()?;
    let kept = row.and_then(|(slot, until)| slot.zip(until));
    let kept = match kept {
        None => None,
        Some((slot, until)) => slots::find(conn, SlotId(slot))?.zip(Some(moment(until)?)),
    };
    let doses = others_of(conn, keys, one.course, id)?;
    Ok(Some(Displaced { booking: one, doses, kept }))
}

fn others_of(
    conn: &mut Conn,
    keys: &KeyRing,
    course: CourseId,
    except: BookingId,
) -> Result<Vec<Booking>, StoreError> {
    let doses = bookings::of_course(conn, keys, course)?;
    Ok(doses.into_iter().filter(|dose| dose.id != except && dose.state.is_live()).collect())
}

/// Up to `most` displaced bookings that nobody was told of yet, those that were to come first before the others.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn untold(conn: &mut Conn, keys: &KeyRing, most: i64) -> Result<Vec<Displaced>, StoreError> {
    let ids: Vec<i64> = displaced::table
        .inner_join(booking::table.on(booking::id.eq(displaced::booking)))
        .filter(displaced::told_at.is_null().and(booking::version.eq(displaced::version)))
        .filter(booking::state.eq(BookingState::Displaced.as_str()))
        .order((booking::starts_at, booking::id))
        .limit(most)
        .select(booking::id)
        .load(conn)?;
    let mut untold = Vec::with_capacity(ids.len());
    for id in ids {
        untold.extend(find(conn, keys, BookingId(id))?);
    }
    Ok(untold)
}

/// Why no seat was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seat was taken meanwhile")]
pub struct Full;

/// Keeps a seat for a displaced booking until a moment, if there is one, and queues what is to be told. Another node may have
/// done it.
///
/// # Errors
/// [`Full`] when the seat is gone; nothing is told then.
pub fn keep(
    tx: &mut Tx<'_>,
    one: (BookingId, i32),
    seat: Option<(Slot, Timestamp)>,
) -> Outcome<Vec<LaneChange>, Full> {
    let (id, version) = one;
    courses::lock_of_bookings(tx, &[id])?;
    let untold = displaced::table.find((id.0, version)).filter(displaced::told_at.is_null());
    let told = diesel::update(untold).set(displaced::told_at.eq(tx.now.as_second())).execute(tx.conn)?;
    if told == 0 || !is_displaced(tx.conn, one)? {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    if let Some((slot, until)) = seat {
        let Some(change) = slots::keep_apart(tx, slot)? else { return Err(Failure::Refused(Full)) };
        changes.push(change);
        diesel::update(displaced::table.find((id.0, version)))
            .set((displaced::kept_slot.eq(slot.id.0), displaced::kept_until.eq(until.as_second())))
            .execute(tx.conn)?;
    }
    reminders::tell(tx, id, Told::Displaced)?;
    Ok(changes)
}

fn is_displaced(conn: &mut Conn, (id, version): (BookingId, i32)) -> QueryResult<bool> {
    let same = booking::table
        .find(id.0)
        .filter(booking::version.eq(version).and(booking::state.eq(BookingState::Displaced.as_str())));
    let found: i64 = same.count().get_result(conn)?;
    Ok(found > 0)
}

/// Whether [`release`] has work.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn any_over(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!over(conn, now, 1)?.is_empty())
}

type KeptRow = (i64, i32, i64);

/// Kept seats whose time is over, or whose booking has found another.
fn over(conn: &mut Conn, now: Timestamp, most: i64) -> QueryResult<Vec<KeptRow>> {
    displaced::table
        .inner_join(booking::table.on(booking::id.eq(displaced::booking)))
        .filter(displaced::kept_slot.is_not_null())
        .filter(
            displaced::kept_until
                .le(now.as_second())
                .or(booking::version.ne(displaced::version))
                .or(booking::state.ne(BookingState::Displaced.as_str())),
        )
        .order(displaced::kept_slot)
        .limit(most)
        .select((displaced::booking, displaced::version, displaced::kept_slot.assume_not_null()))
        .load(conn)
}

/// Makes up to `most` kept seats public again whose time is over, or whose booking has found another.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn release(tx: &mut Tx<'_>, most: i64) -> Outcome<Vec<LaneChange>, Never> {
    let mut changes = Vec::new();
    for row in over(tx.conn, tx.now, most)? {
        give_up(tx, row, &mut changes)?;
    }
    Ok(changes)
}

/// Gives up what is kept in these slots, because they close. Whoever was promised a seat there is displaced anew, so that they
/// are told once more.
fn give_up_kept(
    tx: &mut Tx<'_>,
    id: ClosingId,
    slots: &[i64],
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let rows: Vec<KeptRow> = displaced::table
        .filter(displaced::kept_slot.eq_any(slots))
        .order(displaced::kept_slot)
        .select((displaced::booking, displaced::version, displaced::kept_slot.assume_not_null()))
        .load(tx.conn)?;
    let bookings: Vec<BookingId> = rows.iter().map(|row| BookingId(row.0)).collect();
    courses::lock_of_bookings(tx, &bookings)?;
    for row in rows {
        give_up(tx, row, changes)?;
        let one = (BookingId(row.0), row.1);
        if is_displaced(tx.conn, one)? {
            diesel::update(booking::table.find(row.0))
                .set((booking::version.eq(row.1 + 1), booking::updated_at.eq(tx.now.as_second())))
                .execute(tx.conn)?;
            note_displaced(tx, id, (one.0, row.1 + 1))?;
        }
    }
    Ok(())
}

fn note_displaced(tx: &mut Tx<'_>, id: ClosingId, (one, version): (BookingId, i32)) -> QueryResult<()> {
    diesel::insert_into(displaced::table)
        .values((displaced::booking.eq(one.0), displaced::version.eq(version), displaced::closing.eq(id.0)))
        .execute(tx.conn)?;
    Ok(())
}

/// Makes a kept seat public again, unless another node did.
fn give_up(
    tx: &mut Tx<'_>,
    (id, version, kept): KeptRow,
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let row = displaced::table.find((id, version)).filter(displaced::kept_slot.eq(kept));
    let given_up = diesel::update(row)
        .set((displaced::kept_slot.eq(None::<i64>), displaced::kept_until.eq(None::<i64>)))
        .execute(tx.conn)?;
    if given_up == 0 {
        return Ok(());
    }
    let slot = slots::find(tx.conn, SlotId(kept))?;
    let slot = slot.ok_or_else(|| StoreError::Unreadable("a kept seat has no slot".into()))?;
    changes.push(slots::give_back_kept(tx, slot)?);
    Ok(())
}

/// Takes the seat that is kept for a booking: it is public for the instant in which the booking moves there.
///
/// # Errors
/// [`SwapSeatsError`] as its variants say; `SlotFull` when it is kept no longer.
pub fn take_kept(
    tx: &mut Tx<'_>,
    (id, version): (BookingId, i32),
    campaign: &Campaign,
) -> Outcome<Vec<LaneChange>, SwapSeatsError> {
    let kept: Option<Option<i64>> = displaced::table
        .find((id.0, version))
        .filter(displaced::kept_until.gt(tx.now.as_second()))
        .select(displaced::kept_slot)
        .get_result(tx.conn)
        .optional()?;
    let Some(kept) = kept.flatten() else { return Err(Failure::Refused(SwapSeatsError::SlotFull)) };
    courses::lock_of_bookings(tx, &[id])?;
    let mut changes = Vec::new();
    give_up(tx, (id.0, version, kept), &mut changes)?;
    changes.extend(moving::swap(tx, &[Move { booking: id, version, slot: SlotId(kept) }], campaign)?);
    Ok(changes)
}
