//! The outbox: messages to be sent, queued in the transaction of the fact they tell. A row holds no text and no number;
//! the notifier renders and unseals when it sends.

use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;

use super::connection::directly;
use super::kept::Kept;
use super::schema::outbox;
use super::states::{MessageIsInHand, MessageIsLeased, MessageIsQueued};
use super::values::{moment, unreadable};
use super::{Conn, StoreError, Tx};
use crate::domain::ids::{AccountId, ChallengeId, OutboxId, PersonId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::message_state::{Event, MessageState};

pub mod check;
pub mod figures;
pub mod receive;
pub mod told;

/// What is written beside messages of a process that ended while it sent them.
const STOPPED: &str = "the service ended while the message was on its way";

/// Whom a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The owner of an account, at the proved phone or e-mail address.
    Account(AccountId),
    /// A person, at the phone that was typed for them.
    Person(PersonId),
    /// Whoever reads what a challenge sends.
    Challenge(ChallengeId),
}

impl Recipient {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Account(id) => ("account", id.0),
            Self::Person(id) => ("person", id.0),
            Self::Challenge(id) => ("challenge", id.0),
        }
    }

    fn from_columns(kind: &str, id: i64) -> Result<Self, StoreError> {
        match kind {
            "account" => Ok(Self::Account(AccountId(id))),
            "person" => Ok(Self::Person(PersonId(id))),
            "challenge" => Ok(Self::Challenge(ChallengeId(id))),
            other => Err(StoreError::Unreadable(format!("the recipient kind {other:?} is unknown"))),
        }
    }
}

/// A message to queue. Kind, subject, version, recipient, channel and occasion are its business key: queueing it twice
/// is the same as once.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage {
    /// What it tells.
    pub kind: MessageKind,
    /// The id of what it is about: a party, a booking or a challenge, as its kind says.
    pub subject: i64,
    /// The version of what it is about.
    pub version: i32,
    /// Whom it goes to.
    pub recipient: Recipient,
    /// How it goes.
    pub channel: Channel,
    /// Tells apart what is said more than once of one version.
    pub occasion: Occasion,
    /// When it goes.
    pub due_at: Timestamp,
}

/// What tells messages of one kind apart about one version of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It is said for the first time.
    First,
    /// Somebody asked for it once more, so often.
    Again(u32),
    /// It reminds of something so many days before.
    DaysBefore(u16),
}

impl Occasion {
    pub(super) fn column(self) -> String {
        match self {
            Self::First => String::new(),
            Self::Again(times) => format!("again-{times}"),
            Self::DaysBefore(days) => format!("days-{days}"),
        }
    }
}

/// Queues a message unless it is there already.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn queue(tx: &mut Tx<'_>, new: &NewMessage) -> QueryResult<()> {
    let (recipient_kind, recipient) = new.recipient.columns();
    let (id, now) = (tx.new_id(), tx.now.as_second());
    let queue = diesel::insert_into(outbox::table)
        .values((
            (
                outbox::id.eq(id),
                outbox::kind.eq(new.kind.as_str()),
                outbox::subject.eq(new.subject),
                outbox::version.eq(new.version),
                outbox::recipient_kind.eq(recipient_kind),
                outbox::recipient.eq(recipient),
                outbox::channel.eq(new.channel.as_str()),
                outbox::occasion.eq(new.occasion.column()),
            ),
            (
                outbox::due_at.eq(new.due_at.as_second()),
                outbox::state.eq("queued"),
                outbox::attempts.eq(0),
                outbox::possible_repeat.eq(false),
                outbox::created_at.eq(now),
            ),
        ))
        .on_conflict_do_nothing()
        .returning(outbox::id);
    let _new: Option<i64> = directly!(tx.conn, conn => Kept(queue).get_result(conn)).optional()?;
    Ok(())
}

/// Voids the messages of these kinds about `subject` that have not gone yet, and gives their kinds and occasions.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn void(tx: &mut Tx<'_>, subject: i64, kinds: &[MessageKind]) -> QueryResult<Vec<(String, String)>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    diesel::update(
        outbox::table
            .filter(outbox::subject.eq(subject).and(outbox::kind.eq_any(kinds)).and(MessageIsQueued)),
    )
    .set((outbox::state.eq("void"), outbox::done_at.eq(tx.now.as_second())))
    .returning((outbox::kind, outbox::occasion))
    .get_results(tx.conn)
}

/// A message that is to be sent now.
#[derive(Debug, Clone, Copy)]
pub struct DueMessage {
    /// The row's id.
    pub id: OutboxId,
    /// What it tells.
    pub kind: MessageKind,
    /// The id of what it is about.
    pub subject: i64,
    /// The version of what it is about.
    pub version: i32,
    /// Whom it goes to.
    pub recipient: Recipient,
    /// How it goes.
    pub channel: Channel,
    /// Tries before this one.
    pub attempts: i32,
    /// Whether an earlier try may have gone out: the process stopped while it was in flight.
    pub possible_repeat: bool,
    /// When it became due.
    pub due_at: Timestamp,
}

