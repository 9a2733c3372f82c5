//! Receipts are written down as they come, those that come together in one transaction.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Notifier, NotifierTools, Wake, reconcile};
use crate::domain::ids::OutboxId;
use crate::domain::message_state::Event;
use crate::notify::Fate;
use crate::notify::inbox::{About, Left, Receipt};
use crate::store::outbox::check::Finding;
use crate::store::outbox::receive::{self, Named};
use crate::store::{Failure, Never, Tx};

/// Receipts that are written down together.
const TOGETHER_MAX: usize = 256;

/// When a receipt is tried again whose message is not known yet: it may have overtaken what we write down ourselves.
const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Receipts of unknown messages that wait to be tried again; more are let go.
const UNKNOWN_MAX: usize = 4_096;

/// A receipt as it is written down. Its gateway waits until it is, so that one that waits here is not lost with the process.
#[derive(Clone)]
struct Entry {
    gateway: Arc<str>,
    named: Named,
    finding: Finding,
}

impl Entry {
    /// `None` for what says nothing.
    fn of(receipt: Receipt, tools: &NotifierTools) -> Option<Self> {
        let can_be_asked =
            || tools.gateways.iter().any(|one| *one.name() == receipt.gateway && one.can_be_asked());
        let finding = match receipt.fate {
            Fate::Arrived | Fate::DidNotArrive { .. } => reconcile::known(receipt.fate),
            Fate::Taken { gateway_id } => Finding::Happened {
                event: Event::FoundThere,
                gateway_id: Some(gateway_id),
                why: None,
                next: can_be_asked().then(|| reconcile::first_look(tools.clock.now())),
            },
            Fate::NotThere => Finding::of(Event::NotThere),
            Fate::Unknown | Fate::AskLater => return None,
        };
        let named = match receipt.about {
            About::Row(id, at) => Named::Row(OutboxId(id), at),
            About::Name(name) => Named::ByGateway(name),
            About::Attempt { row, tried_at, name } => Named::Attempt { row: OutboxId(row), tried_at, name },
        };
        Some(Self { gateway: receipt.gateway, named, finding })
    }

    /// Whether a message is due now.
    fn sends_anew(&self) -> bool {
        matches!(self.finding, Finding::Happened { event: Event::NotThere, .. })
    }
}

/// Writes receipts down until no gateway can bring one any more.
pub(super) async fn keep(
    tools: NotifierTools,
    mut received: mpsc::Receiver<Left<Receipt>>,
    notifier: Addr<Notifier>,
) {
    let unknown = Arc::new(Semaphore::new(UNKNOWN_MAX));
    let mut together = Vec::with_capacity(TOGETHER_MAX);
    while received.recv_many(&mut together, TOGETHER_MAX).await > 0 {
        let read = together.drain(..).filter_map(|one| Some((Entry::of(one.what, &tools)?, one.written)));
        let (entries, asking): (Vec<_>, Vec<_>) = read.unzip();
        let found = write(&tools, entries.clone()).await;
        let could_write = found.is_some();
        let found = found.unwrap_or_else(|| vec![false; entries.len()]);
        for ((entry, written), is_known) in entries.into_iter().zip(asking).zip(found) {
            if is_known {
                note(&entry, &notifier);
                tell(written, true);
            } else if !could_write && !matches!(entry.named, Named::Row(..)) {
                tell(written, false);
            } else if let Ok(place) = unknown.clone().try_acquire_owned() {
                let (tools, notifier) = (tools.clone(), notifier.clone());
                actix::spawn(async move {
                    try_again(&tools, entry, &notifier).await;
                    // A name that is still unknown is nobody's, and need not come again.
                    tell(written, true);
                    drop(place);
                });
            } else {
                note_unmatched(&entry);
                tell(written, false);
            }
        }
    }
}

/// Tells the gateway whether a receipt is written down. Whoever went away does not ask.
fn tell(written: oneshot::Sender<bool>, is_written: bool) {
    let _gone = written.send(is_written);
}

/// Whether the message of each is known; `None` when nothing could be written down.
async fn write(tools: &NotifierTools, entries: Vec<Entry>) -> Option<Vec<bool>> {
    if entries.is_empty() {
        return Some(Vec::new());
    }
    let write = move |tx: &mut Tx<'_>| {
        let one = |entry: &Entry| receive::receive(tx, &entry.gateway, &entry.named, &entry.finding);
        entries.iter().map(one).collect::<Result<Vec<bool>, _>>().map_err(Failure::<Never>::Store)
    };
    match tools.ledger.write(0, write).await {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::warn!(?error, "receipts could not be written down; their gateways bring them again");
            None
        }
    }
}

async fn try_again(tools: &NotifierTools, entry: Entry, notifier: &Addr<Notifier>) {
    for wait in AGAIN {
        tokio::time::sleep(wait).await;
        if write(tools, vec![entry.clone()]).await.is_some_and(|found| found == [true]) {
            return note(&entry, notifier);
        }
    }
    note_unmatched(&entry);
}

fn note(entry: &Entry, notifier: &Addr<Notifier>) {
    reconcile::count(&entry.gateway, &entry.finding);
    if entry.sends_anew() {
        // It looks once a second anyway.
        drop(notifier.try_send(Wake));
    }
}

fn note_unmatched(entry: &Entry) {
    metrics::counter!("sunbeon_receipts_unmatched_total", "gateway" => entry.gateway.to_string())
        .increment(1);
}
