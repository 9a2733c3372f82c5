//! The change counter: each writer has its own row, in which it counts what it changed of sites, campaigns and seats, so
//! that other processes on the same database see within a second that their caches are stale, and no two writers wait
//! for one row.

use diesel::prelude::*;

use super::schema::change_counter::dsl;
use super::{Conn, StoreError, Tx};

/// Writers a node may have at most: the low digits of a writer's number.
const WRITERS_MAX: i32 = 64;

/// The number of the `index`-th writer of a node.
pub(super) fn writer_number(node: u16, index: u16) -> i32 {
    i32::from(node) * WRITERS_MAX + i32::from(index)
}

/// Makes sure that the writer has a row.
pub(super) fn register(conn: &mut Conn, writer: i32) -> Result<(), StoreError> {
    conn.transaction(|conn| {
        if !begin(conn, writer)? {
            diesel::insert_into(dsl::change_counter)
                .values((dsl::writer.eq(writer), dsl::transactions.eq(0), dsl::value.eq(0)))
                .execute(conn)?;
        }
        Ok(())
    })
}

/// Counts a transaction: its first statement, a write. `false` when the writer has no row.
pub(super) fn begin(conn: &mut Conn, writer: i32) -> QueryResult<bool> {
    let counted = diesel::update(dsl::change_counter.find(writer))
        .set(dsl::transactions.eq(dsl::transactions + 1))
        .execute(conn)?;
    Ok(counted == 1)
}

/// Notes that the command changes a site, a campaign or the seats of a slot. One note counts for a whole transaction.
pub(super) fn note(tx: &Tx<'_>) {
    tx.noted.set(true);
}

/// Counts what was noted: the last statement of a transaction.
pub(super) fn end(conn: &mut Conn, writer: i32, noted: bool) -> QueryResult<()> {
    if noted {
        diesel::update(dsl::change_counter.find(writer)).set(dsl::value.eq(dsl::value + 1)).execute(conn)?;
    }
    Ok(())
}

/// The sum over the writers of all other nodes; it changes when somebody else changed what caches hold.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_others(conn: &mut Conn, node: u16) -> Result<i64, StoreError> {
    let first = writer_number(node, 0);
    let values: Vec<i64> = dsl::change_counter
        .filter(dsl::writer.lt(first).or(dsl::writer.ge(first + WRITERS_MAX)))
        .select(dsl::value)
        .load(conn)?;
    Ok(values.iter().sum())
}
