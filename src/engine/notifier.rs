//! The notifier: the actor that sends what the outbox holds.
//!
//! It leases due rows, as many as there is room for at the gates (`gate`), writes their letters, gives each to its gateway,
//! and writes down how it went. Whoever lands makes room for the next, so that one slow answer keeps nobody else. A restart in
//! the middle leaves rows leased; when the lease has run out they are uncertain, as those that were never answered, and it is
//! found out what became of them (`reconcile`). No connection is held while a gateway is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Supervised, WrapFuture};

use super::country::Country;
use super::directory::Post;
use super::letters::{Desk, Letterhead};
use super::{outage, unless_it_panics};
use crate::domain::clock::{Chance, ChanceExt, Clock};
use crate::domain::message::Channel;
use crate::domain::message_state::UncertainRules;
use crate::domain::reminder::QuietHours;
use crate::keys::KeyRing;
use crate::notify::Gateway;
use crate::notify::inbox::{Inbox, Mail};
use crate::store::challenges::CodeRules;
use crate::store::outbox::check::{Doubt, Group};
use crate::store::outbox::{self, Due, DueMessage, Load};
use crate::store::{Conn, Failure, Ledger, Never, Store, StoreError, Tx, paused_gateways};

use attempt::{TriedLetter, deal_with};
pub use gate::GatewayLook;
use gate::{Gate, Place};
use lane::{Lane, Opening};
use questions::Questions;

mod attempt;
mod gate;
mod lane;
mod questions;
mod receipts;
mod reconcile;
mod replies;

/// How long a leased message belongs to this process, in seconds: longer than all steps of a gateway's attempt.
pub(super) const LEASE_SECONDS: i64 = 180;

/// How often the outbox is looked at when nobody wakes the notifier.
const REST: Duration = Duration::from_secs(1);

/// How long it waits after it took all there was, when it was woken meanwhile. On a busy evening it is woken with every
/// code: taking a handful at a time costs half as much as the gateways do, and nobody notices the wait.
const BREATH: Duration = Duration::from_millis(25);

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
    /// What is done about messages that may have gone.
    pub uncertain: UncertainRules,
    /// When nobody is reminded.
    pub quiet: QuietHours,
    /// Limits of codes, for those that replies ask for.
    pub codes: CodeRules,
    /// Where it is told that seats are free again which a reply gave up.
    pub post: Post,
}

/// Whether the notifier gets its work done; `/readyz` shows it.
#[derive(Default)]
pub struct NotifierHealth {
    failing: AtomicBool,
    looking: AtomicBool,
    stopping: AtomicBool,
    lanes: Vec<Lane>,
    /// About messages that may have gone, and about those that went, and about codes: none waits for the other.
    questions: Vec<Arc<Questions>>,
}

impl NotifierHealth {
    /// Whether it could lease and complete last.
    pub fn is_healthy(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// How the gateways do; one that carries messages of two channels stands there once.
    pub fn gateways(&self) -> Vec<GatewayLook> {
        let mut looks: Vec<GatewayLook> = Vec::new();
        for look in self.lanes.iter().flat_map(Lane::looks) {
            match looks.iter_mut().find(|known| known.name == look.name) {
                Some(known) => known.add(&look),
                None => looks.push(look),
            }
        }
        looks
    }

    /// Lets no more messages leave, and waits until it is written down how those went that had.
    pub async fn finish(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let is_quiet = || {
            !self.looking.load(Ordering::Relaxed)
                && self.lanes.iter().all(Lane::is_empty)
                && self.questions.iter().all(|questions| questions.is_quiet())
        };
        while !is_quiet() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for lane in &self.lanes {
            lane.stop().await;
        }
    }
}

/// The actor that sends messages.
pub struct Notifier {
    tools: NotifierTools,
    health: Arc<NotifierHealth>,
    woken: bool,
    /// A look is to come when a rate allows it.
    later: bool,
}

impl Notifier {
    /// Starts the notifier on the current arbiter, supervised.
    pub fn start(tools: NotifierTools) -> (Addr<Self>, Arc<NotifierHealth>) {
        let now = tools.clock.now();
        let lanes = Channel::ALL.into_iter().map(|channel| Lane::new(channel, &tools.gateways, now));
        let questions = Group::ALL.map(|group| Arc::new(Questions::new(group)));
        let health = Arc::new(NotifierHealth {
            lanes: lanes.collect(),
            questions: questions.into(),
            ..NotifierHealth::default()
        });
        let (inbox, Mail { receipts: brought, replies: answered }) = Inbox::new();
        tools.gateways.iter().for_each(|gateway| gateway.start(inbox.clone()));
        let (for_actor, for_receipts, for_replies) = (health.clone(), tools.clone(), tools.clone());
        let address =
            actix::Supervisor::start(move |_| Self { tools, health: for_actor, woken: false, later: false });
        actix::spawn(receipts::keep(for_receipts, brought, address.clone()));
        actix::spawn(replies::keep(for_replies, answered, address.clone()));
        (address, health)
    }

