//! Parts that panic when a story wants it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::message::Channel;
use sunbeon::engine::EngineSettings;
use sunbeon::notify::{Gateway, Outcome, Outgoing};

use crate::app::MAIN_THREAD;

/// How often the clock still panics on the main thread, where the actors live that belong to no site.
static CLOCK_STUMBLES: AtomicUsize = AtomicUsize::new(0);

/// How often the gateway still panics.
static GATEWAY_STUMBLES: AtomicUsize = AtomicUsize::new(0);

/// Lets the clock panic so many times.
pub fn let_clock_stumble(times: usize) {
    CLOCK_STUMBLES.store(times, Ordering::SeqCst);
}

/// Whether the clock has panicked as often as it was to.
pub fn clock_has_stumbled() -> bool {
    CLOCK_STUMBLES.load(Ordering::SeqCst) == 0
}

/// Lets the gateway panic so many times.
pub fn let_gateway_stumble(times: usize) {
    GATEWAY_STUMBLES.store(times, Ordering::SeqCst);
}

/// Whether the gateway has panicked as often as it was to.
pub fn gateway_has_stumbled() -> bool {
    GATEWAY_STUMBLES.load(Ordering::SeqCst) == 0
}

/// Puts such parts into an engine.
pub fn equip(settings: &mut EngineSettings) {
    settings.clock = Arc::new(StumblingClock(settings.clock.clone()));
    let wrapped = settings.gateways.drain(..).map(|inner| Arc::new(StumblingGateway(inner)) as _);
    settings.gateways = wrapped.collect();
}

fn stumble(left: &AtomicUsize) {
    if left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        panic!("on purpose");
    }
}

struct StumblingClock(Arc<dyn Clock>);

impl Clock for StumblingClock {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some(MAIN_THREAD) {
            stumble(&CLOCK_STUMBLES);
        }
        self.0.now()
    }
}

struct StumblingGateway(Arc<dyn Gateway>);

impl Gateway for StumblingGateway {
    fn name(&self) -> &Arc<str> {
        self.0.name()
    }

    fn channels(&self) -> &[Channel] {
        self.0.channels()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            stumble(&GATEWAY_STUMBLES);
            self.0.send(message).await
        })
    }
}