macro_rules! due_columns {
    () => {
        (
            outbox::id,
            outbox::kind,
            outbox::subject,
            outbox::version,
            (outbox::recipient_kind, outbox::recipient),
            outbox::channel,
            outbox::attempts,
            outbox::possible_repeat,
            outbox::due_at,
        )
    };
}
use due_columns;

type DueRow = (i64, String, i64, i32, (String, i64), String, i32, bool, i64);

/// How many more messages may be on their way in one channel.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// The channel.
    pub channel: Channel,
    /// So many, when they are codes.
    pub codes: i64,
    /// So many in all, when there are others among them: fewer, so that a code always finds a way.
    pub others: i64,
}

/// The messages whose turn it is.
#[derive(Debug, Default, Clone)]
pub struct Due {
    /// They, the most urgent first.
    pub messages: Vec<DueId>,
    /// How many of them, at the beginning, are codes.
    pub codes: usize,
}

/// A message whose turn it is.
#[derive(Debug, Clone)]
pub struct DueId {
    /// The row's id.
    pub id: i64,
    /// The gateway at which it failed last, or from which it did not come back.
    pub failed_at: Option<String>,
}

/// The messages whose turn it is, as many as there is room for.
///
/// # Errors
/// [`diesel::result::Error`] when a query fails.
pub fn due(conn: &mut Conn, now: Timestamp, room: Room) -> QueryResult<Due> {
    let mut due = Due::default();
    // One look-up each: together they would be sorted anew every time, a million of them on some evenings.
    for kind in MessageKind::ALL {
        let most = if kind.is_code() { room.codes } else { room.others };
        let left = most - i64::try_from(due.messages.len()).unwrap_or(most);
        if left <= 0 {
            continue;
        }
        let of_kind: Vec<(i64, i32, Option<String>)> = outbox::table
            .filter(MessageIsQueued.and(outbox::channel.eq(room.channel.as_str())))
            .filter(outbox::kind.eq(kind.as_str()).and(outbox::due_at.le(now.as_second())))
            .order(outbox::due_at)
            .limit(left)
            .select((outbox::id, outbox::attempts, outbox::gateway))
            .load(conn)?;
        due.messages.extend(
            of_kind
                .into_iter()
                .map(|(id, attempts, gateway)| DueId { id, failed_at: gateway.filter(|_| attempts > 0) }),
        );
        if kind.is_code() {
            due.codes = due.messages.len();
        }
    }
    Ok(due)
}

/// Whether a lease has run out, so that [`lease`] has something to put back.
///
/// # Errors
/// [`diesel::result::Error`] when the query fails.
pub fn any_lease_ran_out(conn: &mut Conn, now: Timestamp) -> QueryResult<bool> {
    let left: Option<i64> = outbox::table
        .filter(MessageIsLeased.and(outbox::leased_until.lt(now.as_second())))
        .select(outbox::id)
        .first(conn)
        .optional()?;
    Ok(left.is_some())
}

/// Messages and who is to carry them; `None` when nobody is.
#[derive(Debug, Clone)]
pub struct Load {
    /// The gateway's name.
    pub gateway: Option<Arc<str>>,
    /// The rows' ids.
    pub ids: Vec<i64>,
}