    /// Takes what is due; when it is doing so already, it does so again afterwards.
    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.health.stopping.load(Ordering::Relaxed) {
            return;
        }
        self.woken = self.health.looking.swap(true, Ordering::Relaxed);
        if self.woken {
            return;
        }
        let (tools, health) = (self.tools.clone(), self.health.clone());
        let take = async move { unless_it_panics(take_due(&tools, &health.lanes)).await };
        ctx.spawn(take.into_actor(self).map(|taken, notifier, ctx| {
            notifier.health.failing.store(taken.is_err(), Ordering::Relaxed);
            let (wait, has_more) = match taken {
                Ok(taken) => (taken.wait(), notifier.send_off(taken, ctx)),
                Err(error) => {
                    tracing::error!(%error, "the notifier could not take what is due");
                    notifier.woken = false;
                    (None, false)
                }
            };
            if has_more && wait.is_none() {
                notifier.look_again(ctx);
            } else if notifier.woken {
                ctx.run_later(BREATH, Self::look_again);
            } else {
                notifier.health.looking.store(false, Ordering::Relaxed);
                if let Some(wait) = wait.filter(|_| has_more) {
                    notifier.look_later(wait, ctx);
                }
            }
        }));
    }

    /// Looks when a gateway's rate lets the next message through. Whoever wakes the notifier meanwhile need not wait for that.
    fn look_later(&mut self, wait: Duration, ctx: &mut Context<Self>) {
        if !std::mem::replace(&mut self.later, true) {
            ctx.run_later(wait, |notifier, ctx| {
                notifier.later = false;
                notifier.look(ctx);
            });
        }
    }

    fn look_again(&mut self, ctx: &mut Context<Self>) {
        self.health.looking.store(false, Ordering::Relaxed);
        self.look(ctx);
    }

    /// Sends what was taken, each by itself. Whether there is more to take.
    fn send_off(&mut self, taken: Taken, ctx: &mut Context<Self>) -> bool {
        let Taken { lease, messages, found, ran_out } = taken;
        for (due, letter, place) in messages {
            let (tools, health, notifier) = (self.tools.clone(), self.health.clone(), ctx.address());
            actix::spawn(async move {
                // One gateway that panics, or one message that makes it, stops no other. Nobody knows whether it went out:
                // it stays leased, as if the process had died, and is uncertain when the lease has run out.
                if let Err(error) = unless_it_panics(deal_with(&tools, &place.0, due, letter, lease)).await {
                    health.failing.store(true, Ordering::Relaxed);
                    tracing::error!(%error, "the notifier could not write down how a message went");
                }
                drop(place);
                // Where the mailbox is full, another one says the same.
                drop(notifier.try_send(Landed));
            });
        }
        for (lane, (opening, found)) in self.health.lanes.iter().zip(found) {
            lane.note(&opening, found);
        }
        if ran_out {
            self.check(ctx);
        }
        self.wants_more()
    }

    fn wants_more(&self) -> bool {
        self.health.lanes.iter().any(Lane::wants_more)
    }

    /// Finds out what became of messages, beside all that is sent: a gateway that is slow to answer keeps nobody.
    fn check(&mut self, ctx: &mut Context<Self>) {
        if self.health.stopping.load(Ordering::Relaxed) {
            return;
        }
        for questions in &self.health.questions {
            let Some(room) = questions.begin() else { continue };
            let (tools, questions) = (self.tools.clone(), questions.clone());
            let group = questions.group;
            let take = async move { unless_it_panics(reconcile::take(&tools, group, room)).await };
            ctx.spawn(take.into_actor(self).map(move |doubts, notifier, ctx| {
                let doubts = doubts.unwrap_or_else(|error| {
                    tracing::error!(%error, "the notifier could not look what became of messages");
                    Vec::new()
                });
                questions.took(room, doubts.len());
                for doubt in doubts {
                    notifier.ask(ctx, doubt, questions.clone());
                }
            }));
        }
    }

    fn ask(&self, ctx: &Context<Self>, doubt: Doubt, questions: Arc<Questions>) {
        let (tools, notifier) = (self.tools.clone(), ctx.address());
        actix::spawn(async move {
            let settled = unless_it_panics(reconcile::settle(&tools, doubt)).await;
            questions.answered();
            match settled {
                Ok(sent_anew) => drop(notifier.try_send(Answered { sent_anew })),
                // It is asked for again when it no longer belongs to this process.
                Err(error) => tracing::error!(%error, "it could not be found out what became of a message"),
            }
        });
    }
}

impl Actor for Notifier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(REST, |notifier, ctx| {
            notifier.look(ctx);
            notifier.check(ctx);
        });
    }
}

