//! The gate before a gateway: how many messages it may have on its way now.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::clock::Chance;
use crate::domain::gateway::breaker::{Breaker, Health};
use crate::domain::gateway::bucket::Bucket;
use crate::domain::gateway::weight::{Weight, choose};
use crate::domain::message::Channel;
use crate::notify::{Gateway, Obstacle, Outcome};
use crate::store::outbox::{Due, Load, Room};

/// Messages that are taken at once: their letters are written one after the other.
const BATCH_MAX: usize = 64;

/// One in so many places is kept for codes, so that a code never waits behind a flood of reminders.
const CODES_SHARE: usize = 4;

/// The weight of the first of a list; those after it only take over, unless the configuration says otherwise.
const FIRST_WEIGHT: u32 = 100;

/// A gateway, and how it does with messages of one channel.
pub(super) struct Gate {
    /// `None` where nobody carries them: then messages are taken only to write that down.
    pub(super) gateway: Option<Arc<dyn Gateway>>,
    places: usize,
    taken: AtomicUsize,
    care: Mutex<Care>,
}

struct Care {
    breaker: Breaker,
    bucket: Bucket,
    weight: Weight,
}

impl Gate {
    fn new(gateway: Option<Arc<dyn Gateway>>, usual_weight: u32, now: Timestamp) -> Self {
        let traffic = gateway.as_ref().map(|one| one.traffic()).unwrap_or_default();
        let care = Care {
            breaker: Breaker::default(),
            bucket: Bucket::new(traffic.rate, now),
            weight: Weight::new(traffic.weight.unwrap_or(usual_weight), now),
        };
        Self { gateway, places: traffic.places().max(1), taken: AtomicUsize::new(0), care: Mutex::new(care) }
    }

    fn care(&self) -> MutexGuard<'_, Care> {
        self.care.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gateway's name.
    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.gateway.as_ref().map(|one| one.name().clone())
    }

    /// Takes a place until the value is dropped.
    fn enter(self: &Arc<Self>) -> Place {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }

    /// How many messages may leave now: when they are codes, and in all when there are others. Whether it is being tried after
    /// trouble.
    fn room(&self, now: Timestamp) -> (usize, usize, bool) {
        let mut care = self.care();
        let (allowed, tokens) = (care.breaker.places(now), care.bucket.look(now));
        let taken = self.taken.load(Ordering::Relaxed);
        let is_tried = allowed < self.places;
        let free = allowed.min(self.places).saturating_sub(taken).min(BATCH_MAX);
        let reserve = if is_tried { 0 } else { self.places / CODES_SHARE };
        let others = self.places.saturating_sub(taken).saturating_sub(reserve).min(free);
        (free.min(tokens.codes), others.min(tokens.others), is_tried)
    }

    fn take(&self, messages: usize) {
        self.care().bucket.take(messages);
    }

    /// Notes how an attempt went.
    pub(super) fn note(&self, now: Timestamp, outcome: &Outcome, took: Duration, chance: &dyn Chance) {
        let health = match outcome {
            Outcome::Sent { .. }
            | Outcome::FailedForGood { .. }
            | Outcome::RetryLater { because: Obstacle::Message, .. } => Health::Well,
            Outcome::RetryLater { because: Obstacle::Account, .. } => Health::Refused,
            Outcome::RetryLater { .. } | Outcome::Uncertain { .. } => Health::Trouble,
        };
        let mut care = self.care();
        if matches!(outcome, Outcome::RetryLater { because: Obstacle::Rate, .. }) {
            care.bucket.slow_down();
        }
        let was_open = care.breaker.is_open();
        care.breaker.note(now, health, chance);
        care.weight.note(now, took.as_secs_f64(), health != Health::Well);
        let (is_open, weight) = (care.breaker.is_open(), care.weight.now());
        drop(care);
        let Some(name) = self.name() else { return };
        metrics::gauge!("sunbeon_gateway_open", "gateway" => name.to_string())
            .set(f64::from(u8::from(is_open)));
        metrics::gauge!("sunbeon_gateway_weight", "gateway" => name.to_string()).set(weight);
        if is_open && !was_open {
            tracing::warn!(gateway = &*name, "a gateway is in trouble and left alone for a while");
        }
    }
}

