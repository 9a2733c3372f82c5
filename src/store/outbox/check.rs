//! Messages of which it is not known yet what became of them: those that may have gone, and those whose gateway is asked
//! whether they arrived.

use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;

use super::{DueMessage, DueRow, due_of};
use crate::domain::message::MessageKind;
use crate::domain::message_state::{Event, MessageState};
use crate::store::schema::outbox;
use crate::store::states::MessageIsChecked;
use crate::store::values::{moment, word};
use crate::store::{Conn, StoreError, Tx};

/// A message of which it is not known what became of it.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The message.
    pub message: DueMessage,
    /// Uncertain, or sent and not known to have arrived.
    pub state: MessageState,
    /// Who has it, or may have it.
    pub gateway: Option<Arc<str>>,
    /// What the gateway calls it, when it said so.
    pub gateway_id: Option<String>,
    /// When it was handed over, or tried to.
    pub tried_at: Timestamp,
    /// How often a gateway said something of it already.
    pub checks: i32,
    /// How often it was leased, and when last: somebody who took it meanwhile is not overruled.
    attempts: i32,
    leased_at: Option<i64>,
}

/// What was found out about such a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Something that leads to another state.
    Happened {
        /// What.
        event: Event,
        /// What the gateway calls it, when that was not known.
        gateway_id: Option<String>,
        /// Why it did not arrive, without personal data.
        why: Option<String>,
        /// When to ask next.
        next: Option<Timestamp>,
    },
    /// Nothing yet, said the gateway.
    AskAgain(Timestamp),
    /// The gateway could not be asked.
    NotAsked(Timestamp),
    /// Nothing, and nobody is asked any more.
    Leave,
}

impl Finding {
    /// Something happened, and that is all there is to know.
    pub fn of(event: Event) -> Self {
        Self::Happened { event, gateway_id: None, why: None, next: None }
    }
}

/// Which messages are asked for together: of one state, and codes apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Their state.
    pub state: MessageState,
    /// What they tell.
    pub kinds: &'static [MessageKind],
}

impl Group {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 4] = [
        Self { state: MessageState::Uncertain, kinds: MessageKind::CODES },
        Self { state: MessageState::Uncertain, kinds: MessageKind::OTHERS },
        Self { state: MessageState::Sent, kinds: MessageKind::CODES },
        Self { state: MessageState::Sent, kinds: MessageKind::OTHERS },
    ];

    fn words(self) -> Vec<&'static str> {
        self.kinds.iter().map(|kind| kind.as_str()).collect()
    }
}

/// Whether any message of a group is to be asked for now.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn any(conn: &mut Conn, group: Group, now: Timestamp) -> Result<bool, StoreError> {
    let first: Option<i64> = outbox::table
        .filter(MessageIsChecked.and(outbox::state.eq(group.state.as_str())))
        .filter(outbox::check_at.le(now.as_second()).and(outbox::kind.eq_any(group.words())))
        .select(outbox::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// Takes messages of a group that are to be asked for now, those first that have waited longest; until `until` nobody else takes
/// them.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn take(tx: &mut Tx<'_>, group: Group, most: i64, until: Timestamp) -> Result<Vec<Doubt>, StoreError> {
    let now = tx.now.as_second();
    let ids: Vec<i64> = outbox::table
        .filter(MessageIsChecked.and(outbox::state.eq(group.state.as_str())))
        .filter(outbox::check_at.le(now).and(outbox::kind.eq_any(group.words())))
        .order(outbox::check_at)
        .limit(most)
        .select(outbox::id)
        .load(tx.conn)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Found by their ids, and not once more by the time: that would walk through all that wait.
    let still_waits = MessageIsChecked.and((outbox::check_at + Some(0)).le(now));
    let taken: Vec<i64> = diesel::update(outbox::table.filter(outbox::id.eq_any(ids).and(still_waits)))
        .set(outbox::check_at.eq(until.as_second()))
        .returning(outbox::id)
        .get_results(tx.conn)?;
    of_rows(tx.conn, &taken)
}

/// What is known of messages, by the ids of their rows.
pub(super) fn of_rows(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Doubt>, StoreError> {
    type Row = (DueRow, String, (Option<String>, Option<String>), (Option<i64>, i64), i32, i32);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::id.eq_any(ids))
        .select((
            super::due_columns!(),
            outbox::state,
            (outbox::gateway, outbox::gateway_id),
            (outbox::tried_at, outbox::due_at),
            outbox::checks,
            outbox::attempts,
        ))
        .load(conn)?;
    let doubt = |(due, state, (gateway, gateway_id), (tried_at, due_at), checks, attempts): Row| {
        Ok(Doubt {
            message: due_of(due)?,
            state: word(&state, MessageState::from_word)?,
            gateway: gateway.map(Arc::from),
            gateway_id,
            tried_at: moment(tried_at.unwrap_or(due_at))?,
            checks,
            attempts,
            leased_at: tried_at,
        })
    };
    rows.into_iter().map(doubt).collect()
}

/// Writes down what was found out, unless something has become known meanwhile.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn find_out(tx: &mut Tx<'_>, doubt: &Doubt, finding: &Finding) -> QueryResult<()> {
    let (id, now) = (doubt.message.id.0, tx.now.as_second());
    let same = outbox::table
        .filter(outbox::id.eq(id).and(outbox::state.eq(doubt.state.as_str())))
        .filter(outbox::checks.eq(doubt.checks).and(outbox::attempts.eq(doubt.attempts)))
        .filter(outbox::tried_at.eq(doubt.leased_at).or(outbox::tried_at.is_null()));
    let (next, checks) = match finding {
        Finding::AskAgain(at) => (Some(*at), doubt.checks + 1),
        Finding::NotAsked(at) => (Some(*at), doubt.checks),
        Finding::Happened { next, .. } => (*next, doubt.checks + 1),
        Finding::Leave => (None, doubt.checks + 1),
    };
    let looked = (outbox::check_at.eq(next.map(Timestamp::as_second)), outbox::checks.eq(checks));
    let Finding::Happened { event, gateway_id, why, .. } = finding else {
        diesel::update(same).set(looked).execute(tx.conn)?;
        return Ok(());
    };
    let Some(state) = doubt.state.after(*event) else { return Ok(()) };
    let done_at = (state != MessageState::Queued).then_some(now);
    let updated = diesel::update(same)
        .set((
            looked,
            outbox::state.eq(state.as_str()),
            outbox::done_at.eq(done_at),
            outbox::gateway_id.eq(gateway_id.as_ref().or(doubt.gateway_id.as_ref())),
            outbox::why.eq(why),
        ))
        .execute(tx.conn)?;
    if (updated, state) == (1, MessageState::Queued) {
        let may_be_repeat = doubt.message.possible_repeat || *event == Event::SendAnew;
        diesel::update(outbox::table.find(id))
            .set((outbox::due_at.eq(now), outbox::checks.eq(0), outbox::possible_repeat.eq(may_be_repeat)))
            .execute(tx.conn)?;
    }
    Ok(())
}
