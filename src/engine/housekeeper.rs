//! The housekeeper: the actor that puts things back in order while everyone else works. It returns the seats of holds that
//! ran out, lets a failed ledger try again, looks at the clock, renews the node's number, follows what other processes wrote,
//! turns the door, offers leftover doses, finds seats for those whose site has closed, queues what is told, writes down what
//! gateways did, and lets idle desks go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Supervised, WrapFuture};

use super::run_out::return_expired;
use super::{Engine, clock_watch, displaced, door, leftovers, outage, stock, turn_texts, unless_it_panics};
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
    beside: Beside,
    seen: Seen,
}

/// What is being done beside the rounds, because it may take longer than one.
#[derive(Debug, Clone, Copy, Default)]
struct Beside {
    /// Telling people their turn.
    turns: bool,
    /// Offering leftover doses.
    offers: bool,
    /// Looking for seats for those who lost theirs.
    seats: bool,
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
        actix::Supervisor::start(move |_| Self {
            engine,
            ticks: 0,
            busy: false,
            beside: Beside::default(),
            seen,
        })
    }

    /// Does something beside the rounds, one at a time: a crowd takes minutes, and the door turns once a second.
    fn do_beside(
        &mut self,
        ctx: &mut Context<Self>,
        (what, is_busy): (&'static str, fn(&mut Beside) -> &mut bool),
        work: impl Future<Output = Result<(), StoreError>> + 'static,
    ) {
        if std::mem::replace(is_busy(&mut self.beside), true) {
            return;
        }
        let work = unless_it_panics(work);
        ctx.spawn(work.into_actor(self).map(move |done, keeper, _ctx| {
            *is_busy(&mut keeper.beside) = false;
            if let Err(error) = done {
                tracing::error!(%error, "the housekeeper could not {what}");
            }
        }));
    }

    fn tick_beside(&mut self, ctx: &mut Context<Self>) {
        let engine = self.engine.clone();
        let work = async move { turn_texts::queue(&engine).await };
        self.do_beside(ctx, ("queue what a draw is to tell", |beside| &mut beside.turns), work);
        let engine = self.engine.clone();
        let work = async move { leftovers::turn(&engine).await };
        self.do_beside(ctx, ("offer leftover doses", |beside| &mut beside.offers), work);
        let engine = self.engine.clone();
        let work = async move { displaced::turn(&engine).await };
        self.do_beside(ctx, ("look for seats for those who lost theirs", |beside| &mut beside.seats), work);
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
            keeper.tick_beside(ctx);
        });
    }
}

impl Supervised for Housekeeper {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.busy = false;
        self.beside = Beside::default();
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
