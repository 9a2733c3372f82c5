//! The housekeeper: the actor that puts things back in order while everyone else works. It returns the seats of holds that
//! ran out, lets a failed ledger try again, looks at the clock, renews the node's number, notices what other processes
//! wrote, and lets idle desks go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Supervised, WrapFuture};
use jiff::SignedDuration;

use super::run_out::return_expired;
use super::{Engine, clock_watch, outage, unless_it_panics};
use crate::store::{Failure, Never, StoreError, changes, node};

/// How often expired holds are returned and other processes' writes are looked for.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between renewals of the node's number, and between goodbyes to idle desks.
const TICKS_PER_ROUND: u64 = 60;

/// The actor that puts things back in order.
pub struct Housekeeper {
    engine: Arc<Engine>,
    ticks: u64,
    busy: bool,
    seen: Seen,
}

/// What other processes had written when the caches were read last, and when they may be read again.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    written: Option<i64>,
    again_at: Option<Instant>,
}

impl Housekeeper {
    /// Starts the housekeeper on the current arbiter, supervised.
    pub fn start(engine: Arc<Engine>) -> actix::Addr<Self> {
        actix::Supervisor::start(move |_| Self { engine, ticks: 0, busy: false, seen: Seen::default() })
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            return;
        }
        self.busy = true;
        self.ticks += 1;
        let (engine, seen, is_round) = (self.engine.clone(), self.seen, self.ticks % TICKS_PER_ROUND == 1);
        let work = async move { unless_it_panics(tidy(&engine, seen, is_round)).await };
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
        ctx.run_interval(TICK, |keeper, ctx| keeper.tick(ctx));
    }
}

impl Supervised for Housekeeper {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.busy = false;
    }
}

async fn tidy(engine: &Engine, seen: Seen, is_round: bool) -> Result<Seen, StoreError> {
    engine.ledger.retry_failed().await;
    clock_watch::look(engine).await?;
    if is_round {
        engine.desks.passivate_idle();
        engine.passed_over.forget();
        renew(engine).await?;
    }
    return_expired(engine).await?;
    let node = engine.node.number;
    let written = engine.store.read(move |conn, _| changes::of_others(conn, node)).await?;
    let is_changed = seen.written.is_some_and(|seen| seen != written);
    if is_changed && seen.again_at.is_some_and(|at| Instant::now() < at) {
        return Ok(seen);
    }
    let again_at = if is_changed { Some(refresh(engine).await?) } else { seen.again_at };
    Ok(Seen { written: Some(written), again_at })
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

/// Reads campaigns, sites and counts anew, because another process wrote. Returns when it may be done again, so that in a
/// large country reading takes a tenth of the time at most.
async fn refresh(engine: &Engine) -> Result<Instant, StoreError> {
    let began = Instant::now();
    let yesterday = engine.today() - SignedDuration::from_hours(24);
    engine.country.refresh(&engine.store).await?;
    engine.availability.refresh(&engine.store, yesterday).await?;
    engine.desks.forget_all();
    tracing::info!("another process changed the database; sites, campaigns and counts were read anew");
    Ok(Instant::now() + began.elapsed() * 9)
}
