//! What the door of an opening did, second by second, for everybody to read.

use diesel::prelude::*;
use jiff::Timestamp;

use super::door_state::threshold;
use super::schema::door_second;
use super::values::{moment, unreadable};
use super::{Conn, StoreError};
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
    /// How many sessions were alive.
    pub alive: u64,
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
    let rows: Vec<(i64, Option<i64>, i64, i64)> = door_second::table
        .filter(door_second::opening.eq(opening.0).and(door_second::at.gt(before)))
        .order(door_second::at)
        .limit(count)
        .select((door_second::at, door_second::threshold, door_second::admitted, door_second::alive))
        .load(conn)?;
    rows.into_iter()
        .map(|(at, kept, admitted, alive)| {
            Ok(DoorSecond {
                at: moment(at)?,
                threshold: threshold(kept),
                admitted: u64::try_from(admitted).map_err(unreadable)?,
                alive: u64::try_from(alive).map_err(unreadable)?,
            })
        })
        .collect()
}
