//! The housekeeper: the actor that puts things back in order while everyone else works. It returns the seats of holds that
//! ran out, lets a failed ledger try again, looks at the clock, renews the node's number, follows what other processes
//! wrote, turns the door, offers leftover doses, queues what is told, writes down what gateways did, and lets idle desks go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Supervised, WrapFuture};

use super::run_out::return_expired;
use super::{Engine, clock_watch, door, leftovers, outage, stock, turn_texts, unless_it_panics};
use crate::store::{Failure, Never, StoreError, changes, node};

/// How often expired holds are returned and other processes' writes are looked for.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between renewals of the node's number, and between goodbyes to idle desks.
const TICKS_PER_ROUND: u64 = 60;

/// Ticks between two looks at the table of free seats.
const TICKS_PER_STOCK: u64 = 10;

/// The actor that puts things back in order.
pub struct Housekeeper {
    engine: Arc<Engine>,
    ticks: u64,
    busy: bool,
    telling: bool,
    seen: Seen,
}

/// What other processes had written when sites and campaigns were read last, and when they may be read again.
#[derive(Debug, Clone, Copy)]
struct Seen {
    written: i64,
    again_at: Option<Instant>,
}

impl Housekeeper {
    /// Starts the housekeeper on the current arbiter, supervised. `written` is the sum of [`changes::of_others`] from
    /// before sites and campaigns were read.
    pub fn start(engine: Arc<Engine>, written: i64) -> actix::Addr<Self> {
        let seen = Seen { written, again_at: None };
        actix::Supervisor::start(move |_| Self { engine, ticks: 0, busy: false, telling: false, seen })
    }

    /// Queues what a draw is to tell, beside the rounds: a crowd takes minutes, and the door turns once a second.
    fn tell(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.telling, true) {
            return;
        }
        let engine = self.engine.clone();
        let work = async move { unless_it_panics(turn_texts::queue(&engine)).await };
        ctx.spawn(work.into_actor(self).map(|done, keeper, _ctx| {
            keeper.telling = false;
            if let Err(error) = done {
                tracing::error!(%error, "the housekeeper could not queue what a draw is to tell");
            }
        }));
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            return;
        }
        self.busy = true;
        self.ticks += 1;
        let (engine, seen, ticks) = (self.engine.clone(), self.seen, self.ticks);
        let work = async move { unless_it_panics(tidy(&engine, seen, ticks)).await };
        ctx.spawn(work.into_actor(self).map(|done, keeper, _ctx| {
            keeper.busy = false;
            match done {
                Ok(seen) => keeper.seen = seen,
                Err(error) => {
                    // The next tick does the same again: the node's number must be renewed in time.
                    keeper.ticks -= 1;
                    tracing::error!(%error, "the housekeeper could not do its round");
                }
            }
        }));
    }
}

impl Actor for Housekeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(TICK, |keeper, ctx| {
            keeper.tick(ctx);
            keeper.tell(ctx);
        });
    }
}

impl Supervised for Housekeeper {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.busy = false;
        self.telling = false;
    }
}

async fn tidy(engine: &Engine, seen: Seen, ticks: u64) -> Result<Seen, StoreError> {
    engine.ledger.retry_failed().await;
    clock_watch::look(engine).await?;
    if ticks % TICKS_PER_ROUND == 1 {
        engine.desks.passivate_idle();
        engine.passed_over.forget();
        renew(engine).await?;
        leftovers::prepare_days(engine).await?;
    }
    return_expired(engine).await?;
    door::turn(engine).await?;
    leftovers::turn(engine).await?;
    stock::follow_others(engine).await?;
    if ticks.is_multiple_of(TICKS_PER_STOCK) {
        stock::keep(engine).await?;
    }
    if let Err(error) = engine.diary.turn(engine).await {
        // Figures can wait; doors and holds can't.
        tracing::warn!(%error, "what the gateways did could not be written down");
    }
    reread_catalogue(engine, seen).await
}

/// Reads sites and campaigns anew when another process changed some, so that in a large country reading takes a tenth of
/// the time at most.
async fn reread_catalogue(engine: &Engine, seen: Seen) -> Result<Seen, StoreError> {
    let node = engine.node.number;
    let written = engine.store.read(move |conn, _| changes::of_others(conn, node)).await?;
    let began = Instant::now();
    if written == seen.written || seen.again_at.is_some_and(|at| began < at) {
        return Ok(seen);
    }
    engine.country.refresh(&engine.store).await?;
    tracing::info!("another process changed sites or campaigns; they were read anew");
    Ok(Seen { written, again_at: Some(Instant::now() + began.elapsed() * 9) })
}

async fn renew(engine: &Engine) -> Result<(), StoreError> {
    let (number, token) = (engine.node.number, engine.node.token);
    let renewed = engine
        .ledger
        .write(0, move |tx| node::renew(tx, number, &token).map_err(Failure::<Never>::from))
        .await
        .map_err(outage)?;
    if !renewed {
        // Two processes would make the same ids. Nothing written so far is wrong; going on would be.
        tracing::error!(number, "another process has taken this node's number; stopping");
        if let Some(system) = actix::System::try_current() {
            system.stop_with_code(1);
        }
    }
    Ok(())
}
