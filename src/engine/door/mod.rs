//! The door decides who may enter the booking pages now.
//!
//! An opening that was drawn gives every phone number its place; the node that leads raises the threshold once a second,
//! and every node reads it. What is kept here may be a second old, and then it admits fewer, never more: the threshold only
//! grows, and admitting asks the database itself. So a node that has lost the database shows waiting pages and admits nobody.

mod latency;
mod turn;

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use super::Engine;
use crate::domain::door::crowd::Crowd;
use crate::domain::door::opening::Phase;
use crate::domain::door::place::{Place, Threshold};
use crate::domain::door::waiting::Flow;
use crate::domain::ids::OpeningId;
use crate::store::door_state::DoorState;
use crate::store::openings::StoredOpening;

use latency::Latencies;
use turn::Led;
pub(super) use turn::turn;

/// How far the doors of all openings are open, as this node knows it.
#[derive(Default)]
pub struct Door {
    states: ArcSwap<HashMap<OpeningId, Arc<DoorState>>>,
    here: Mutex<HashMap<OpeningId, Here>>,
    booking_steps: Latencies,
    turns: AtomicU32,
}

/// What this node alone knows of an opening.
#[derive(Default)]
struct Here {
    /// Who joined here, since the start.
    crowd: Crowd,
    /// How it leads, while it does.
    led: Led,
}

impl Door {
    /// How far the door of an opening is open; `None` before its first turn.
    pub fn state(&self, opening: OpeningId) -> Option<Arc<DoorState>> {
        self.states.load().get(&opening).cloned()
    }

    /// Notes that somebody asked for their place. The same phone counts once.
    pub fn join(&self, opening: OpeningId, place: Place) {
        self.here().entry(opening).or_default().crowd.join(place);
    }

    /// Notes how long a booking step took: while they are quick, more people are let in.
    pub fn note_booking_step(&self, took: Duration) {
        self.booking_steps.note(took);
    }

    fn here(&self) -> MutexGuard<'_, HashMap<OpeningId, Here>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, opening: OpeningId, state: DoorState, led: Led) {
        self.here().entry(opening).or_default().led = led;
        self.states.rcu(|states| {
            let mut states = HashMap::clone(states);
            states.insert(opening, Arc::new(state.clone()));
            states
        });
    }

    /// How an opening's door opens at the moment.
    pub fn flow(&self, opening: OpeningId) -> Flow {
        flow_of(self.states.load().get(&opening).map(Arc::as_ref))
    }
}

/// How a door opens that stands so. Before its first turn it is closed.
pub fn flow_of(state: Option<&DoorState>) -> Flow {
    let closed = Flow { threshold: Threshold::CLOSED, rate: 0.0 };
    state.map_or(closed, |state| Flow {
        threshold: state.threshold,
        rate: if state.paused { 0.0 } else { state.rate },
    })
}

impl Engine {
    /// The opening with this code.
    pub fn opening(&self, code: &str) -> Option<Arc<StoredOpening>> {
        let catalogue = self.country.now();
        catalogue.openings().iter().find(|one| one.opening.code.as_str() == code).cloned()
    }

    /// The openings whose doors stand before booking pages now: nearly always none.
    pub fn standing_doors(&self, now: Timestamp) -> Vec<Arc<StoredOpening>> {
        let catalogue = self.country.now();
        let stands = |one: &&Arc<StoredOpening>| {
            one.opening.phase(now) == Phase::Entering
                && self.door.flow(one.opening.id).threshold != Threshold::OPEN
        };
        catalogue.openings().iter().filter(stands).cloned().collect()
    }

    /// Turns the doors of all openings, now rather than at the housekeeper's next round.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] when the ledger fails.
    pub async fn turn_doors(&self) -> Result<(), crate::store::StoreError> {
        turn(self).await
    }
}
