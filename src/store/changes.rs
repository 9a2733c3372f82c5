//! The change counter: each writer bumps its own row with every transaction, so that other processes on the same
//! database see within a second that their caches are stale, and no two writers wait for one row.

use diesel::prelude::*;

use super::schema::change_counter::dsl;
use super::{Conn, StoreError};

/// Writers a node may have at most: the low digits of a writer's number.
const WRITERS_MAX: i32 = 64;

/// The number of the `index`-th writer of a node.
pub(super) fn writer_number(node: u16, index: u16) -> i32 {
    i32::from(node) * WRITERS_MAX + i32::from(index)
}

/// Makes sure that the writer has a row.
pub(super) fn register(conn: &mut Conn, writer: i32) -> Result<(), StoreError> {
    conn.transaction(|conn| {
        let touched = diesel::update(dsl::change_counter.find(writer))
            .set(dsl::value.eq(dsl::value + 1))
            .execute(conn)?;
        if touched == 0 {
            diesel::insert_into(dsl::change_counter)
                .values((dsl::writer.eq(writer), dsl::value.eq(0)))
                .execute(conn)?;
        }
        Ok(())
    })
}

/// Counts one transaction of the writer.
pub(super) fn bump(conn: &mut Conn, writer: i32) -> QueryResult<()> {
    diesel::update(dsl::change_counter.find(writer)).set(dsl::value.eq(dsl::value + 1)).execute(conn)?;
    Ok(())
}

/// The sum over the writers of all other nodes; it changes when somebody else has written.
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
