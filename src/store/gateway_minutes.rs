//! What the gateways did in each minute, as each node counted it: for the authority's page, which shows all nodes together.

use std::ops::RangeInclusive;

use diesel::prelude::*;
use jiff::Timestamp;

use super::schema::gateway_minute as minutes;
use super::values::unreadable;
use super::{Conn, StoreError, Tx};
use crate::domain::gateway::figures::GatewayFigures;

/// How long they are kept, in minutes: the page shows a day.
const KEPT_MINUTES: i64 = 2 * 24 * 60;

/// Which minute it is.
pub fn minute_of(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(60)
}

/// What a gateway did in a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayMinute {
    /// Which one, in minutes since 1970.
    pub minute: i64,
    /// On all nodes together.
    pub figures: GatewayFigures,
}

/// Adds what the gateways did on a node in a minute, and forgets what is old.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn add(tx: &mut Tx<'_>, node: i64, minute: i64, done: &[(String, GatewayFigures)]) -> QueryResult<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    for (gateway, more) in done {
        let counts = (
            minutes::sent.eq(minutes::sent + count(more.sent)),
            minutes::refused.eq(minutes::refused + count(more.refused)),
            minutes::later.eq(minutes::later + count(more.later)),
            minutes::uncertain.eq(minutes::uncertain + count(more.uncertain)),
            minutes::cost.eq(minutes::cost + count(more.cost)),
        );
        let known = minutes::table.find((minute, gateway, node));
        if diesel::update(known).set(counts).execute(tx.conn)? > 0 {
            continue;
        }
        diesel::insert_into(minutes::table)
            .values((
                (minutes::minute.eq(minute), minutes::gateway.eq(gateway), minutes::node.eq(node)),
                minutes::sent.eq(count(more.sent)),
                minutes::refused.eq(count(more.refused)),
                minutes::later.eq(count(more.later)),
                minutes::uncertain.eq(count(more.uncertain)),
                minutes::cost.eq(count(more.cost)),
            ))
            .execute(tx.conn)?;
    }
    diesel::delete(minutes::table.filter(minutes::minute.lt(minute - KEPT_MINUTES))).execute(tx.conn)?;
    Ok(())
}

/// What a gateway did in each of these minutes in which it did anything, the first before the others.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of(
    conn: &mut Conn,
    gateway: &str,
    minutes_of: RangeInclusive<i64>,
) -> Result<Vec<GatewayMinute>, StoreError> {
    type Row = (i64, (i64, i64, i64, i64, i64));
    let rows: Vec<Row> = minutes::table
        .filter(minutes::minute.between(*minutes_of.start(), *minutes_of.end()))
        .filter(minutes::gateway.eq(gateway))
        .order(minutes::minute)
        .select((
            minutes::minute,
            (minutes::sent, minutes::refused, minutes::later, minutes::uncertain, minutes::cost),
        ))
        .load(conn)?;
    let mut found: Vec<GatewayMinute> = Vec::new();
    for (minute, counts) in rows {
        let figures = figures(counts)?;
        match found.last_mut() {
            // Another node's.
            Some(last) if last.minute == minute => last.figures += figures,
            _ => found.push(GatewayMinute { minute, figures }),
        }
    }
    Ok(found)
}

fn figures(counts: (i64, i64, i64, i64, i64)) -> Result<GatewayFigures, StoreError> {
    let count = |number: i64| u64::try_from(number).map_err(unreadable);
    Ok(GatewayFigures {
        sent: count(counts.0)?,
        refused: count(counts.1)?,
        later: count(counts.2)?,
        uncertain: count(counts.3)?,
        cost: count(counts.4)?,
    })
}