impl Supervised for Notifier {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.health.looking.store(false, Ordering::Relaxed);
        self.later = false;
        self.health.questions.iter().for_each(|questions| questions.took(0, 0));
    }
}

/// Tells the notifier that something is due. Losing it is fine: the notifier looks once a second anyway.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Wake;

impl Handler<Wake> for Notifier {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Context<Self>) {
        self.look(ctx);
    }
}

/// Tells the notifier that it is known how a message went.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Landed;

impl Handler<Landed> for Notifier {
    type Result = ();

    fn handle(&mut self, _: Landed, ctx: &mut Context<Self>) {
        if self.wants_more() {
            self.look(ctx);
        }
    }
}

/// Tells the notifier that something was found out.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Answered {
    /// A message is due now.
    sent_anew: bool,
}

impl Handler<Answered> for Notifier {
    type Result = ();

    fn handle(&mut self, answered: Answered, ctx: &mut Context<Self>) {
        if answered.sent_anew {
            self.look(ctx);
        }
        if self.health.questions.iter().any(|questions| questions.wants_more()) {
            self.check(ctx);
        }
    }
}

/// What is to be sent now.
#[derive(Default)]
struct Taken {
    lease: i64,
    messages: Vec<(DueMessage, TriedLetter, Place)>,
    /// How much was found for each lane.
    found: Vec<(Opening, usize)>,
    /// Leases had run out: their messages are due now.
    ran_out: bool,
}

impl Taken {
    /// How long to wait before looking again, when nothing could be taken: until a gateway's rate lets the next one through.
    fn wait(&self) -> Option<Duration> {
        let waits = || self.found.iter().filter_map(|(opening, _)| opening.wait);
        self.messages.is_empty().then(|| waits().min().unwrap_or(BREATH).clamp(BREATH, REST))
    }
}

/// Leases what is due, as much as there is room for, and writes the letters.
async fn take_due(tools: &NotifierTools, lanes: &[Lane]) -> Result<Taken, StoreError> {
    let now = tools.clock.now();
    let openings: Vec<Opening> = lanes.iter().map(|lane| lane.opening(now, &*tools.chance)).collect();
    let rooms: Vec<_> = openings.iter().map(|opening| opening.room).collect();
    let look = move |conn: &mut Conn, _: &KeyRing| {
        let due: Result<Vec<Due>, _> = rooms.into_iter().map(|room| outbox::due(conn, now, room)).collect();
        Ok((due?, outbox::any_lease_ran_out(conn, now)?, paused_gateways::names(conn)?))
    };
    let (due, ran_out, paused) = tools.store.read(look).await?;
    if lanes.iter().filter(|lane| lane.pause(&paused)).count() > 0 {
        // What was found is for other gates now.
        return Ok(Taken { ran_out, ..Taken::default() });
    }
    let found = openings.iter().cloned().zip(due.iter().map(|due| due.messages.len())).collect();
    let dealt: Vec<(Arc<Gate>, Vec<i64>)> =
        openings.iter().zip(due).flat_map(|(opening, due)| opening.deal(due)).collect();
    if dealt.is_empty() && !ran_out {
        return Ok(Taken { found, ..Taken::default() });
    }
    let loads: Vec<Load> = dealt.iter().map(lane::load).collect();
    // A positive number, so that it reads the same in every tool.
    let lease = i64::from_be_bytes(tools.chance.bytes()) & i64::MAX;
    let take =
        move |tx: &mut Tx<'_>| Ok::<_, Failure<Never>>(outbox::lease(tx, lease, &loads, LEASE_SECONDS)?);
    let due = tools.ledger.write(lease, take).await.map_err(outage)?;
    let letters = match write_letters(tools, &due, tools.quiet).await {
        Ok(letters) => letters,
        Err(error) => {
            // Otherwise a code would wait until the lease has run out, and then be a possible repeat.
            let give_back =
                move |tx: &mut Tx<'_>| outbox::give_back(tx, lease).map_err(Failure::<Never>::from);
            tools.ledger.write(lease, give_back).await.map_err(outage)?;
            return Err(error);
        }
    };
    let mut places = lane::places(&dealt);
    let messages = due.into_iter().zip(letters);
    let messages = messages.filter_map(|(due, letter)| {
        let place = places.remove(&due.id.0)?;
        Some((due, letter, place))
    });
    Ok(Taken { lease, messages: messages.collect(), found, ran_out })
}

async fn write_letters(
    tools: &NotifierTools,
    due: &[DueMessage],
    quiet: QuietHours,
) -> Result<Vec<TriedLetter>, StoreError> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let (due, now) = (due.to_vec(), tools.clock.now());
    let (catalogue, letterhead) = (Arc::clone(&tools.country.now()), tools.letterhead.clone());
    let write = move |conn: &mut Conn, keys: &KeyRing| {
        let mut desk = Desk { conn, keys, catalogue, letterhead: &letterhead, quiet, now };
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
