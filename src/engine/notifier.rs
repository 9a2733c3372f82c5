//! The notifier: the actor that sends what the outbox holds.
//!
//! It leases due rows, as many as each channel has room for, writes their letters, gives each to its gateway, and writes down
//! how it went. Whoever lands makes room for the next, so that one slow answer keeps nobody else. A restart in the middle
//! leaves rows leased; when the lease has run out they are sent again and marked as possible repeats. No connection is held
//! while a gateway is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Supervised, WrapFuture};

use super::country::Country;
use super::letters::{Desk, Letterhead};
use super::{outage, unless_it_panics};
use crate::domain::clock::{Chance, ChanceExt, Clock};
use crate::domain::message::Channel;
use crate::keys::KeyRing;
use crate::notify::{Gateway, USUAL_CONCURRENCY};
use crate::store::outbox::{self, DueMessage, Room};
use crate::store::{Conn, Failure, Ledger, Never, Store, StoreError, Tx};

use attempt::{Letter, deal_with};
use lane::Lane;

mod attempt;
mod lane;

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
}

/// Whether the notifier gets its work done; `/readyz` shows it.
#[derive(Debug, Default)]
pub struct NotifierHealth {
    failing: AtomicBool,
    looking: AtomicBool,
    stopping: AtomicBool,
    lanes: Vec<Arc<Lane>>,
}

impl NotifierHealth {
    /// Whether it could lease and complete last.
    pub fn is_healthy(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// Lets no more messages leave, and waits until it is written down how those went that had.
    pub async fn finish(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        while self.looking.load(Ordering::Relaxed) || self.lanes.iter().any(|lane| !lane.is_empty()) {
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
        let lanes = Channel::ALL.into_iter().map(|channel| {
            let places = gateway_for(&tools, channel).map_or(USUAL_CONCURRENCY, |one| one.concurrency());
            Arc::new(Lane::new(channel, places))
        });
        let health = Arc::new(NotifierHealth { lanes: lanes.collect(), ..NotifierHealth::default() });
        let for_actor = health.clone();
        let address = actix::Supervisor::start(move |_| Self { tools, health: for_actor, woken: false });
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
        let tools = self.tools.clone();
        let rooms: Vec<Room> = self.health.lanes.iter().map(|lane| lane.room()).collect();
        let take = async move { unless_it_panics(take_due(&tools, rooms)).await };
        ctx.spawn(take.into_actor(self).map(|taken, notifier, ctx| {
            notifier.health.failing.store(taken.is_err(), Ordering::Relaxed);
            let has_more = match taken {
                Ok(taken) => notifier.send_off(taken, ctx),
                Err(error) => {
                    tracing::error!(%error, "the notifier could not take what is due");
                    notifier.woken = false;
                    false
                }
            };
            if has_more {
                notifier.look_again(ctx);
            } else if notifier.woken {
                ctx.run_later(BREATH, Self::look_again);
            } else {
                notifier.health.looking.store(false, Ordering::Relaxed);
            }
        }));
    }

    fn look_again(&mut self, ctx: &mut Context<Self>) {
        self.health.looking.store(false, Ordering::Relaxed);
        self.look(ctx);
    }

    /// Sends what was taken, each by itself. Whether there is more to take.
    fn send_off(&self, taken: Taken, ctx: &Context<Self>) -> bool {
        let Taken { lease, messages, found, ran_out } = taken;
        for (due, letter) in messages {
            let lane = self.health.lanes.iter().find(|lane| lane.channel() == due.channel);
            let place = lane.map(Lane::enter);
            let (tools, health, notifier) = (self.tools.clone(), self.health.clone(), ctx.address());
            actix::spawn(async move {
                // One gateway that panics, or one message that makes it, stops no other. Nobody knows whether it went out:
                // it stays leased, as if the process had died, and is sent again as a possible repeat.
                if let Err(error) = unless_it_panics(deal_with(&tools, due, letter, lease)).await {
                    health.failing.store(true, Ordering::Relaxed);
                    tracing::error!(%error, "the notifier could not write down how a message went");
                }
                drop(place);
                // Where the mailbox is full, another one says the same.
                drop(notifier.try_send(Landed));
            });
        }
        for (lane, (room, found)) in self.health.lanes.iter().zip(found) {
            lane.note(room, found);
        }
        ran_out || self.wants_more()
    }

    fn wants_more(&self) -> bool {
        self.health.lanes.iter().any(|lane| lane.wants_more())
    }
}

impl Actor for Notifier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(REST, |notifier, ctx| notifier.look(ctx));
    }
}

impl Supervised for Notifier {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.health.looking.store(false, Ordering::Relaxed);
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

/// What is to be sent now.
#[derive(Default)]
struct Taken {
    lease: i64,
    messages: Vec<(DueMessage, Letter)>,
    /// How much was found for each room.
    found: Vec<(Room, usize)>,
    /// Leases had run out: their messages are due now.
    ran_out: bool,
}

/// Leases what is due, as much as there is room for, and writes the letters.
async fn take_due(tools: &NotifierTools, rooms: Vec<Room>) -> Result<Taken, StoreError> {
    let now = tools.clock.now();
    let look = move |conn: &mut Conn, _: &KeyRing| {
        let mut ids = Vec::new();
        let mut found = Vec::new();
        for room in rooms {
            let of_room = outbox::due(conn, now, room)?;
            found.push((room, of_room.len()));
            ids.extend(of_room);
        }
        Ok((ids, found, outbox::any_lease_ran_out(conn, now)?))
    };
    let (ids, found, ran_out) = tools.store.read(look).await?;
    if ids.is_empty() && !ran_out {
        return Ok(Taken { found, ..Taken::default() });
    }
    // A positive number, so that it reads the same in every tool.
    let lease = i64::from_be_bytes(tools.chance.bytes()) & i64::MAX;
    let take = move |tx: &mut Tx<'_>| Ok::<_, Failure<Never>>(outbox::lease(tx, lease, &ids, LEASE_SECONDS)?);
    let due = tools.ledger.write(lease, take).await.map_err(outage)?;
    let letters = match write_letters(tools, &due).await {
        Ok(letters) => letters,
        Err(error) => {
            // Otherwise a code would wait until the lease has run out, and then be a possible repeat.
            let give_back =
                move |tx: &mut Tx<'_>| outbox::give_back(tx, lease).map_err(Failure::<Never>::from);
            tools.ledger.write(lease, give_back).await.map_err(outage)?;
            return Err(error);
        }
    };
    Ok(Taken { lease, messages: due.into_iter().zip(letters).collect(), found, ran_out })
}

async fn write_letters(tools: &NotifierTools, due: &[DueMessage]) -> Result<Vec<Letter>, StoreError> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let (due, now) = (due.to_vec(), tools.clock.now());
    let (catalogue, letterhead) = (Arc::clone(&tools.country.now()), tools.letterhead.clone());
    let write = move |conn: &mut Conn, keys: &KeyRing| {
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

fn gateway_for(tools: &NotifierTools, channel: Channel) -> Option<&Arc<dyn Gateway>> {
    tools.gateways.iter().find(|gateway| gateway.channels().contains(&channel))
}
