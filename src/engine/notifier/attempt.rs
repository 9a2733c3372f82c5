//! One attempt to send a message: by its gateway, and the outcome written down.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::gate::Gate;
use super::{NotifierTools, reconcile};
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::ids::OutboxId;
use crate::engine::letters::Letter;
use crate::engine::outage;
use crate::notify::{Outcome, Outgoing};
use crate::store::outbox::{self, Completion, DueMessage};
use crate::store::{Failure, Never, StoreError, Tx};

/// How often the outcome of an attempt is offered to a ledger that can't take it, and how long it rests in between. Losing
/// it would send the message again.
const STORE_TRIES: u32 = 300;
const STORE_REST: Duration = Duration::from_millis(100);

/// The first wait after a failure, in seconds; it doubles with each, up to [`WAIT_MAX_SECONDS`].
const WAIT_SECONDS: u64 = 5;
const WAIT_MAX_SECONDS: u64 = 3600;

/// Somebody sits and waits for a code, which is good for minutes.
const CODE_WAIT_MAX_SECONDS: u64 = 30;

/// Tries until a message is dead and an operator must look at it: about a day.
pub(super) const ATTEMPTS_MAX: i32 = 30;

/// A letter, or why it can't be written, ever.
pub(super) type TriedLetter = Result<Letter, String>;

/// Sends a message, if there is one to send, and writes down how it went.
pub(super) async fn deal_with(
    tools: &NotifierTools,
    gate: &Gate,
    due: DueMessage,
    letter: TriedLetter,
    lease: i64,
) -> Result<(), StoreError> {
    let completion = match letter {
        Ok(Letter::Written(letter)) => send(tools, gate, &due, &letter).await,
        Ok(Letter::NothingToTell) => Completion::Void,
        Ok(Letter::NotBefore(at)) => Completion::Later(at),
        Err(why) => Completion::Dead(why),
    };
    let gateway = gate.name().map(|name| name.to_string()).unwrap_or_default();
    let (kind, outcome) = (due.kind.as_str(), outcome_word(&completion));
    metrics::counter!("sunbeon_messages_total", "kind" => kind, "gateway" => gateway, "outcome" => outcome)
        .increment(1);
    complete(tools, due.id, lease, completion).await
}

/// Writes down how an attempt went, as soon as it is known; the ledger makes one transaction of what comes together.
async fn complete(
    tools: &NotifierTools,
    id: OutboxId,
    lease: i64,
    completion: Completion,
) -> Result<(), StoreError> {
    let write = move |tx: &mut Tx<'_>| Ok::<_, Failure<Never>>(outbox::complete(tx, id, lease, &completion)?);
    until_written(tools, id.0, write).await
}

/// Writes what became of a message, and offers it again to a ledger that can't take it.
pub(super) async fn until_written(
    tools: &NotifierTools,
    key: i64,
    write: impl Fn(&mut Tx<'_>) -> Result<(), Failure<Never>> + Clone + Send + 'static,
) -> Result<(), StoreError> {
    let mut tries_left = STORE_TRIES;
    loop {
        match tools.ledger.write(key, write.clone()).await {
            Ok(()) => return Ok(()),
            Err(error) if tries_left <= 1 => return Err(outage(error)),
            Err(_) => tries_left -= 1,
        }
        tokio::time::sleep(STORE_REST).await;
    }
}

async fn send(tools: &NotifierTools, gate: &Gate, due: &DueMessage, letter: &Outgoing) -> Completion {
    let Some(gateway) = &gate.gateway else {
        return Completion::Dead(format!("no gateway carries {}", letter.channel.as_str()));
    };
    let began = Instant::now();
    let outcome = gateway.send(letter).await;
    let (now, took) = (tools.clock.now(), began.elapsed());
    metrics::histogram!("sunbeon_gateway_seconds", "gateway" => gateway.name().to_string())
        .record(took.as_secs_f64());
    gate.note(now, &outcome, took, &*tools.chance);
    match outcome {
        Outcome::Sent { gateway_id } => {
            gate.charge(gateway.cost(letter));
            let can_be_asked = gateway_id.is_some() && gateway.can_be_asked();
            Completion::Sent { gateway_id, check_at: can_be_asked.then(|| reconcile::first_look(now)) }
        }
        Outcome::FailedForGood { why } => Completion::Failed(why),
        Outcome::Uncertain { why } => {
            Completion::Uncertain { why, check_at: reconcile::first_doubt(tools, due, now) }
        }
        Outcome::RetryLater { why, .. } if due.attempts + 1 >= ATTEMPTS_MAX => Completion::Dead(why),
        // How long the gateway asked to be left alone is the gate's business: another may carry the message.
        Outcome::RetryLater { why, .. } => {
            let most = if due.kind.is_code() { CODE_WAIT_MAX_SECONDS } else { WAIT_MAX_SECONDS };
            Completion::Again { at: next_try(now, due.attempts, most, &*tools.chance), why }
        }
    }
}

/// Exponential with full jitter, so that what failed together does not come back together.
fn next_try(now: Timestamp, attempts: i32, most: u64, chance: &dyn Chance) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(0, 20)).unwrap_or(0);
    let ceiling = WAIT_SECONDS.saturating_mul(1 << doublings).min(most);
    let wait = 1 + chance.below(ceiling);
    now + SignedDuration::from_secs(i64::try_from(wait).unwrap_or(i64::MAX))
}

fn outcome_word(completion: &Completion) -> &'static str {
    match completion {
        Completion::Sent { .. } => "sent",
        Completion::Again { .. } => "again",
        Completion::Later(_) => "later",
        Completion::Failed(_) => "failed",
        Completion::Uncertain { .. } => "uncertain",
        Completion::Dead(_) => "dead",
        Completion::Void => "void",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn waits_grow_to_an_hour_and_those_of_codes_to_half_a_minute() {
        let (now, chance) = (Timestamp::UNIX_EPOCH, SeededChance::new(1));
        for attempts in 0..40 {
            let code = next_try(now, attempts, CODE_WAIT_MAX_SECONDS, &chance).as_second();
            assert!((1..=30).contains(&code));
            let wait = next_try(now, attempts, WAIT_MAX_SECONDS, &chance).as_second();
            assert!((1..=3600).contains(&wait));
            assert!(attempts > 0 || wait <= 5);
        }
    }
}
