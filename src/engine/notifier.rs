//! The notifier: the actor that sends what the outbox holds.
//!
//! It leases due rows, writes each letter, gives it to a gateway with bounded concurrency, and writes down how it went. A
//! restart in the middle leaves the rows leased; when the lease has run out they are sent again and marked as possible
//! repeats. No connection is held while a gateway is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Supervised, WrapFuture};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::country::Country;
use super::letters::{Desk, Letterhead};
use super::{outage, unless_it_panics};
use crate::domain::clock::{Chance, ChanceExt, Clock};
use crate::domain::ids::OutboxId;
use crate::domain::message::Channel;
use crate::notify::{Gateway, Outcome, Outgoing};
use crate::store::outbox::{self, Completion, DueMessage};
use crate::store::{Failure, Ledger, Never, Store, StoreError, Tx};

/// Messages in one round. All of them are in flight at once, so that a lease covers one attempt and no waiting.
const ROUND_MAX: i64 = 32;

/// How long a leased message belongs to its round, in seconds: longer than all steps of a gateway's attempt.
pub(super) const LEASE_SECONDS: i64 = 180;

/// How often the outcome of an attempt is offered to a ledger that can't take it, and how long it rests in between. Losing
/// it would send the message again.
const STORE_TRIES: u32 = 300;
const STORE_REST: Duration = Duration::from_millis(100);

/// How often the outbox is looked at when nobody wakes the notifier.
const REST: Duration = Duration::from_secs(1);

/// The first wait after a failure, in seconds; it doubles with each, up to [`WAIT_MAX_SECONDS`].
const WAIT_SECONDS: u64 = 5;
const WAIT_MAX_SECONDS: u64 = 3600;

/// Tries until a message is dead and an operator must look at it: about a day.
const ATTEMPTS_MAX: i32 = 30;

/// What the notifier works with.
#[derive(Clone)]
pub struct NotifierTools {
    /// Reads what letters need.
    pub store: Store,
    /// Leases and completes.
    pub ledger: Ledger,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes leases and jitter.
    pub chance: Arc<dyn Chance>,
    /// Names sites and campaigns.
    pub country: Arc<Country>,
    /// What letters say about the service.
    pub letterhead: Letterhead,
    /// Carry messages, in order of preference.
    pub gateways: Vec<Arc<dyn Gateway>>,
}

/// Whether the notifier gets its work done; `/readyz` shows it.
#[derive(Debug, Default)]
pub struct NotifierHealth {
    failing: AtomicBool,
    busy: AtomicBool,
    stopping: AtomicBool,
}

impl NotifierHealth {
    /// Whether the last round could lease and complete.
    pub fn is_healthy(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// Lets no new round begin, and waits until the one that runs has written down how each message went.
    pub async fn finish(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        while self.busy.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The actor that sends messages.
pub struct Notifier {
    tools: NotifierTools,
    health: Arc<NotifierHealth>,
    woken: bool,
}

impl Notifier {
    /// Starts the notifier on the current arbiter, supervised.
    pub fn start(tools: NotifierTools) -> (Addr<Self>, Arc<NotifierHealth>) {
        let health = Arc::<NotifierHealth>::default();
        let for_actor = health.clone();
        let address = actix::Supervisor::start(move |_| Self { tools, health: for_actor, woken: false });
        (address, health)
    }

    fn begin_round(&mut self, ctx: &mut Context<Self>) {
        if self.health.stopping.load(Ordering::Relaxed) {
            return;
        }
        if self.health.busy.swap(true, Ordering::Relaxed) {
            self.woken = true;
            return;
        }
        self.woken = false;
        let tools = self.tools.clone();
        let round = async move { unless_it_panics(round(&tools)).await };
        ctx.spawn(round.into_actor(self).map(|done, notifier, ctx| {
            notifier.health.busy.store(false, Ordering::Relaxed);
            notifier.health.failing.store(done.is_err(), Ordering::Relaxed);
            match done {
                Ok(sent) if notifier.woken || sent == usize::try_from(ROUND_MAX).unwrap_or(usize::MAX) => {
                    notifier.begin_round(ctx);
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the notifier could not do a round"),
            }
        }));
    }
}

impl Actor for Notifier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(REST, |notifier, ctx| notifier.begin_round(ctx));
    }
}

impl Supervised for Notifier {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.health.busy.store(false, Ordering::Relaxed);
    }
}

/// Tells the notifier that something is due. Losing it is fine: the notifier looks once a second anyway.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Wake;

impl Handler<Wake> for Notifier {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Context<Self>) {
        self.begin_round(ctx);
    }
}

/// Sends what is due, up to [`ROUND_MAX`] messages, and returns how many there were.
async fn round(tools: &NotifierTools) -> Result<usize, StoreError> {
    let now = tools.clock.now();
    if !tools.store.read(move |conn, _| outbox::any_due(conn, now)).await? {
        return Ok(0);
    }
    // A positive number, so that it reads the same in every tool.
    let lease = i64::from_be_bytes(tools.chance.bytes()) & i64::MAX;
    let due = tools.ledger.write(lease, move |tx| lease_due(tx, lease)).await.map_err(outage)?;
    if due.is_empty() {
        return Ok(0);
    }
    let letters = write_letters(tools, &due).await?;
    let number = due.len();
    // One gateway that panics, or one message that makes it, stops no other. Nobody knows whether it went out: it stays
    // leased, as if the process had died, and is sent again as a possible repeat.
    let work = due
        .into_iter()
        .zip(letters)
        .map(|(due, letter)| unless_it_panics(deal_with(tools, due, letter, lease)));
    join_all(work).await.into_iter().collect::<Result<(), StoreError>>()?;
    Ok(number)
}

