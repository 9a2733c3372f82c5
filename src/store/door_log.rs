//! What the door of an opening did, second by second, for everybody to read.

use std::time::Duration;

use diesel::dsl::count_star;
use diesel::prelude::*;
use jiff::Timestamp;

use super::door_state::{DoorState, kept_threshold, threshold};
use super::schema::{booking, door_second, party};
use super::values::{moment, unreadable};
use super::{Conn, StoreError, Tx};
use crate::domain::door::opening::Opening;
use crate::domain::door::place::Threshold;
use crate::domain::ids::OpeningId;

/// A second of the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorSecond {
    /// Which one.
    pub at: Timestamp,
    /// Who could enter.
    pub threshold: Threshold,
    /// How many phones had been admitted so far.
    pub admitted: u64,
    /// How many seats of the campaign had been booked since the door began to open.
    pub booked: u64,
    /// How many sessions were alive.
    pub alive: u64,
    /// How many might have been.
    pub cap: u64,
    /// What nineteen of twenty booking steps took at most, where it is known.
    pub booking_step: Option<Duration>,
}

/// Notes a second. One that is there stays: the clock was set back, or this is the same second.
pub(super) fn note(tx: &mut Tx<'_>, opening: OpeningId, state: &DoorState, alive: u32) -> QueryResult<()> {
    let second = door_second::table.find((opening.0, tx.now.as_second()));
    if diesel::select(diesel::dsl::exists(second)).get_result(tx.conn)? {
        return Ok(());
    }
    let step = state.booking_step.map(|step| i64::try_from(step.as_millis()).unwrap_or(i64::MAX));
    diesel::insert_into(door_second::table)
        .values((
            door_second::opening.eq(opening.0),
            door_second::at.eq(tx.now.as_second()),
            door_second::threshold.eq(kept_threshold(state.threshold)),
            door_second::admitted.eq(i64::try_from(state.admitted).unwrap_or(i64::MAX)),
            door_second::alive.eq(i64::from(alive)),
            door_second::booked.eq(i64::try_from(state.booked).unwrap_or(i64::MAX)),
            door_second::cap.eq(state.cap.cap as i64),
            door_second::step_ms.eq(step),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Seats of an opening's campaign that became bookings from one moment on and before this one, not before the door began to
/// open: each second counts once.
pub(super) fn booked_between(tx: &mut Tx<'_>, opening: &Opening, from: Timestamp) -> Result<u32, StoreError> {
    let from = from.max(opening.opens_at).as_second();
    let confirmed = party::confirmed_at.ge(from).and(party::confirmed_at.lt(tx.now.as_second()));
    let booked: i64 = booking::table
        .inner_join(party::table.on(party::id.eq(booking::party)))
        .filter(party::campaign.eq(opening.campaign.0).and(confirmed))
        .select(count_star())
        .get_result(tx.conn)?;
    u32::try_from(booked).map_err(unreadable)
}

/// A second as it is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = door_second)]
struct Row {
    at: i64,
    threshold: Option<i64>,
    admitted: i64,
    booked: i64,
    alive: i64,
    cap: i64,
    step_ms: Option<i64>,
}

fn second_of(row: Row) -> Result<DoorSecond, StoreError> {
    let count = |number: i64| u64::try_from(number).map_err(unreadable);
    Ok(DoorSecond {
        at: moment(row.at)?,
        threshold: threshold(row.threshold),
        admitted: count(row.admitted)?,
        booked: count(row.booked)?,
        alive: count(row.alive)?,
        cap: count(row.cap)?,
        booking_step: row.step_ms.map(count).transpose()?.map(Duration::from_millis),
    })
}

/// At most `count` seconds after a moment, or from the first on.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn after(
    conn: &mut Conn,
    opening: OpeningId,
    moment_before: Option<Timestamp>,
    count: i64,
) -> Result<Vec<DoorSecond>, StoreError> {
    let before = moment_before.map_or(i64::MIN, Timestamp::as_second);
    let rows: Vec<Row> = door_second::table
        .filter(door_second::opening.eq(opening.0).and(door_second::at.gt(before)))
        .order(door_second::at)
        .limit(count)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(second_of).collect()
}

/// The evening in a few looks: the last second that was noted in each of so many equal parts of it, from when the door began
/// to open until `until`.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn looks(
    conn: &mut Conn,
    opening: &Opening,
    until: Timestamp,
    parts: i64,
) -> Result<Vec<DoorSecond>, StoreError> {
    let (first, last) = (opening.opens_at.as_second(), until.as_second());
    let mut seconds = Vec::new();
    for part in 0..parts {
        let from = first + (last - first) * part / parts;
        let to = first + (last - first) * (part + 1) / parts;
        let within = door_second::at.ge(from).and(door_second::at.le(to));
        let row: Option<Row> = door_second::table
            .filter(door_second::opening.eq(opening.id.0).and(within))
            .order(door_second::at.desc())
            .select(Row::as_select())
            .first(conn)
            .optional()?;
        let second = row.map(second_of).transpose()?;
        seconds.extend(second.filter(|second: &DoorSecond| seconds.last() != Some(second)));
    }
    Ok(seconds)
}
