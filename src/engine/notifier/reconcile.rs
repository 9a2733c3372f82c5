//! What became of messages that may have gone, and whether those that went arrived: their gateways are asked. Where a gateway
//! can't say, the operator's rules decide.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::attempt::{ATTEMPTS_MAX, until_written};
use super::{NotifierTools, write_letters};
use crate::domain::clock::ChanceExt;
use crate::domain::message::MessageKind;
use crate::domain::message_state::{Event, MessageState};
use crate::domain::reminder::QuietHours;
use crate::engine::letters::Letter;
use crate::engine::outage;
use crate::notify::{Fate, Outgoing, Question};
use crate::store::outbox::DueMessage;
use crate::store::outbox::check::{self, Doubt, Finding, Group};
use crate::store::{Conn, Failure, Never, StoreError, Tx};

/// Waits between two questions whether a message has arrived, in seconds; after the last nobody asks any more.
const WAITS: [i64; 7] = [20, 120, 900, 3_600, 6 * 3_600, 24 * 3_600, 72 * 3_600];

/// When a gateway is asked whether it has a message that may have gone, in seconds, and when once more: what it has may take
/// a while to show.
const DOUBT_WAITS: [i64; 2] = [60, 120];

/// How long a gateway that could not be asked is left alone, in seconds, and after which time it is taken for one that can't
/// say: for what may have gone, and for what went.
const AGAIN_SECONDS: i64 = 60;
const DOUBT_PATIENCE: SignedDuration = SignedDuration::from_mins(30);
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);

/// How long a question may take that somebody waits for: whether a code has to be sent once more.
const HURRY: Duration = Duration::from_secs(3);

/// How long a message that is being asked for belongs to this process, in seconds: longer than all questions about one; a code
/// that may have to go once more is asked for in a hurry.
const TAKEN_SECONDS: i64 = 900;
const CODE_TAKEN_SECONDS: i64 = 30;

/// When it is first asked whether a message has arrived.
pub(super) fn first_look(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(WAITS[0])
}

/// When it is first decided what becomes of a message that may have gone: of one that is sent anew without waiting, now.
pub(super) fn first_doubt(tools: &NotifierTools, message: &DueMessage, now: Timestamp) -> Timestamp {
    let is_urgent = again_at(tools, message, now).is_some_and(|at| at <= now);
    if is_urgent { now } else { now + SignedDuration::from_secs(DOUBT_WAITS[0]) }
}

/// Takes messages of a group whose time has come, as many as there is room for.
pub(super) async fn take(tools: &NotifierTools, group: Group, room: usize) -> Result<Vec<Doubt>, StoreError> {
    let now = tools.clock.now();
    if !tools.store.read(move |conn: &mut Conn, _| check::any(conn, group, now)).await? {
        return Ok(Vec::new());
    }
    let is_urgent = group.state == MessageState::Uncertain && group.kinds == MessageKind::CODES;
    let seconds = if is_urgent { CODE_TAKEN_SECONDS } else { TAKEN_SECONDS };
    let (most, until) = (i64::try_from(room).unwrap_or(i64::MAX), now + SignedDuration::from_secs(seconds));
    let take = move |tx: &mut Tx<'_>| check::take(tx, group, most, until).map_err(Failure::<Never>::Store);
    tools.ledger.write(now.as_second(), take).await.map_err(outage)
}

/// Finds out about one and writes it down. Whether it is to be sent anew.
pub(super) async fn settle(tools: &NotifierTools, doubt: Doubt) -> Result<bool, StoreError> {
    let letter = match doubt.state {
        // Nothing is sent here, so that no hour is quiet.
        MessageState::Uncertain => write_letters(tools, &[doubt.message], QuietHours::NONE).await?.pop(),
        _ => None,
    };
    let letter = match letter {
        Some(Ok(Letter::Written(letter))) => Some(letter),
        _ => None,
    };
    let finding = find_out(tools, &doubt, letter.as_deref()).await;
    let is_sent_anew = matches!(finding, Finding::Happened { event: Event::SendAnew | Event::NotThere, .. });
    let key = doubt.message.id.0;
    let write = move |tx: &mut Tx<'_>| check::find_out(tx, &doubt, &finding).map_err(Failure::<Never>::from);
    until_written(tools, key, write).await?;
    Ok(is_sent_anew)
}

