//! What the gateways did on this node, written down each minute, so that it can be seen on all nodes and after a restart.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::{Engine, outage};
use crate::domain::gateway::figures::GatewayFigures;
use crate::store::gateway_minutes::{self, minute_of};
use crate::store::{Failure, Never, StoreError, Tx};

/// What was written down last: figures grow from the start of the process on.
#[derive(Debug, Default)]
pub(super) struct Diary(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    /// The minute that goes on; none before the first look.
    minute: Option<i64>,
    figures: HashMap<Arc<str>, GatewayFigures>,
}

impl Diary {
    /// Writes down what the gateways did in the minute that has ended, if one has. What could not be written is written the
    /// next time.
    pub(super) async fn turn(&self, engine: &Engine) -> Result<(), StoreError> {
        let mut written = self.0.lock().await;
        let now = minute_of(engine.now());
        let goes_on = *written.minute.get_or_insert(now);
        if goes_on == now { Ok(()) } else { written.write(engine, goes_on, now).await }
    }

    /// Writes down what they did since the last time: nothing comes after it.
    pub(super) async fn close(&self, engine: &Engine) -> Result<(), StoreError> {
        let now = minute_of(engine.now());
        self.0.lock().await.write(engine, now, now).await
    }
}

impl Written {
    async fn write(&mut self, engine: &Engine, minute: i64, next: i64) -> Result<(), StoreError> {
        let looks = engine.gateway_looks();
        let since = |name: &Arc<str>, now: &GatewayFigures| {
            self.figures.get(name).map_or(*now, |before| now.since(before))
        };
        let mut done: Vec<(String, GatewayFigures)> =
            looks.iter().map(|one| (one.name.to_string(), since(&one.name, &one.figures))).collect();
        done.retain(|(_, figures)| *figures != GatewayFigures::default());
        if !done.is_empty() {
            let node = i64::from(engine.node.number);
            let write = move |tx: &mut Tx<'_>| {
                gateway_minutes::add(tx, node, minute, &done).map_err(Failure::<Never>::from)
            };
            engine.ledger.write(0, write).await.map_err(outage)?;
            self.figures.extend(looks.into_iter().map(|one| (one.name, one.figures)));
        }
        self.minute = Some(next);
        Ok(())
    }
}
