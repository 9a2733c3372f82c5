//! The number of a running process, leased from the database: no two processes make the same ids.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::connection::{Opener, none_if_there};
use super::schema::node::dsl;
use super::{DatabaseUrl, StoreError};
use crate::domain::ids::IdMaker;

/// Numbers there are: 10 bits of an id.
const NODES_MAX: i32 = 1024;

/// How long a lease lasts without renewal, in minutes. It covers the ids a stopped clock or a paused machine may make.
const LEASE_MINUTES: i64 = 10;

/// How long a number rests after a clean stop, in minutes: a clock that is set back meanwhile makes no id twice.
const FREE_AFTER_MINUTES: i64 = 1;

/// Takes the lowest free number, or one whose lease ran out.
///
/// # Errors
/// [`StoreError`] when the database fails or all 1,024 numbers are taken.
pub fn lease(url: &DatabaseUrl, token: &[u8; 16], now: Timestamp) -> Result<u16, StoreError> {
    let mut conn = Opener::writer(url.clone()).open()?;
    let until = (now + SignedDuration::from_mins(LEASE_MINUTES)).as_second();
    // Read at once: after many crashes in a row most numbers are still leased.
    let known: BTreeMap<i32, i64> =
        dsl::node.select((dsl::id, dsl::leased_until)).load(&mut conn)?.into_iter().collect();
    for number in 0..NODES_MAX {
        let taken = match known.get(&number) {
            Some(leased_until) if *leased_until >= now.as_second() => 0,
            Some(_) => diesel::update(dsl::node.find(number).filter(dsl::leased_until.lt(now.as_second())))
                .set((dsl::token.eq(token.as_slice()), dsl::leased_until.eq(until)))
                .execute(&mut conn)?,
            None => diesel::insert_into(dsl::node)
                .values((dsl::id.eq(number), dsl::token.eq(token.as_slice()), dsl::leased_until.eq(until)))
                .execute(&mut conn)
                .or_else(none_if_there)?,
        };
        if taken == 1 {
            return u16::try_from(number).map_err(|error| StoreError::Unreadable(error.to_string()));
        }
    }
    Err(StoreError::Unreachable(format!(
        "all {NODES_MAX} node numbers are leased; wait {LEASE_MINUTES} minutes after the last crash"
    )))
}

/// Renews the lease; `false` when another process has taken the number, so that this one must stop.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn renew(tx: &mut super::Tx<'_>, number: u16, token: &[u8; 16]) -> QueryResult<bool> {
    // From the last id on, which may be later than the clock shows now: when the clock was set back, the number must rest
    // until it has passed that id, or another process would make the same ones.
    let last_id_at = IdMaker::instant_of(tx.new_id());
    let until = (last_id_at + SignedDuration::from_mins(LEASE_MINUTES)).as_second();
    let renewed = diesel::update(dsl::node.find(i32::from(number)).filter(dsl::token.eq(token.as_slice())))
        .set(dsl::leased_until.eq(until))
        .execute(tx.conn)?;
    Ok(renewed == 1)
}

/// Whether a running process has the lowest number of all: what only one may do is its to do.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn is_first(conn: &mut super::Conn, number: u16, now: Timestamp) -> Result<bool, StoreError> {
    let leased = dsl::node.filter(dsl::leased_until.ge(now.as_second()));
    let first: Option<i32> = leased.select(diesel::dsl::min(dsl::id)).get_result(conn)?;
    Ok(first == Some(i32::from(number)))
}

/// Gives the number back at a clean stop; after a rest it may be taken again. When its lease lasts longer than a new one
/// would, the clock was set back since, and the number rests until the clock has passed its ids.
///
/// # Errors
/// [`StoreError`] when the statement fails.
pub fn release(url: &DatabaseUrl, number: u16, token: &[u8; 16], now: Timestamp) -> Result<(), StoreError> {
    let free_from = (now + SignedDuration::from_mins(FREE_AFTER_MINUTES)).as_second();
    let longest = (now + SignedDuration::from_mins(LEASE_MINUTES)).as_second();
    let mut conn = Opener::writer(url.clone()).open()?;
    let mine = dsl::node.find(i32::from(number)).filter(dsl::token.eq(token.as_slice()));
    diesel::update(mine.filter(dsl::leased_until.le(longest)))
        .set(dsl::leased_until.eq(free_from))
        .execute(&mut conn)?;
    Ok(())
}
