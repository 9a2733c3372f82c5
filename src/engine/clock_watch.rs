//! Notices that the clock was set back, and lets nothing last longer because of it.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use super::notifier::LEASE_SECONDS;
use super::{Engine, outage};
use crate::store::set_back::{self, TOLERANCE_SECONDS, Terms};
use crate::store::{Failure, Never, StoreError, Tx};

/// The time at the last look; none before the first one, because the clock may have been set back while nothing ran.
#[derive(Debug, Default)]
pub(super) struct ClockWatch(Mutex<Option<Timestamp>>);

impl ClockWatch {
    /// Whether the clock shows less than at the last look, by more than clocks differ anyway.
    fn was_set_back(&self, now: Timestamp) -> bool {
        let seen = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.is_none_or(|seen| now + SignedDuration::from_secs(TOLERANCE_SECONDS) < seen)
    }

    fn note(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(now);
    }
}

/// Shortens what would last too long, when the clock was set back since the last look.
pub(super) async fn look(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.now();
    if engine.clock_watch.was_set_back(now) {
        let terms = Terms {
            hold_minutes: i64::from(engine.holds.hold_minutes),
            code_minutes: i64::from(engine.codes.minutes),
            lease_seconds: LEASE_SECONDS,
        };
        let shorten = move |tx: &mut Tx<'_>| set_back::shorten(tx, &terms).map_err(Failure::<Never>::from);
        let mended = engine.ledger.write(0, shorten).await.map_err(outage)?;
        if mended > 0 {
            tracing::warn!(mended, "the clock was set back; what would have lasted longer was shortened");
        }
    }
    engine.clock_watch.note(now);
    Ok(())
}
