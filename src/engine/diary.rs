//! What the gateways did on this node, written down each minute, so that it can be seen on all nodes and after a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Engine, outage};
use crate::domain::gateway::figures::GatewayFigures;
use crate::store::{Failure, Never, StoreError, gateway_minutes};

/// What was written down last of each gateway: figures grow from the start of the process on.
#[derive(Debug, Default)]
pub(super) struct Written(Mutex<HashMap<Arc<str>, GatewayFigures>>);

/// Writes down what the gateways did since the last time. What could not be written is written the next time.
pub(super) async fn write_down(engine: &Engine) -> Result<(), StoreError> {
    let looks = engine.gateway_looks();
    let done: Vec<(String, GatewayFigures)> = {
        let written = engine.diary.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |name: &Arc<str>, now: &GatewayFigures| {
            written.get(name).map_or(*now, |before| now.since(before))
        };
        let all = looks.iter().map(|one| (one.name.to_string(), since(&one.name, &one.figures)));
        all.filter(|(_, figures)| figures.attempts() > 0).collect()
    };
    if done.is_empty() {
        return Ok(());
    }
    let node = engine.node.number;
    let write = move |tx: &mut crate::store::Tx<'_>| {
        gateway_minutes::add(tx, i64::from(node), &done).map_err(Failure::<Never>::from)
    };
    engine.ledger.write(0, write).await.map_err(outage)?;
    let mut written = engine.diary.0.lock().unwrap_or_else(PoisonError::into_inner);
    written.extend(looks.into_iter().map(|one| (one.name, one.figures)));
    Ok(())
}
