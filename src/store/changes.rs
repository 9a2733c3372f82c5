//! The change counter: each writer has its own row, in which it counts its transactions, and apart from that those that
//! changed a site or a campaign, so that other processes on the same database see within a second that what they read of
//! them is stale, and no two writers wait for one row. What changed in the seats they read in `seat_changes`.

use std::cell::{Cell, RefCell};

use diesel::prelude::*;

use super::connection::directly;
use super::kept::Kept;
use super::schema::change_counter::dsl;
use super::seat_changes::{self, SeatChange};
use super::{Conn, StoreError, Tx};
use crate::domain::booking::Commit;

/// Writers a node may have at most: the low digits of a writer's number.
const WRITERS_MAX: i32 = 64;

/// The number of the `index`-th writer of a node.
pub(super) fn writer_number(node: u16, index: u16) -> i32 {
    i32::from(node) * WRITERS_MAX + i32::from(index)
}

/// The numbers of a node's writers.
pub(super) fn writers_of(node: u16) -> std::ops::Range<i32> {
    siblings_of(writer_number(node, 0))
}

/// The numbers of all writers of a writer's node.
pub(super) fn siblings_of(writer: i32) -> std::ops::Range<i32> {
    let first = writer - writer % WRITERS_MAX;
    first..first + WRITERS_MAX
}

/// Makes sure that the writer has a row.
pub(super) fn register(conn: &mut Conn, writer: i32) -> Result<(), StoreError> {
    conn.transaction(|conn| {
        if begin(conn, writer).optional()?.is_none() {
            diesel::insert_into(dsl::change_counter)
                .values((dsl::writer.eq(writer), dsl::transactions.eq(0), dsl::value.eq(0)))
                .execute(conn)?;
        }
        Ok(())
    })
}

/// Counts a transaction: its first statement, a write. An error when the writer has no row.
pub(super) fn begin(conn: &mut Conn, writer: i32) -> QueryResult<Commit> {
    let count = diesel::update(dsl::change_counter.find(writer))
        .set(dsl::transactions.eq(dsl::transactions + 1))
        .returning(dsl::transactions);
    let number = directly!(conn, conn => Kept(count).get_result(conn))?;
    Ok(Commit { writer, number })
}

/// What the commands of a transaction changed that others keep in memory.
#[derive(Debug, Default)]
pub(super) struct Noted {
    catalogue: Cell<bool>,
    seats: RefCell<Vec<SeatChange>>,
}

impl Noted {
    /// Notes that a command changes a site or a campaign. One note counts for a whole transaction.
    pub(super) fn catalogue(&self) {
        self.catalogue.set(true);
    }

    /// Notes what a command changed in the seats.
    pub(super) fn seats(&self, change: SeatChange) {
        self.seats.borrow_mut().push(change);
    }

    /// How many changes of seats are noted.
    pub(super) fn count(&self) -> usize {
        self.seats.borrow().len()
    }

    /// Forgets what was noted after there were `count`: a command is undone.
    pub(super) fn back_to(&self, count: usize) {
        self.seats.borrow_mut().truncate(count);
    }
}

/// Notes that the command changes a site or a campaign.
pub(super) fn note(tx: &Tx<'_>) {
    tx.noted.catalogue();
}

/// Stores what was noted: the last statement of a transaction.
pub(super) fn end(conn: &mut Conn, commit: Commit, at: i64, noted: &Noted) -> QueryResult<()> {
    if noted.catalogue.get() {
        diesel::update(dsl::change_counter.find(commit.writer))
            .set(dsl::value.eq(dsl::value + 1))
            .execute(conn)?;
    }
    seat_changes::append(conn, commit, at, &noted.seats.borrow())
}

/// The sum over the writers of all other nodes; it changes when somebody else changed sites or campaigns.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_others(conn: &mut Conn, node: u16) -> Result<i64, StoreError> {
    let mine = writers_of(node);
    let values: Vec<i64> = dsl::change_counter
        .filter(dsl::writer.lt(mine.start).or(dsl::writer.ge(mine.end)))
        .select(dsl::value)
        .load(conn)?;
    Ok(values.iter().sum())
}
