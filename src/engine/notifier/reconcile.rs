//! What became of messages that may have gone, and whether those that went arrived: their gateways are asked. Where a gateway
//! can't say, the operator's rules decide.

use std::collections::HashMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{NotifierTools, write_letters};
use crate::domain::clock::ChanceExt;
use crate::domain::ids::OutboxId;
use crate::domain::message::MessageKind;
use crate::domain::message_state::{Event, MessageState};
use crate::engine::outage;
use crate::notify::{Fate, Outgoing, Question};
use crate::store::outbox::check::{self, Doubt, Finding};
use crate::store::{Conn, Failure, Never, StoreError, Tx};

/// Messages that are asked for at a time, each with a question of its own.
const MOST: i64 = 32;

/// Waits between two questions whether a message has arrived, in seconds; after the last nobody asks any more.
const WAITS: [i64; 8] = [10, 30, 120, 600, 3_600, 6 * 3_600, 24 * 3_600, 72 * 3_600];

/// When a gateway is asked whether it has a message that may have gone, in seconds, and when once more: what it has may take
/// a while to show.
const DOUBT_WAITS: [i64; 2] = [60, 120];

/// How long a gateway that could not be asked is left alone, in seconds.
const AGAIN_SECONDS: i64 = 60;

/// When it is first asked whether a message has arrived.
pub(super) fn first_look(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(WAITS[0])
}

/// When it is first decided what becomes of a message that may have gone: of one that is sent anew in any case, now.
pub(super) fn first_doubt(tools: &NotifierTools, kind: MessageKind, now: Timestamp) -> Timestamp {
    let is_sent_anew = tools.uncertain.again_at(kind, now) == Some(now);
    if is_sent_anew { now } else { now + SignedDuration::from_secs(DOUBT_WAITS[0]) }
}

/// Finds out about those messages whose time has come. Whether any is to be sent anew.
pub(super) async fn look(tools: &NotifierTools) -> Result<bool, StoreError> {
    let now = tools.clock.now();
    let doubts = tools.store.read(move |conn: &mut Conn, _| check::to_check(conn, now, MOST)).await?;
    if doubts.is_empty() {
        return Ok(false);
    }
    let uncertain = doubts.iter().filter(|doubt| doubt.state == MessageState::Uncertain);
    let uncertain: Vec<_> = uncertain.map(|doubt| doubt.message).collect();
    let letters = write_letters(tools, &uncertain).await?;
    let written =
        uncertain.iter().zip(letters).filter_map(|(message, letter)| Some((message.id, letter.ok()??)));
    let letters: HashMap<OutboxId, Outgoing> = written.collect();
    let asked = doubts.iter().map(|doubt| find_out(tools, doubt, letters.get(&doubt.message.id), now));
    let findings = join_all(asked).await;
    let is_sent_anew = findings
        .iter()
        .any(|finding| matches!(finding, Finding::Happened { event: Event::SendAnew | Event::NotThere, .. }));
    let found: Vec<(Doubt, Finding)> = doubts.into_iter().zip(findings).collect();
    let write = move |tx: &mut Tx<'_>| {
        for (doubt, finding) in &found {
            check::find_out(tx, doubt, finding)?;
        }
        Ok::<_, Failure<Never>>(())
    };
    tools.ledger.write(now.as_second(), write).await.map_err(outage)?;
    Ok(is_sent_anew)
}

async fn find_out(
    tools: &NotifierTools,
    doubt: &Doubt,
    letter: Option<&Outgoing>,
    now: Timestamp,
) -> Finding {
    if doubt.state == MessageState::Uncertain {
        if letter.is_none() {
            // There is nothing to tell any more.
            return Finding::Leave;
        }
        if again_at(tools, doubt).is_some_and(|at| at <= doubt.tried_at) {
            return Finding::of(Event::SendAnew);
        }
    }
    let gateway = tools.gateways.iter().find(|one| Some(one.name()) == doubt.gateway.as_ref());
    let fate = match gateway.filter(|one| one.can_be_asked()) {
        Some(gateway) => {
            let id = doubt.gateway_id.as_deref();
            gateway.ask(Question { gateway_id: id, message: letter, tried_at: doubt.tried_at, at: now }).await
        }
        None => Fate::Unknown,
    };
    let finding = weigh(tools, doubt, fate, now);
    if let Finding::Happened { event, .. } = &finding {
        let gateway = doubt.gateway.as_deref().unwrap_or_default().to_owned();
        metrics::counter!("sunbeon_receipts_total", "gateway" => gateway, "fate" => word(*event))
            .increment(1);
    }
    finding
}

/// What a gateway's answer means for a message.
fn weigh(tools: &NotifierTools, doubt: &Doubt, fate: Fate, now: Timestamp) -> Finding {
    let checks = usize::try_from(doubt.checks).unwrap_or(usize::MAX);
    let is_uncertain = doubt.state == MessageState::Uncertain;
    match fate {
        Fate::Arrived => Finding::of(Event::Arrived),
        Fate::DidNotArrive { why } => {
            Finding::Happened { event: Event::DidNotArrive, gateway_id: None, why: Some(why), next: None }
        }
        Fate::Taken { gateway_id } if is_uncertain => Finding::Happened {
            event: Event::FoundThere,
            gateway_id: Some(gateway_id),
            why: None,
            next: Some(first_look(now)),
        },
        Fate::Taken { .. } => match WAITS.get(checks + 1) {
            Some(wait) => Finding::AskAgain(later(tools, now, *wait)),
            None => Finding::Leave,
        },
        Fate::AskLater => Finding::AskAgain(later(tools, now, AGAIN_SECONDS)),
        Fate::NotThere if is_uncertain => match DOUBT_WAITS.get(checks + 1) {
            Some(wait) => Finding::AskAgain(later(tools, now, *wait)),
            None => Finding::of(Event::NotThere),
        },
        Fate::Unknown if is_uncertain => match again_at(tools, doubt) {
            Some(at) if at <= now => Finding::of(Event::SendAnew),
            Some(at) => Finding::AskAgain(at),
            None => Finding::Leave,
        },
        Fate::NotThere | Fate::Unknown => Finding::Leave,
    }
}

/// When a message that may have gone is sent once more unasked: never a second time.
fn again_at(tools: &NotifierTools, doubt: &Doubt) -> Option<Timestamp> {
    let message = &doubt.message;
    if message.possible_repeat { None } else { tools.uncertain.again_at(message.kind, doubt.tried_at) }
}

/// So many seconds from now, and up to a fifth more by chance: what was sent together is not asked for together.
fn later(tools: &NotifierTools, now: Timestamp, seconds: i64) -> Timestamp {
    let more = tools.chance.below(u64::try_from(seconds / 5 + 1).unwrap_or(1));
    now + SignedDuration::from_secs(seconds + i64::try_from(more).unwrap_or(0))
}

fn word(event: Event) -> &'static str {
    match event {
        Event::Arrived => "delivered",
        Event::DidNotArrive => "failed",
        Event::FoundThere => "found",
        Event::NotThere => "not-there",
        _ => "sent-anew",
    }
}
