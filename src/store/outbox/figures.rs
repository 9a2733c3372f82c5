//! How many messages wait, and what has not arrived.

use diesel::prelude::*;
use jiff::Timestamp;

use super::{Room, any_lease_ran_out, check, due};
use crate::domain::message::{Channel, MessageKind};
use crate::store::schema::outbox;
use crate::store::states::{MessageIsLeased, MessageIsLost, MessageIsQueued};
use crate::store::{Conn, StoreError};

/// Messages by state. It walks through all that were ever written.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn count_by_state(conn: &mut Conn) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(outbox::table
        .group_by(outbox::state)
        .select((outbox::state, diesel::dsl::count_star()))
        .order(outbox::state)
        .load(conn)?)
}

/// Messages that somebody may have to care for, by state; of those that wait only what is due, since reminders of millions of
/// bookings wait for weeks. It walks through those only.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn count_open(conn: &mut Conn, now: Timestamp) -> Result<[(&'static str, i64); 5], StoreError> {
    let (channels, kinds) = (Channel::ALL.map(Channel::as_str), MessageKind::ALL.map(MessageKind::as_str));
    let due = outbox::table
        .filter(MessageIsQueued.and(outbox::channel.eq_any(channels)))
        .filter(outbox::kind.eq_any(kinds).and(outbox::due_at.le(now.as_second())))
        .count()
        .get_result(conn)?;
    let leased = outbox::table.filter(MessageIsLeased).count().get_result(conn)?;
    let lost: Vec<(String, i64)> = outbox::table
        .filter(MessageIsLost)
        .group_by(outbox::state)
        .select((outbox::state, diesel::dsl::count_star()))
        .load(conn)?;
    let count = |state: &'static str| {
        let found = lost.iter().find(|(known, _)| known == state);
        (state, found.map_or(0, |(_, count)| *count))
    };
    let [failed, uncertain, dead] = ["failed", "uncertain", "dead"].map(count);
    Ok([("due", due), ("leased", leased), failed, uncertain, dead])
}

/// Whether a message is due, a lease has run out, or one is to be asked for.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    for channel in Channel::ALL {
        if !due(conn, now, Room { channel, codes: 1, others: 1 })?.ids.is_empty() {
            return Ok(true);
        }
    }
    Ok(any_lease_ran_out(conn, now)? || !check::to_check(conn, now, 1)?.is_empty())
}