/// Sends a message, if there is one to send, and writes down how it went.
async fn deal_with(
    tools: &NotifierTools,
    due: DueMessage,
    letter: Letter,
    lease: i64,
) -> Result<(), StoreError> {
    let completion = match letter {
        Ok(Some(letter)) => send(tools, &due, &letter).await,
        Ok(None) => Completion::Void,
        Err(why) => Completion::Dead(why),
    };
    metrics::counter!("sunbeon_messages_total", "kind" => due.kind.as_str(), "outcome" => outcome_word(&completion))
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
    let mut tries_left = STORE_TRIES;
    loop {
        let completion = completion.clone();
        let write =
            move |tx: &mut Tx<'_>| Ok::<_, Failure<Never>>(outbox::complete(tx, id, lease, &completion)?);
        match tools.ledger.write(lease, write).await {
            Ok(()) => return Ok(()),
            Err(error) if tries_left <= 1 => return Err(outage(error)),
            Err(_) => tries_left -= 1,
        }
        tokio::time::sleep(STORE_REST).await;
    }
}

fn lease_due(tx: &mut Tx<'_>, lease: i64) -> Result<Vec<DueMessage>, Failure<Never>> {
    Ok(outbox::lease_due(tx, lease, ROUND_MAX, LEASE_SECONDS)?)
}

/// A letter, nothing to tell any more, or why it can't be written, ever.
type Letter = Result<Option<Outgoing>, String>;

async fn write_letters(tools: &NotifierTools, due: &[DueMessage]) -> Result<Vec<Letter>, StoreError> {
    let (due, now) = (due.to_vec(), tools.clock.now());
    let (catalogue, letterhead) = (Arc::clone(&tools.country.now()), tools.letterhead.clone());
    let write = move |conn: &mut crate::store::Conn, keys: &crate::keys::KeyRing| {
        let mut desk = Desk { conn, keys, catalogue, letterhead: &letterhead, now };
        let mut letters = Vec::with_capacity(due.len());
        for due in &due {
            letters.push(match desk.write(due) {
                Ok(letter) => Ok(letter),
                // One unreadable row must not keep the others from being sent.
                Err(error @ StoreError::Unreadable(_)) => Err(error.to_string()),
                Err(outage) => return Err(outage),
            });
        }
        Ok(letters)
    };
    tools.store.read(write).await
}

async fn send(tools: &NotifierTools, due: &DueMessage, letter: &Outgoing) -> Completion {
    let Some(gateway) = gateway_for(tools, letter.channel) else {
        return Completion::Dead(format!("no gateway carries {}", letter.channel.as_str()));
    };
    match gateway.send(letter).await {
        Outcome::Sent { gateway_id } => Completion::Sent { gateway: gateway.name(), gateway_id },
        Outcome::FailedForGood { why } => Completion::Failed(why),
        Outcome::Uncertain { why } => Completion::Uncertain(why),
        Outcome::RetryLater { why, .. } if due.attempts + 1 >= ATTEMPTS_MAX => Completion::Dead(why),
        Outcome::RetryLater { why, after_seconds } => {
            let at = next_try(tools.clock.now(), due.attempts, after_seconds, &*tools.chance);
            Completion::Again { at, why }
        }
    }
}

fn gateway_for(tools: &NotifierTools, channel: Channel) -> Option<&Arc<dyn Gateway>> {
    tools.gateways.iter().find(|gateway| gateway.channels().contains(&channel))
}

/// Exponential with full jitter, so that what failed together does not come back together; never before the gateway
/// asked for.
fn next_try(now: Timestamp, attempts: i32, after_seconds: Option<u32>, chance: &dyn Chance) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(0, 20)).unwrap_or(0);
    let ceiling = WAIT_SECONDS.saturating_mul(1 << doublings).min(WAIT_MAX_SECONDS);
    let wait = (1 + chance.below(ceiling)).max(u64::from(after_seconds.unwrap_or(0)));
    now + SignedDuration::from_secs(i64::try_from(wait).unwrap_or(i64::MAX))
}

fn outcome_word(completion: &Completion) -> &'static str {
    match completion {
        Completion::Sent { .. } => "sent",
        Completion::Again { .. } => "again",
        Completion::Failed(_) => "failed",
        Completion::Uncertain(_) => "uncertain",
        Completion::Dead(_) => "dead",
        Completion::Void => "void",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn waits_grow_to_an_hour_and_honour_the_gateway() {
        let (now, chance) = (Timestamp::UNIX_EPOCH, SeededChance::new(1));
        for attempts in 0..40 {
            let wait = next_try(now, attempts, None, &chance).as_second();
            assert!((1..=3600).contains(&wait));
            assert!(attempts > 0 || wait <= 5);
        }
        assert!(next_try(now, 0, Some(90), &chance).as_second() >= 90);
    }
}
