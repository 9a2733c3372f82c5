//! What a database that was put back must forget: it remembers a moment that has passed, and people have acted since.

use diesel::prelude::*;
use jiff::Timestamp;

use super::connection::open_bare;
use super::schema::{account, challenge, outbox, staff_session};
use super::states::MessageIsChecked;
use super::{Conn, DatabaseUrl, StoreError};
use crate::domain::message::MessageKind;

/// How far each account's epoch is raised: farther than anybody can have signed out everywhere since the backup. A
/// session that was ended then stays ended.
const EPOCHS: i32 = 1_000;

/// What to do with messages that were due before now, and may have been sent after the backup was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueMessages {
    /// They stay, as uncertain, for the operator to see.
    Keep,
    /// They are sent, marked as possible repeats.
    Send,
}

/// What was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Messages that were due and are uncertain now, or are sent as possible repeats.
    pub due: usize,
    /// Messages that become due later, and are sent then.
    pub later: i64,
}

/// Settles a database that was put back, in one transaction: everybody signs in anew, one-time codes end, and no message
/// that may have been sent is sent again unasked. `why` is written beside such messages.
///
/// The leases of node numbers stay: a process takes a number whose lease has run out, or the next, and ids begin with the
/// time, so none is made twice.
///
/// # Errors
/// [`StoreError`] when the database can't be reached or a statement fails.
pub fn settle(url: &DatabaseUrl, now: Timestamp, due: DueMessages, why: &str) -> Result<Settled, StoreError> {
    let mut conn = open_bare(url)?;
    let settled = conn.transaction(|conn| {
        end_sessions(conn, now.as_second())?;
        end_codes(conn, now.as_second())?;
        let due = settle_due(conn, now.as_second(), due, why)?;
        let later = outbox::table.filter(outbox::state.eq("queued").and(outbox::due_at.gt(now.as_second())));
        Ok::<_, diesel::result::Error>(Settled { due, later: later.count().get_result(conn)? })
    })?;
    Ok(settled)
}

fn end_sessions(conn: &mut Conn, now: i64) -> QueryResult<()> {
    diesel::update(account::table).set(account::epoch.eq(account::epoch + EPOCHS)).execute(conn)?;
    diesel::update(staff_session::table.filter(staff_session::ended_at.is_null()))
        .set(staff_session::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// A code may have been used after the backup, and its tries used up.
fn end_codes(conn: &mut Conn, now: i64) -> QueryResult<()> {
    diesel::update(challenge::table.filter(challenge::expires_at.gt(now)))
        .set(challenge::expires_at.eq(now))
        .execute(conn)?;
    let codes: Vec<&str> = MessageKind::CODES.iter().map(|kind| kind.as_str()).collect();
    let waiting = outbox::state.eq("queued").or(outbox::state.eq("leased"));
    diesel::update(outbox::table.filter(outbox::kind.eq_any(codes).and(waiting)))
        .set((
            outbox::state.eq("void"),
            outbox::done_at.eq(now),
            outbox::lease.eq(None::<i64>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

/// What was leased was on its way when the backup was taken; what is queued and due went out soon after it.
fn settle_due(conn: &mut Conn, now: i64, due: DueMessages, why: &str) -> QueryResult<usize> {
    let state = match due {
        DueMessages::Keep => "uncertain",
        DueMessages::Send => "queued",
    };
    let done_at = (due == DueMessages::Keep).then_some(now);
    // Nor is one that may have gone before the backup sent anew: that was decided after it.
    diesel::update(outbox::table.filter(MessageIsChecked.and(outbox::state.eq("uncertain"))))
        .set(outbox::check_at.eq(None::<i64>))
        .execute(conn)?;
    let may_be_sent = outbox::state.eq("leased").or(outbox::state.eq("queued").and(outbox::due_at.le(now)));
    diesel::update(outbox::table.filter(may_be_sent))
        .set((
            outbox::state.eq(state),
            outbox::possible_repeat.eq(true),
            outbox::done_at.eq(done_at),
            outbox::why.eq(why),
            outbox::lease.eq(None::<i64>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(conn)
}