/// One place at a gate.
pub(super) struct Place(pub(super) Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The gates of one channel, in the configured order.
pub(super) struct Lane {
    channel: Channel,
    gates: Vec<Arc<Gate>>,
    /// There was more to take than there was room for.
    more: AtomicBool,
}

/// Which gates take messages now, and how many.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) room: Room,
    /// One gate that does well, and how many it takes.
    main: Option<(Arc<Gate>, usize)>,
    /// Gates that are tried after trouble, with a message or a few each.
    tried: Vec<(Arc<Gate>, usize)>,
}

impl Lane {
    pub(super) fn new(channel: Channel, gateways: &[Arc<dyn Gateway>], now: Timestamp) -> Self {
        let carriers = gateways.iter().filter(|one| one.channels().contains(&channel));
        let weights = std::iter::once(FIRST_WEIGHT).chain(std::iter::repeat(0));
        let mut gates: Vec<_> = carriers
            .zip(weights)
            .map(|(one, weight)| Arc::new(Gate::new(Some(one.clone()), weight, now)))
            .collect();
        if gates.is_empty() {
            gates.push(Arc::new(Gate::new(None, FIRST_WEIGHT, now)));
        }
        Self { channel, gates, more: AtomicBool::new(false) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.gates.iter().all(|gate| gate.taken.load(Ordering::Relaxed) == 0)
    }

    /// What may be taken now: for one gate that does well, by weight, and a little for each that is tried.
    pub(super) fn opening(&self, now: Timestamp, chance: &dyn Chance) -> Opening {
        let rooms = self.gates.iter().map(|gate| (gate, gate.room(now)));
        let (tried, well): (Vec<_>, Vec<_>) = rooms.partition(|(_, (.., is_tried))| *is_tried);
        let weights: Vec<f64> = well.iter().map(|(gate, _)| gate.care().weight.now()).collect();
        let main = choose(&weights, chance).and_then(|place| well.into_iter().nth(place));
        let (codes, others) = main.as_ref().map_or((0, 0), |(_, (codes, others, _))| (*codes, *others));
        let tried: Vec<_> = tried
            .into_iter()
            .map(|(gate, (free, ..))| (gate.clone(), free))
            .filter(|(_, free)| *free > 0)
            .collect();
        let trials: usize = tried.iter().map(|(_, free)| free).sum();
        let count = |places: usize| i64::try_from(places).unwrap_or(i64::MAX);
        Opening {
            room: Room {
                channel: self.channel,
                codes: count(codes + trials),
                others: count(others + trials),
            },
            main: main.map(|(gate, (codes, ..))| (gate.clone(), codes)),
            tried,
        }
    }

    /// Notes how many were found for an opening.
    pub(super) fn note(&self, opening: &Opening, found: usize) {
        let is_full = i64::try_from(found).is_ok_and(|found| found >= opening.room.others);
        // Where nothing is on its way and nothing was found, gates are shut, and time opens them.
        let is_full = is_full && (found > 0 || !self.is_empty());
        self.more.store(is_full, Ordering::Relaxed);
    }

    /// Whether more waits, and enough have landed to take it together.
    pub(super) fn wants_more(&self) -> bool {
        let has_room = |gate: &Arc<Gate>| gate.taken.load(Ordering::Relaxed) <= gate.places / 2;
        self.more.load(Ordering::Relaxed) && self.gates.iter().any(has_room)
    }
}

impl Opening {
    /// Deals messages out. A gate that is tried gets the least urgent of them, and a code only when no other is left.
    pub(super) fn deal(&self, due: Due) -> Vec<(Arc<Gate>, Vec<i64>)> {
        let Due { mut ids, codes } = due;
        let mut dealt = Vec::new();
        for (gate, free) in &self.tried {
            let spare = if self.main.is_some() { ids.len().saturating_sub(codes) } else { ids.len() };
            dealt.push((gate.clone(), ids.split_off(ids.len() - spare.min(*free))));
        }
        if let Some((gate, free)) = &self.main {
            ids.truncate(*free);
            dealt.push((gate.clone(), ids));
        }
        dealt.retain(|(_, ids)| !ids.is_empty());
        for (gate, ids) in &dealt {
            gate.take(ids.len());
        }
        dealt
    }
}

/// Messages for a gate, as they are leased.
pub(super) fn load((gate, ids): &(Arc<Gate>, Vec<i64>)) -> Load {
    Load { gateway: gate.name(), ids: ids.clone() }
}

/// Places for what was taken, by row.
pub(super) fn places(dealt: &[(Arc<Gate>, Vec<i64>)]) -> std::collections::HashMap<i64, Place> {
    dealt.iter().flat_map(|(gate, ids)| ids.iter().map(|id| (*id, gate.enter()))).collect()
}
