//! What the nodes that don't lead a door measure. Whoever leads lets in no more people than the slowest node bears.

use std::time::Duration;

use diesel::prelude::*;

use super::connection::directly;
use super::schema::door_node;
use super::values::unreadable;
use super::{StoreError, Tx};
use crate::domain::door::session_cap::TICK_SECONDS;

/// For how long counts what a node measured, in seconds: twice as long as it takes to measure anew.
const COUNTS_SECONDS: i64 = 2 * TICK_SECONDS as i64;

/// For how long counts that more came to a node than it can do, in seconds: it says so each second.
const BEHIND_SECONDS: i64 = 2;

/// What a node measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// What nineteen of twenty booking steps took at most, when it is time to look at it: nothing when there were none.
    pub look: Option<Option<Duration>>,
    /// Whether more comes than it can do.
    pub is_behind: bool,
}

/// What the slowest of several nodes measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slowest {
    /// What nineteen of twenty booking steps took at most; `None` when there were none.
    pub booking_step: Option<Duration>,
    /// Whether more comes to one of them than it can do.
    pub is_behind: bool,
}

/// Writes down what a node measured, if there is anything.
pub(super) fn tell(tx: &mut Tx<'_>, node: u16, measured: Measured) -> QueryResult<()> {
    if measured == Measured::default() {
        return Ok(());
    }
    let (id, now) = (i32::from(node), tx.now.as_second());
    let new = diesel::insert_into(door_node::table)
        .values((door_node::node.eq(id), door_node::told_at.eq(now)))
        .on_conflict_do_nothing();
    directly!(tx.conn, conn => new.execute(conn))?;
    let known = door_node::table.find(id);
    if let Some(step) = measured.look {
        let step = step.map(|step| i64::try_from(step.as_millis()).unwrap_or(i64::MAX));
        diesel::update(known)
            .set((door_node::told_at.eq(now), door_node::step_ms.eq(step)))
            .execute(tx.conn)?;
    }
    if measured.is_behind {
        diesel::update(known).set(door_node::behind_at.eq(now)).execute(tx.conn)?;
    }
    Ok(())
}

/// The slowest node but this one. What was told longer ago counts no more, nor what is told of a time to come: the clock
/// was set back since.
pub(super) fn slowest_but(tx: &mut Tx<'_>, node: u16) -> Result<Slowest, StoreError> {
    let now = tx.now.as_second();
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = door_node::table
        .filter(door_node::node.ne(i32::from(node)))
        .select((door_node::told_at, door_node::step_ms, door_node::behind_at))
        .load(tx.conn)?;
    let mut slowest = Slowest::default();
    for (told_at, step, behind_at) in rows {
        if (now - COUNTS_SECONDS..=now).contains(&told_at) {
            let step = step.map(u64::try_from).transpose().map_err(unreadable)?.map(Duration::from_millis);
            slowest.booking_step = slowest.booking_step.max(step);
        }
        slowest.is_behind |= behind_at.is_some_and(|at| (now - BEHIND_SECONDS..=now).contains(&at));
    }
    Ok(slowest)
}