/// Leases those of the messages that still wait to the holder of `lease` until `seconds` from now. Others whose lease ran out
/// are uncertain from now on: the process that had them stopped in the middle.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn lease(
    tx: &mut Tx<'_>,
    lease: i64,
    loads: &[Load],
    seconds: i64,
) -> Result<Vec<DueMessage>, StoreError> {
    let now = tx.now.as_second();
    diesel::update(outbox::table.filter(MessageIsLeased.and(outbox::leased_until.lt(now))))
        .set((
            outbox::state.eq(MessageState::Uncertain.as_str()),
            outbox::why.eq(STOPPED),
            outbox::done_at.eq(now),
            outbox::check_at.eq(now),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    for load in loads.iter().filter(|load| !load.ids.is_empty()) {
        diesel::update(outbox::table.filter(outbox::id.eq_any(&load.ids).and(MessageIsQueued)))
            .set((
                outbox::state.eq("leased"),
                outbox::lease.eq(lease),
                outbox::leased_until.eq(now + seconds),
                outbox::attempts.eq(outbox::attempts + 1),
                outbox::tried_at.eq(now),
                outbox::gateway.eq(load.gateway.as_deref()),
                outbox::gateway_id.eq(None::<String>),
            ))
            .execute(tx.conn)?;
    }
    let due: Vec<i64> = loads.iter().flat_map(|load| load.ids.iter().copied()).collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<DueRow> = outbox::table
        .filter(outbox::lease.eq(lease).and(outbox::state.eq("leased")).and(outbox::id.eq_any(due)))
        .order(outbox::due_at)
        .select(due_columns!())
        .load(tx.conn)?;
    rows.into_iter().map(due_of).collect()
}

/// Gives back all that the holder of `lease` has, as if it had never been leased: nothing of it was sent.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn give_back(tx: &mut Tx<'_>, lease: i64) -> QueryResult<()> {
    diesel::update(outbox::table.filter(MessageIsLeased.and(outbox::lease.eq(lease))))
        .set((
            outbox::state.eq("queued"),
            outbox::attempts.eq(outbox::attempts - 1),
            outbox::lease.eq(None::<i64>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn due_of(row: DueRow) -> Result<DueMessage, StoreError> {
    let (id, kind, subject, version, (recipient_kind, recipient), channel, attempts, possible_repeat, due_at) =
        row;
    Ok(DueMessage {
        id: OutboxId(id),
        kind: kind.parse().map_err(unreadable)?,
        subject,
        version,
        recipient: Recipient::from_columns(&recipient_kind, recipient)?,
        channel: channel.parse().map_err(unreadable)?,
        attempts: attempts - 1,
        possible_repeat,
        due_at: moment(due_at)?,
    })
}

/// What became of a leased message.
#[derive(Debug, Clone)]
pub enum Completion {
    /// The gateway took it.
    Sent {
        /// What the gateway calls it.
        gateway_id: Option<String>,
        /// When to ask whether it has arrived, where the gateway can be asked.
        check_at: Option<Timestamp>,
    },
    /// It is to be tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it failed, without personal data.
        why: String,
    },
    /// It was not tried: this is no time for it.
    Later(Timestamp),
    /// It can't be sent, ever.
    Failed(String),
    /// It may or may not have gone.
    Uncertain {
        /// What happened, without personal data.
        why: String,
        /// When to ask, or to decide, what became of it.
        check_at: Timestamp,
    },
    /// It was tried as often as it may be; an operator sees it.
    Dead(String),
    /// There is nothing to tell any more, or nobody to tell.
    Void,
}

/// Writes down what became of a message, unless somebody else has taken it meanwhile.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn complete(tx: &mut Tx<'_>, id: OutboxId, lease: i64, completion: &Completion) -> QueryResult<()> {
    let now = tx.now.as_second();
    let (event, why) = match completion {
        Completion::Sent { .. } => (Event::HandedOver, None),
        Completion::Again { why, .. } => (Event::TryLater, Some(why)),
        Completion::Later(_) => (Event::GiveBack, None),
        Completion::Failed(why) => (Event::Refused, Some(why)),
        Completion::Uncertain { why, .. } => (Event::NoAnswer, Some(why)),
        Completion::Dead(why) => (Event::GivenUp, Some(why)),
        Completion::Void => (Event::Void, None),
    };
    let Some(state) = MessageState::Leased.after(event) else { return Ok(()) };
    let (due_at, gateway_id, check_at) = match completion {
        Completion::Again { at, .. } | Completion::Later(at) => (Some(at.as_second()), None, None),
        Completion::Sent { gateway_id, check_at } => (None, gateway_id.as_deref(), *check_at),
        Completion::Uncertain { check_at, .. } => (None, None, Some(*check_at)),
        Completion::Failed(_) | Completion::Dead(_) | Completion::Void => (None, None, None),
    };
    let done_at = due_at.is_none().then_some(now);
    let mine = outbox::table.filter(MessageIsInHand.and(outbox::id.eq(id.0)).and(outbox::lease.eq(lease)));
    let updated = diesel::update(mine)
        .set((
            outbox::state.eq(state.as_str()),
            outbox::done_at.eq(done_at),
            outbox::gateway_id.eq(gateway_id),
            outbox::check_at.eq(check_at.map(Timestamp::as_second)),
            outbox::checks.eq(0),
            outbox::why.eq(why),
            outbox::lease.eq(None::<i64>),
            outbox::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    if let (1, Some(due_at)) = (updated, due_at) {
        diesel::update(outbox::table.find(id.0)).set(outbox::due_at.eq(due_at)).execute(tx.conn)?;
    }
    if let (1, Completion::Later(_)) = (updated, completion) {
        // No gateway had it.
        diesel::update(outbox::table.find(id.0))
            .set((outbox::attempts.eq(outbox::attempts - 1), outbox::gateway.eq(None::<String>)))
            .execute(tx.conn)?;
    }
    Ok(())
}
