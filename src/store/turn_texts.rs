//! Telling whoever prepared when their turn is, once the lots of an opening are drawn. Whoever has people in their list
//! prepared; who does not want to be told says so beforehand.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::connection::directly;
use super::outbox::{self, NewMessage, Occasion, Recipient};
use super::schema::{account, care, opening, turn_text_declined};
use super::{Conn, Tx};
use crate::domain::ids::{AccountId, OpeningId};
use crate::domain::message::{Channel, MessageKind};

/// What an account can expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Nothing: nobody is in its list.
    Unprepared,
    /// A message.
    Told,
    /// No message, as it wished.
    Declined,
}

/// What an account can expect when an opening is drawn.
///
/// # Errors
/// [`diesel::result::Error`] when a query fails.
pub fn telling(conn: &mut Conn, opening: OpeningId, account: AccountId) -> QueryResult<Telling> {
    let cared_for = care::table.filter(care::account.eq(account.0).and(care::removed_at.is_null()));
    if !diesel::select(exists(cared_for)).get_result(conn)? {
        return Ok(Telling::Unprepared);
    }
    let declined = turn_text_declined::table.find((opening.0, account.0));
    let has_declined: bool = diesel::select(exists(declined)).get_result(conn)?;
    Ok(if has_declined { Telling::Declined } else { Telling::Told })
}

/// Notes that an account does not want to be told. Saying it twice is the same as once.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn decline(tx: &mut Tx<'_>, opening: OpeningId, account: AccountId) -> QueryResult<()> {
    let declined = diesel::insert_into(turn_text_declined::table)
        .values((turn_text_declined::opening.eq(opening.0), turn_text_declined::account.eq(account.0)))
        .on_conflict_do_nothing();
    directly!(tx.conn, conn => declined.execute(conn))?;
    Ok(())
}

/// An account wants to be told after all.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn accept(tx: &mut Tx<'_>, opening: OpeningId, account: AccountId) -> QueryResult<()> {
    diesel::delete(turn_text_declined::table.find((opening.0, account.0))).execute(tx.conn)?;
    Ok(())
}

/// Forgets what an account wished.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId) -> QueryResult<()> {
    let wishes = turn_text_declined::table.filter(turn_text_declined::account.eq(account.0));
    diesel::delete(wishes).execute(tx.conn)?;
    Ok(())
}

/// Whether the messages of all who prepared are queued.
///
/// # Errors
/// [`diesel::result::Error`] when the query fails.
pub fn all_queued(conn: &mut Conn, id: OpeningId) -> QueryResult<bool> {
    let told_to: Option<i64> = opening::table.find(id.0).select(opening::told_to).get_result(conn)?;
    Ok(told_to == Some(i64::MAX))
}

/// Queues the messages of the next who prepared, in the order of their ids, and says how many there were.
/// Fewer than `most` were the last. Whoever calls it again goes on with the next: a transaction for a million of them
/// would keep everybody else from writing.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn queue_some(tx: &mut Tx<'_>, id: OpeningId, most: usize) -> QueryResult<usize> {
    let (told_to, drawn_at): (Option<i64>, Option<i64>) =
        opening::table.find(id.0).select((opening::told_to, opening::drawn_at)).get_result(tx.conn)?;
    if drawn_at.is_none() {
        return Ok(0);
    }
    let cared_for = care::table.filter(care::account.eq(account::id).and(care::removed_at.is_null()));
    let declined = turn_text_declined::table
        .filter(turn_text_declined::opening.eq(id.0).and(turn_text_declined::account.eq(account::id)));
    let next: Vec<i64> = account::table
        .filter(account::id.gt(told_to.unwrap_or(i64::MIN)))
        .filter(account::erased_at.is_null())
        .filter(exists(cared_for).and(not(exists(declined))))
        .order(account::id)
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(account::id)
        .load(tx.conn)?;
    for account in &next {
        let message = NewMessage {
            kind: MessageKind::Turn,
            subject: id.0,
            version: 0,
            recipient: Recipient::Account(AccountId(*account)),
            channel: Channel::Sms,
            occasion: Occasion::First,
            due_at: tx.now,
        };
        outbox::queue(tx, &message)?;
    }
    let last = next.last().filter(|_| next.len() == most).copied().unwrap_or(i64::MAX);
    diesel::update(opening::table.find(id.0)).set(opening::told_to.eq(last)).execute(tx.conn)?;
    Ok(next.len())
}
