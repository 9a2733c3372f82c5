//! Free seats by day, kept right: what other nodes do is followed, what everybody has followed goes into the table, and site
//! by site it is counted whether the table says what the slots say, as it does unless somebody changed them by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use super::availability::first_day;
use super::{Engine, outage};
use crate::domain::ids::SiteId;
use crate::store::free_days::{self, Stocktake};
use crate::store::{Failure, Never, StoreError, Tx, node, seat_changes};

/// Sites that are counted at once: some fifty milliseconds of reading, every ten seconds. All of a country's 15,000 take three
/// hours.
const SITES_MAX: i64 = 15;

/// Follows what other processes changed in the seats.
pub(super) async fn follow_others(engine: &Engine) -> Result<(), StoreError> {
    let (number, seen) = (engine.node.number, engine.availability.seen());
    let news = engine.store.read(move |conn, _| seat_changes::after(conn, number, &seen)).await?;
    if let Some(news) = news {
        engine.desks.post().committed_elsewhere(&news);
    } else {
        tracing::warn!("changes of other processes were missed; all counts are read anew");
        engine.availability.refresh(&engine.store, first_day(engine.now(), &engine.zone)).await?;
        engine.desks.forget_all();
    }
    Ok(())
}

/// Keeps the table right: folds changes, and counts the next few sites.
pub(super) async fn keep(engine: &Engine) -> Result<(), StoreError> {
    fold(engine).await?;
    engine.stock.count_some(engine).await
}

/// Folds what everybody has followed by now into the table, for whoever starts.
async fn fold(engine: &Engine) -> Result<(), StoreError> {
    // The key comes last in a transaction: other commands never wait for the rows of this one.
    let fold = |tx: &mut Tx<'_>| free_days::fold(tx).map_err(Failure::<Never>::from);
    while engine.ledger.write(i64::MAX, fold).await.map_err(outage)? {}
    Ok(())
}

/// How far the stocktaking is.
#[derive(Debug, Default)]
pub(super) struct Stock {
    last: AtomicI64,
}

impl Stock {
    /// Counts the slots of the next few sites, and corrects what is wrong. The first of all nodes does it.
    async fn count_some(&self, engine: &Engine) -> Result<(), StoreError> {
        let (after, number, now) = (self.last.load(Ordering::Relaxed), engine.node.number, engine.now());
        let from = first_day(now, &engine.zone);
        let count = engine.store.read(move |conn, _| {
            let is_mine = node::is_first(conn, number, now)?;
            is_mine.then(|| free_days::take_stock(conn, SiteId(after), SITES_MAX, from)).transpose()
        });
        let Some(Stocktake { wrong, last }) = count.await? else { return Ok(()) };
        if !wrong.is_empty() {
            tracing::warn!(days = wrong.len(), "free seats were not what the slots say; they are corrected");
            let corrections = wrong.clone();
            let correct = move |tx: &mut Tx<'_>| -> Result<(), Failure<Never>> {
                free_days::correct(tx, &corrections);
                Ok(())
            };
            engine.ledger.write(i64::MAX, correct).await.map_err(outage)?;
            engine.availability.correct(&wrong);
        }
        self.last.store(last.map_or(0, |last| last.0), Ordering::Relaxed);
        Ok(())
    }
}
