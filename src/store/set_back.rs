//! The clock was set back: what was to end at a certain time would last that much longer, and what was due at once would
//! wait. Nothing may last longer than if it began now. Only what is stored with a time of its own needs this; reminders and
//! openings go by the clock whatever it shows, and node numbers must rest longer, see [`super::node`].

use diesel::prelude::*;

use super::Tx;
use super::schema::{booking, challenge, outbox, party};
use super::states::{MessageIsChecked, MessageIsLeased, MessageIsQueued, PartyIsHeld};
use crate::domain::booking::BookingState;

/// What a step of the clock may be without any harm, and what the clocks of several nodes may differ by, in seconds.
pub const TOLERANCE_SECONDS: i64 = 60;

/// Messages that were to go at once are looked for among those that are due within this time, in seconds: a clock is
/// seldom wrong by more than a day, and reminders are many.
const DAY_SECONDS: i64 = 86_400;

/// How long things last that begin now.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// A hold.
    pub hold_minutes: i64,
    /// A one-time code.
    pub code_minutes: i64,
    /// A message that is being sent.
    pub lease_seconds: i64,
}

/// Shortens what would last longer than if it began now, and returns how much there was.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn shorten(tx: &mut Tx<'_>, terms: &Terms) -> QueryResult<usize> {
    Ok(holds(tx, terms)? + codes(tx, terms)? + messages(tx, terms)?)
}

fn holds(tx: &mut Tx<'_>, terms: &Terms) -> QueryResult<usize> {
    let until = tx.now.as_second() + terms.hold_minutes * 60;
    let longer: Vec<i64> = party::table
        .filter(PartyIsHeld.and(party::expires_at.gt(until + TOLERANCE_SECONDS)))
        .select(party::id)
        .load(tx.conn)?;
    diesel::update(party::table.filter(party::id.eq_any(&longer).and(PartyIsHeld)))
        .set(party::expires_at.eq(until))
        .execute(tx.conn)?;
    let seats = booking::party.eq_any(&longer).and(booking::state.eq(BookingState::Held.as_str()));
    diesel::update(booking::table.filter(seats)).set(booking::expires_at.eq(until)).execute(tx.conn)?;
    Ok(longer.len())
}

/// Codes that were asked for later than now, as far as the clock knows, count as asked for now: they can be sent again in
/// a minute, and the hour in which only so many may be sent begins.
fn codes(tx: &mut Tx<'_>, terms: &Terms) -> QueryResult<usize> {
    let now = tx.now.as_second();
    diesel::update(challenge::table.filter(challenge::created_at.gt(now + TOLERANCE_SECONDS)))
        .set((
            challenge::created_at.eq(now),
            challenge::sent_at.eq(now),
            challenge::expires_at.eq(now + terms.code_minutes * 60),
        ))
        .execute(tx.conn)
}

/// A lease may belong to a process that still sends: it gets its whole time once more. What was to go at once, and was
/// queued later than now, goes now, or when its lease has run out.
fn messages(tx: &mut Tx<'_>, terms: &Terms) -> QueryResult<usize> {
    let now = tx.now.as_second();
    let until = now + terms.lease_seconds;
    let longer = MessageIsLeased.and(outbox::leased_until.gt(until + TOLERANCE_SECONDS));
    let leased =
        diesel::update(outbox::table.filter(longer)).set(outbox::leased_until.eq(until)).execute(tx.conn)?;
    let soon = outbox::due_at.gt(now + TOLERANCE_SECONDS).and(outbox::due_at.le(now + DAY_SECONDS));
    let at_once = soon.and(outbox::due_at.le(outbox::created_at));
    let due_now = outbox::due_at.eq(now);
    diesel::update(outbox::table.filter(MessageIsLeased.and(at_once))).set(due_now).execute(tx.conn)?;
    let queued =
        diesel::update(outbox::table.filter(MessageIsQueued.and(at_once))).set(due_now).execute(tx.conn)?;
    // What became of a message is asked for, or decided, as if it had been tried now.
    let doubted = MessageIsChecked.and(outbox::tried_at.gt(now + TOLERANCE_SECONDS));
    let doubted = diesel::update(outbox::table.filter(doubted))
        .set((outbox::tried_at.eq(now), outbox::check_at.eq(now)))
        .execute(tx.conn)?;
    Ok(leased + queued + doubted)
}
