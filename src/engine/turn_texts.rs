//! Tells whoever prepared when their turn is, by text message, once the lots are drawn: they are queued bit by bit.

use super::{Engine, outage};
use crate::domain::door::opening::Phase;
use crate::store::{Failure, Never, StoreError, Tx, turn_texts};

/// Messages in one transaction, and transactions in one round: a million are queued in minutes, and nobody who books waits.
const BATCH: usize = 200;
const BATCHES: usize = 10;

/// Queues the next of those who wait to be told. Their turn can be said from the door's first turn on.
pub(super) async fn queue(engine: &Engine) -> Result<(), StoreError> {
    let (now, catalogue) = (engine.now(), engine.country.now().clone());
    let drawn = catalogue.openings().iter().filter(|one| {
        let is_near = matches!(one.opening.phase(now), Phase::Joining | Phase::Entering);
        one.key.is_some() && is_near && engine.door.state(one.opening.id).is_some()
    });
    for one in drawn {
        let id = one.opening.id;
        if engine.store.read(move |conn, _| Ok(turn_texts::all_queued(conn, id)?)).await? {
            continue;
        }
        for _ in 0..BATCHES {
            let queue =
                move |tx: &mut Tx<'_>| turn_texts::queue_some(tx, id, BATCH).map_err(Failure::<Never>::from);
            let queued = engine.ledger.write(id.0, queue).await.map_err(outage)?;
            engine.wake_notifier();
            if queued < BATCH {
                break;
            }
        }
    }
    Ok(())
}
