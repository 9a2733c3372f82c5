//! Returns the seats of holds that ran out, many in one command. A hold that can't be ended, because what is stored about
//! it contradicts itself, keeps no other from ending: it is named in the log and passed over until the next round.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Engine, outage};
use crate::store::{LedgerError, StoreError, holds};

/// Expired parties returned in one command: a long one would make bookings wait.
const EXPIRE_MAX: i64 = 50;

/// Parties whose hold could not be ended in this round.
#[derive(Debug, Default)]
pub(super) struct PassedOver(Mutex<BTreeSet<i64>>);

impl PassedOver {
    fn parties(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self) -> Vec<i64> {
        self.parties().iter().copied().collect()
    }

    /// Lets them be tried again.
    pub(super) fn forget(&self) {
        self.parties().clear();
    }
}

/// Returns the seats of expired holds, one command after the other until none is left.
pub(super) async fn return_expired(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.now();
    if !engine.store.read(move |conn, _| holds::any_expired(conn, now)).await? {
        return Ok(());
    }
    loop {
        let except = engine.passed_over.list();
        match engine.ledger.write(0, move |tx| holds::expire(tx, EXPIRE_MAX, &except)).await {
            Ok(returned) if returned.is_empty() => return Ok(()),
            Ok(returned) => engine.desks.post().committed(None, &returned),
            Err(LedgerError::Outage(error)) if is_about_a_hold(&error) => return_one_by_one(engine).await?,
            Err(error) => return Err(outage(error)),
        }
    }
}

/// Ends the holds of a batch that could not be ended together, each in a command of its own.
async fn return_one_by_one(engine: &Engine) -> Result<(), StoreError> {
    let (now, except) = (engine.now(), engine.passed_over.list());
    let over = engine.store.read(move |conn, _| holds::expired(conn, now, EXPIRE_MAX, &except)).await?;
    for party in over {
        match engine.ledger.write(0, move |tx| holds::end_expired(tx, party)).await {
            Ok(returned) => engine.desks.post().committed(None, &returned),
            Err(LedgerError::Outage(error)) if is_about_a_hold(&error) => {
                tracing::error!(%error, %party, "a hold that ran out can't be ended; it is passed over");
                engine.passed_over.parties().insert(party.0);
            }
            Err(error) => return Err(outage(error)),
        }
    }
    Ok(())
}

/// Whether the rows of a hold are to blame, and not the database, in which case no other hold could be ended either.
fn is_about_a_hold(error: &StoreError) -> bool {
    matches!(error, StoreError::Unreadable(_) | StoreError::Statement(_))
}