async fn find_out(tools: &NotifierTools, doubt: &Doubt, letter: Option<&Outgoing>) -> Finding {
    let is_uncertain = doubt.state == MessageState::Uncertain;
    if is_uncertain && letter.is_none() {
        // There is nothing to tell any more.
        return Finding::Leave;
    }
    let is_urgent = is_uncertain
        && again_at(tools, &doubt.message, doubt.tried_at).is_some_and(|at| at <= doubt.tried_at);
    let question = Question {
        gateway_id: doubt.gateway_id.as_deref(),
        message: letter,
        tried_at: doubt.tried_at,
        at: tools.clock.now(),
    };
    let gateway = tools.gateways.iter().find(|one| Some(one.name()) == doubt.gateway.as_ref());
    let fate = match gateway.filter(|one| one.can_be_asked()) {
        Some(gateway) if is_urgent => {
            tokio::time::timeout(HURRY, gateway.ask(question)).await.unwrap_or(Fate::Unknown)
        }
        Some(gateway) => gateway.ask(question).await,
        None => Fate::Unknown,
    };
    let finding =
        if is_uncertain { weigh_doubt(tools, doubt, fate, is_urgent) } else { weigh(tools, doubt, fate) };
    count(doubt.gateway.as_deref().unwrap_or_default(), &finding);
    finding
}

/// Counts what became known.
pub(super) fn count(gateway: &str, finding: &Finding) {
    if let Finding::Happened { event, .. } = finding {
        metrics::counter!("sunbeon_receipts_total", "gateway" => gateway.to_owned(), "fate" => word(*event))
            .increment(1);
    }
}

/// What a gateway's answer means for a message that went.
fn weigh(tools: &NotifierTools, doubt: &Doubt, fate: Fate) -> Finding {
    let now = tools.clock.now();
    match fate {
        Fate::Arrived | Fate::DidNotArrive { .. } => known(fate),
        Fate::Unknown => Finding::Leave,
        Fate::AskLater if now.duration_since(doubt.tried_at) > PATIENCE => Finding::Leave,
        Fate::AskLater => Finding::NotAsked(later(tools, again_seconds(now, doubt))),
        // What the gateway took may take a while to show.
        Fate::Taken { .. } | Fate::NotThere => next_wait(tools, &WAITS, doubt).unwrap_or(Finding::Leave),
    }
}

/// What it means for one that may have gone.
fn weigh_doubt(tools: &NotifierTools, doubt: &Doubt, fate: Fate, is_urgent: bool) -> Finding {
    let now = tools.clock.now();
    let fate = match fate {
        Fate::AskLater if now.duration_since(doubt.tried_at) > DOUBT_PATIENCE => Fate::Unknown,
        fate => fate,
    };
    match fate {
        Fate::Arrived | Fate::DidNotArrive { .. } => known(fate),
        Fate::Taken { gateway_id } => {
            let (event, next) = (Event::FoundThere, Some(first_look(now)));
            Finding::Happened { event, gateway_id: Some(gateway_id), why: None, next }
        }
        _ if is_urgent => Finding::of(Event::SendAnew),
        Fate::AskLater => Finding::NotAsked(later(tools, again_seconds(now, doubt))),
        Fate::NotThere if doubt.message.attempts + 1 >= ATTEMPTS_MAX => Finding::Leave,
        Fate::NotThere => next_wait(tools, &DOUBT_WAITS, doubt).unwrap_or(Finding::of(Event::NotThere)),
        Fate::Unknown => match again_at(tools, &doubt.message, doubt.tried_at) {
            Some(at) if at <= now => Finding::of(Event::SendAnew),
            Some(at) => Finding::NotAsked(at),
            None => Finding::Leave,
        },
    }
}

/// What it means that a message has arrived or not.
pub(super) fn known(fate: Fate) -> Finding {
    match fate {
        Fate::DidNotArrive { why } => {
            Finding::Happened { event: Event::DidNotArrive, gateway_id: None, why: Some(why), next: None }
        }
        _ => Finding::of(Event::Arrived),
    }
}

fn next_wait(tools: &NotifierTools, waits: &[i64], doubt: &Doubt) -> Option<Finding> {
    let checks = usize::try_from(doubt.checks).unwrap_or(usize::MAX);
    let wait = waits.get(checks.saturating_add(1))?;
    Some(Finding::AskAgain(later(tools, *wait)))
}

/// How long a gateway that could not be asked is left alone: the longer, the longer ago it got the message.
fn again_seconds(now: Timestamp, doubt: &Doubt) -> i64 {
    (now.duration_since(doubt.tried_at).as_secs() / 4).clamp(AGAIN_SECONDS, 3_600)
}

/// When a message that may have gone is sent once more unasked: never a second time.
fn again_at(tools: &NotifierTools, message: &DueMessage, tried_at: Timestamp) -> Option<Timestamp> {
    if message.possible_repeat { None } else { tools.uncertain.again_at(message.kind, tried_at) }
}

/// So many seconds from now, and up to a fifth more by chance: what was sent together is not asked for together.
fn later(tools: &NotifierTools, seconds: i64) -> Timestamp {
    let more = tools.chance.below(u64::try_from(seconds / 5 + 1).unwrap_or(1));
    tools.clock.now() + SignedDuration::from_secs(seconds + i64::try_from(more).unwrap_or(0))
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
