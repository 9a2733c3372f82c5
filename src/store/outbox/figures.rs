//! How many messages wait, and what has not arrived.

use diesel::dsl::{AsExprOf, count_star, min};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use jiff::Timestamp;

use super::{Room, any_lease_ran_out, check, due};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::message_state::{Event, MessageState};
use crate::store::schema::outbox;
use crate::store::states::{MessageIsLeased, MessageIsLost, MessageIsQueued};
use crate::store::values::{moment, unreadable, word};
use crate::store::{Conn, StoreError, Tx};

/// Messages by state. It walks through all that were ever written.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn count_by_state(conn: &mut Conn) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(outbox::table
        .group_by(outbox::state)
        .select((outbox::state, diesel::dsl::count_star()))
        .order(outbox::state)
        .load(conn)?)
}

/// Messages of a kind that are due and wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMessages {
    /// What they tell.
    pub kind: MessageKind,
    /// How many there are.
    pub count: i64,
    /// Since when the first of them waits.
    pub oldest: Timestamp,
}

fn reminders() -> [&'static str; 2] {
    [MessageKind::Reminder, MessageKind::SecondDoseReminder].map(MessageKind::as_str)
}

/// How long messages have been due, in so many steps: up to a minute, ten minutes, an hour, and longer.
pub const AGES: usize = 4;

const AGE_SECONDS: [i64; AGES] = [60, 600, 3_600, i64::MAX];

/// What is in hand, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InHand {
    /// Due, and not tried yet.
    Waiting,
    /// To be tried again.
    Again,
    /// On its way.
    Leased,
    /// It may have gone or not, and its gateway is asked.
    Uncertain,
}

impl InHand {
    /// All there are, in the order in which messages come there.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Leased, Self::Again, Self::Uncertain];
}

/// What is in hand, by where it stands and by how long ago it was to go first. Reminders count from their last try.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn by_age(conn: &mut Conn, now: Timestamp) -> Result<[(InHand, [i64; AGES]); 4], StoreError> {
    let (channels, kinds) = (Channel::ALL.map(Channel::as_str), MessageKind::ALL.map(MessageKind::as_str));
    let mut ages = InHand::ALL.map(|stands| (stands, [0; AGES]));
    let now = now.as_second();
    let queued = || MessageIsQueued.and(outbox::channel.eq_any(channels)).and(outbox::kind.eq_any(kinds));
    let mut younger = i64::MAX;
    for (step, seconds) in AGE_SECONDS.into_iter().enumerate() {
        let older = now.saturating_sub(seconds);
        // A try that failed moves the time at which a message is due; all but reminders were due at once.
        let of_age = || {
            let due = outbox::due_at.le(younger).and(outbox::due_at.gt(older));
            let made = outbox::created_at.le(younger).and(outbox::created_at.gt(older));
            let reminder = due.and(outbox::kind.eq_any(reminders()));
            reminder.or(made.and(outbox::kind.ne_all(reminders())))
        };
        for (stands, counts) in &mut ages {
            counts[step] = match stands {
                InHand::Waiting => {
                    let due = outbox::due_at.le(now).and(outbox::attempts.eq(0));
                    outbox::table.filter(queued().and(due).and(of_age())).count().get_result(conn)?
                }
                InHand::Again => {
                    let again = outbox::due_at.le(now + RETRY_MAX_SECONDS).and(outbox::attempts.gt(0));
                    outbox::table.filter(queued().and(again).and(of_age())).count().get_result(conn)?
                }
                InHand::Leased => {
                    outbox::table.filter(MessageIsLeased.and(of_age())).count().get_result(conn)?
                }
                InHand::Uncertain => {
                    let asked = outbox::state.eq(MessageState::Uncertain.as_str());
                    let asked = MessageIsLost.and(asked).and(outbox::check_at.is_not_null());
                    outbox::table.filter(asked.and(of_age())).count().get_result(conn)?
                }
            };
        }
        younger = older;
    }
    Ok(ages)
}

/// Why messages have not arrived: what those have in common that stand together and are sent anew together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Failed, dead or uncertain.
    pub state: MessageState,
    /// What they tell.
    pub kind: MessageKind,
    /// Who was to carry them; empty when nobody was.
    pub gateway: String,
    /// What happened, without personal data.
    pub why: String,
}

/// The longest wait for another try, in seconds: what waits for one is looked for up to there.
const RETRY_MAX_SECONDS: i64 = 3_660;

/// What is due and waits, or waits for another try, the most urgent kind first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn waiting(conn: &mut Conn, now: Timestamp) -> Result<Vec<WaitingMessages>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>, Option<i64>)> = outbox::table
        .filter(MessageIsQueued.and(outbox::channel.eq_any(Channel::ALL.map(Channel::as_str))))
        .filter(outbox::kind.eq_any(MessageKind::ALL.map(MessageKind::as_str)))
        .filter(outbox::due_at.le(now.as_second() + RETRY_MAX_SECONDS))
        .filter(outbox::due_at.le(now.as_second()).or(outbox::attempts.gt(0)))
        .group_by(outbox::kind)
        .select((outbox::kind, count_star(), min(outbox::due_at), min(outbox::created_at)))
        .load(conn)?;
    let mut waiting = Vec::new();
    for kind in MessageKind::ALL {
        if let Some((_, count, due, made)) = rows.iter().find(|(word, ..)| word == kind.as_str()) {
            // A try that failed moves the time at which a message is due; all but reminders were due at once.
            let oldest = if kind.is_reminder() { due } else { made };
            waiting.push(WaitingMessages { kind, count: *count, oldest: oldest.map_or(Ok(now), moment)? });
        }
    }
    Ok(waiting)
}

