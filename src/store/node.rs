//! The number of a running process, leased from the database: no two processes make the same ids.

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::connection::Opener;
use super::schema::node::dsl;
use super::{DatabaseUrl, StoreError};

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
    for number in 0..NODES_MAX {
        let taken_over = diesel::update(dsl::node.find(number).filter(dsl::leased_until.lt(now.as_second())))
            .set((dsl::token.eq(token.as_slice()), dsl::leased_until.eq(until)))
            .execute(&mut conn)?;
        let taken = taken_over == 1 || {
            let free: Option<i32> = dsl::node.find(number).select(dsl::id).first(&mut conn).optional()?;
            free.is_none()
                && diesel::insert_into(dsl::node)
                    .values((
                        dsl::id.eq(number),
                        dsl::token.eq(token.as_slice()),
                        dsl::leased_until.eq(until),
                    ))
                    .execute(&mut conn)
                    .or_else(taken_by_another)?
                    == 1
        };
        if taken {
            return u16::try_from(number).map_err(|error| StoreError::Unreadable(error.to_string()));
        }
    }
    Err(StoreError::Unreachable("all 1,024 node numbers are leased".into()))
}

fn taken_by_another(error: diesel::result::Error) -> QueryResult<usize> {
    use diesel::result::{DatabaseErrorKind, Error};
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Ok(0),
        other => Err(other),
    }
}

/// Renews the lease; `false` when another process has taken the number, so that this one must stop.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn renew(tx: &mut super::Tx<'_>, number: u16, token: &[u8; 16]) -> QueryResult<bool> {
    let until = (tx.now + SignedDuration::from_mins(LEASE_MINUTES)).as_second();
    let renewed = diesel::update(dsl::node.find(i32::from(number)).filter(dsl::token.eq(token.as_slice())))
        .set(dsl::leased_until.eq(until))
        .execute(tx.conn)?;
    Ok(renewed == 1)
}

/// Gives the number back at a clean stop; after a rest it may be taken again.
///
/// # Errors
/// [`StoreError`] when the statement fails.
pub fn release(url: &DatabaseUrl, number: u16, token: &[u8; 16], now: Timestamp) -> Result<(), StoreError> {
    let free_from = (now + SignedDuration::from_mins(FREE_AFTER_MINUTES)).as_second();
    let mut conn = Opener::writer(url.clone()).open()?;
    diesel::update(dsl::node.find(i32::from(number)).filter(dsl::token.eq(token.as_slice())))
        .set(dsl::leased_until.eq(free_from))
        .execute(&mut conn)?;
    Ok(())
}
