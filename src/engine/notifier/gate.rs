//! The gate before a gateway: how many messages it may have on its way now.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::clock::Chance;
use crate::domain::gateway::breaker::{Breaker, Health};
use crate::domain::gateway::bucket::Bucket;
use crate::domain::gateway::figures::GatewayFigures;
use crate::domain::gateway::weight::Weight;
use crate::notify::{Gateway, Obstacle, Outcome};

/// Messages that are taken at once: their letters are written one after the other.
const BATCH_MAX: usize = 64;

/// One in so many places is kept for codes, so that a code never waits behind a flood of reminders.
const CODES_SHARE: usize = 4;

/// A gateway, and how it does with messages of one channel.
pub(super) struct Gate {
    /// `None` where nobody carries them: then messages are taken only to write that down.
    pub(super) gateway: Option<Arc<dyn Gateway>>,
    pub(super) places: usize,
    taken: AtomicUsize,
    /// The authority has paused it.
    paused: AtomicBool,
    outcomes: Outcomes,
    care: Mutex<Care>,
}

/// How many attempts ended how since the process started, and what they cost.
#[derive(Default)]
struct Outcomes {
    sent: AtomicU64,
    refused: AtomicU64,
    later: AtomicU64,
    uncertain: AtomicU64,
    cost: AtomicU64,
}

impl Outcomes {
    fn count(&self, outcome: &Outcome) {
        let which = match outcome {
            Outcome::Sent { .. } => &self.sent,
            Outcome::FailedForGood { .. } => &self.refused,
            Outcome::RetryLater { .. } => &self.later,
            Outcome::Uncertain { .. } => &self.uncertain,
        };
        which.fetch_add(1, Ordering::Relaxed);
    }

    fn figures(&self) -> GatewayFigures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        GatewayFigures {
            sent: read(&self.sent),
            refused: read(&self.refused),
            later: read(&self.later),
            uncertain: read(&self.uncertain),
            cost: read(&self.cost),
        }
    }
}

/// How a gateway does, for those who look after it.
#[derive(Debug, Clone)]
pub struct GatewayLook {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it is left alone for a while after trouble.
    pub is_open: bool,
    /// Messages on their way.
    pub on_their_way: usize,
    /// Since the process started.
    pub figures: GatewayFigures,
}

impl GatewayLook {
    pub(super) fn add(&mut self, other: &Self) {
        self.is_open |= other.is_open;
        self.on_their_way += other.on_their_way;
        self.figures += other.figures;
    }
}

struct Care {
    breaker: Breaker,
    bucket: Bucket,
    weight: Weight,
}

impl Gate {
    pub(super) fn new(gateway: Option<Arc<dyn Gateway>>, usual_weight: u32, now: Timestamp) -> Self {
        let traffic = gateway.as_ref().map(|one| one.traffic()).unwrap_or_default();
        let care = Care {
            breaker: Breaker::default(),
            bucket: Bucket::new(traffic.rate, now),
            weight: Weight::new(traffic.weight.unwrap_or(usual_weight), now),
        };
        Self {
            gateway,
            places: traffic.places().max(1),
            taken: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            outcomes: Outcomes::default(),
            care: Mutex::new(care),
        }
    }

    fn care(&self) -> MutexGuard<'_, Care> {
        self.care.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pauses it, or lets it go on. Whether that changes anything.
    pub(super) fn pause(&self, is_paused: bool) -> bool {
        self.paused.swap(is_paused, Ordering::Relaxed) != is_paused
    }

    /// Messages on their way.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether messages are dealt to it when it has room.
    pub(super) fn is_chosen(&self) -> bool {
        let care = self.care();
        self.is_well(&care) && care.weight.now() > 0.0
    }

    /// Whether messages may go there though it has no weight.
    pub(super) fn may_stand_in(&self) -> bool {
        self.is_well(&self.care())
    }

    fn is_well(&self, care: &Care) -> bool {
        !self.paused.load(Ordering::Relaxed) && care.breaker.is_closed()
    }

    /// How its gateway does.
    pub(super) fn look(&self) -> Option<GatewayLook> {
        Some(GatewayLook {
            name: self.name()?,
            is_open: self.care().breaker.is_open(),
            on_their_way: self.taken(),
            figures: self.outcomes.figures(),
        })
    }

    /// The gateway's name.
    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.gateway.as_ref().map(|one| one.name().clone())
    }

    /// Takes a place until the value is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Place {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }

    /// How many messages may leave now, and whether it is being tried after trouble.
    pub(super) fn room(&self, now: Timestamp) -> Room {
        if self.paused.load(Ordering::Relaxed) {
            return Room::default();
        }
        let mut care = self.care();
        let (allowed, tokens) = (care.breaker.places(now), care.bucket.look(now));
        let taken = self.taken.load(Ordering::Relaxed);
        let is_tried = allowed < self.places;
        let free = allowed.min(self.places).saturating_sub(taken).min(BATCH_MAX);
        let reserve = if is_tried { 0 } else { self.places / CODES_SHARE };
        let others = self.places.saturating_sub(taken).saturating_sub(reserve).min(free);
        Room {
            codes: free.min(tokens.codes),
            others: others.min(tokens.others),
            weight: if is_tried { None } else { Some(care.weight.now()) },
            lost: care.weight.lost(),
            is_untried: care.breaker.is_untried(now),
            wait: care.bucket.wait(),
        }
    }

    pub(super) fn take(&self, messages: usize) {
        self.care().bucket.take(messages);
    }

    /// Notes what a message cost that was taken.
    pub(super) fn charge(&self, cost: u64) {
        self.outcomes.cost.fetch_add(cost, Ordering::Relaxed);
        if let Some(name) = self.name() {
            metrics::counter!("sunbeon_message_cost_thousandths_total", "gateway" => name.to_string())
                .increment(cost);
        }
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
        let asked_to_rest = match outcome {
            Outcome::RetryLater { after_seconds, .. } => *after_seconds,
            _ => None,
        };
        self.outcomes.count(outcome);
        let was_open = care.breaker.is_open();
        care.breaker.note(now, health, chance);
        if let Some(seconds) = asked_to_rest {
            care.breaker.rest(now, seconds);
        }
        care.weight.note(now, took.as_secs_f64(), health != Health::Well);
        let (is_open, weight) = (care.breaker.is_open(), care.weight.now());
        drop(care);
        let Some(name) = self.name() else { return };
        metrics::gauge!("sunbeon_gateway_open", "gateway" => name.to_string())
            .set(f64::from(u8::from(is_open)));
        metrics::gauge!("sunbeon_gateway_weight", "gateway" => name.to_string()).set(weight);
        if is_open && !was_open {
            let why = why(outcome);
            tracing::warn!(gateway = &*name, why, "a gateway is in trouble and left alone for a while");
        }
    }
}

/// What happened; nothing of it is personal.
fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Sent { .. } => "",
        Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why } | Outcome::Uncertain { why } => why,
    }
}

/// One place at a gate.
pub(super) struct Place(pub(super) Arc<Gate>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many messages a gate lets through now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    /// When they are codes.
    pub(super) codes: usize,
    /// When there are others among them.
    pub(super) others: usize,
    /// Its share of messages; `None` while it is left alone or tried after trouble.
    pub(super) weight: Option<f64>,
    /// What it has lost of its share.
    pub(super) lost: f64,
    /// Nobody has gone there for a while though it might be tried.
    pub(super) is_untried: bool,
    /// How long it is until its rate lets another one through.
    pub(super) wait: Option<Duration>,
}