/// What has not arrived, and how many messages, that of most messages first; what is still being asked for is left out.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn lost(conn: &mut Conn, most: i64) -> Result<Vec<(Loss, i64)>, StoreError> {
    type Row = (String, String, Option<String>, Option<String>, i64);
    let rows: Vec<Row> = outbox::table
        .filter(MessageIsLost.and(outbox::check_at.is_null()))
        .group_by((outbox::state, outbox::kind, outbox::gateway, outbox::why))
        .select((outbox::state, outbox::kind, outbox::gateway, outbox::why, count_star()))
        .order(count_star().desc())
        .limit(most)
        .load(conn)?;
    let lost = |(state, kind, gateway, why, count): Row| {
        let loss = Loss {
            state: word(&state, MessageState::from_word)?,
            kind: kind.parse().map_err(unreadable)?,
            gateway: gateway.unwrap_or_default(),
            why: why.unwrap_or_default(),
        };
        Ok((loss, count))
    };
    rows.into_iter().map(lost).collect()
}

fn is_empty(text: &str) -> AsExprOf<bool, Bool> {
    text.is_empty().into_sql::<Bool>()
}

/// Messages that are sent anew at a time.
const AGAIN_MAX: i64 = 500;

/// Sends messages anew that have not arrived for this reason, so many at a time. How many.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn send_again(tx: &mut Tx<'_>, lost: &Loss) -> Result<usize, StoreError> {
    let Some(state) = lost.state.after(Event::SendAnew) else { return Ok(0) };
    let ids: Vec<i64> = outbox::table
        .filter(MessageIsLost.and(outbox::state.eq(lost.state.as_str())))
        .filter(outbox::check_at.is_null())
        .filter(outbox::kind.eq(lost.kind.as_str()))
        .filter(outbox::gateway.eq(&lost.gateway).or(outbox::gateway.is_null().and(is_empty(&lost.gateway))))
        .filter(outbox::why.eq(&lost.why).or(outbox::why.is_null().and(is_empty(&lost.why))))
        .order(outbox::id)
        .limit(AGAIN_MAX)
        .select(outbox::id)
        .load(tx.conn)?;
    if lost.state == MessageState::Uncertain {
        diesel::update(outbox::table.filter(outbox::id.eq_any(&ids)))
            .set(outbox::possible_repeat.eq(true))
            .execute(tx.conn)?;
    }
    let again = outbox::table.filter(MessageIsLost.and(outbox::id.eq_any(&ids)));
    let sent = diesel::update(again)
        .set((
            outbox::state.eq(state.as_str()),
            outbox::due_at.eq(tx.now.as_second()),
            outbox::attempts.eq(0),
            outbox::lease.eq(None::<i64>),
            outbox::check_at.eq(None::<i64>),
            outbox::checks.eq(0),
            outbox::done_at.eq(None::<i64>),
            outbox::why.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(sent)
}

/// Messages that somebody may have to care for, by state; of those that wait only what is due, since reminders of millions of
/// bookings wait for weeks. It walks through those only.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn count_open(conn: &mut Conn, now: Timestamp) -> Result<[(&'static str, i64); 5], StoreError> {
    let (channels, kinds) = (Channel::ALL.map(Channel::as_str), MessageKind::ALL.map(MessageKind::as_str));
    let due = outbox::table
        .filter(MessageIsQueued.and(outbox::channel.eq_any(channels)))
        .filter(outbox::kind.eq_any(kinds).and(outbox::due_at.le(now.as_second())))
        .count()
        .get_result(conn)?;
    let leased = outbox::table.filter(MessageIsLeased).count().get_result(conn)?;
    let lost: Vec<(String, i64)> = outbox::table
        .filter(MessageIsLost)
        .group_by(outbox::state)
        .select((outbox::state, diesel::dsl::count_star()))
        .load(conn)?;
    let count = |state: &'static str| {
        let found = lost.iter().find(|(known, _)| known == state);
        (state, found.map_or(0, |(_, count)| *count))
    };
    let [failed, uncertain, dead] = ["failed", "uncertain", "dead"].map(count);
    Ok([("due", due), ("leased", leased), failed, uncertain, dead])
}

/// Whether a message is due, a lease has run out, or one is to be asked for.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    for channel in Channel::ALL {
        if !due(conn, now, Room { channel, codes: 1, others: 1 })?.messages.is_empty() {
            return Ok(true);
        }
    }
    Ok(any_lease_ran_out(conn, now)? || any_doubt(conn, now)?)
}

fn any_doubt(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    for group in check::Group::ALL {
        if check::any(conn, group, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}
