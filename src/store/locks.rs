//! Locks on rows, until the transaction ends: what a command decides on stays as it is while other writers wait. An update
//! that changes nothing is a lock that every PostgreSQL-compatible database has. SQLite has one writer, and needs none.
//!
//! Nobody waits in a circle as long as all lock in this order: accounts, people, parties, courses, slots. Where one can't,
//! PostgreSQL ends one of the transactions, and the ledger tries it again.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::schema::{account, course, party, person};
use super::states::PartyIsHeld;
use super::{Conn, Tx};
use crate::domain::ids::AccountId;
use crate::keys::LookupHash;

/// Whether nobody else writes to the database while this transaction goes on.
pub(super) fn has_one_writer(tx: &Tx<'_>) -> bool {
    matches!(tx.conn, Conn::Sqlite(_))
}

/// Locks an account: its list of people and what it holds change one after the other.
pub(super) fn account(tx: &mut Tx<'_>, id: AccountId) -> QueryResult<()> {
    if !has_one_writer(tx) {
        diesel::update(account::table.find(id.0)).set(account::epoch.eq(account::epoch)).execute(tx.conn)?;
    }
    Ok(())
}

/// Locks a course: its doses are held, changed and given up one after the other.
pub(super) fn course(tx: &mut Tx<'_>, id: i64) -> QueryResult<()> {
    if !has_one_writer(tx) {
        diesel::update(course::table.find(id)).set(course::campaign.eq(course::campaign)).execute(tx.conn)?;
    }
    Ok(())
}

/// Locks a party as long as it is held: who confirms it at the same time is done, or has not begun.
pub(super) fn held_party(tx: &mut Tx<'_>, id: i64) -> QueryResult<()> {
    if !has_one_writer(tx) {
        let held = party::table.filter(party::id.eq(id).and(PartyIsHeld));
        diesel::update(held).set(party::version.eq(party::version)).execute(tx.conn)?;
    }
    Ok(())
}

/// Locks what nobody has a row for yet: codes are sent to a phone or an address one after the other.
pub(super) fn contact(tx: &mut Tx<'_>, hash: &LookupHash) -> QueryResult<()> {
    if let Conn::Postgres(conn) = &mut *tx.conn {
        let lock = sql_query("SELECT pg_advisory_xact_lock($1)");
        lock.bind::<BigInt, _>(hash.number()).execute(conn)?;
    }
    Ok(())
}

/// Locks the row of a person who claims something. Whether it is still theirs to claim: another row may have been found to be
/// the first for the same person.
pub(super) fn claimant(tx: &mut Tx<'_>, id: i64) -> QueryResult<bool> {
    if has_one_writer(tx) {
        return Ok(true);
    }
    let first = person::table.find(id).filter(person::same_person_as.is_null());
    Ok(diesel::update(first).set(person::created_at.eq(person::created_at)).execute(tx.conn)? > 0)
}

/// Locks a person's row: no other row is joined to it meanwhile, and it is joined to none.
pub(super) fn person(tx: &mut Tx<'_>, id: i64) -> QueryResult<()> {
    if !has_one_writer(tx) {
        diesel::update(person::table.find(id))
            .set(person::created_at.eq(person::created_at))
            .execute(tx.conn)?;
    }
    Ok(())
}
