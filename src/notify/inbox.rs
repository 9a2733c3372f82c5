//! What gateways say by themselves: receipts, and answers that came too late for whoever waited for them.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::Fate;

/// Receipts that wait to be written down; a gateway that brings more waits with them.
const WAITING_MAX: usize = 8_192;

/// Something that a gateway says about a message that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which gateway.
    pub gateway: Arc<str>,
    /// About which message.
    pub about: About,
    /// What became of it.
    pub fate: Fate,
}

/// Which message a receipt is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The outbox row of this number, as it was tried at this moment: it may have been tried again since.
    Row(i64, Timestamp),
    /// The one that the gateway calls so.
    Name(String),
    /// The one that the gateway calls so, or, when we never heard that name, the outbox row as it was tried at this moment.
    Attempt {
        /// The row.
        row: i64,
        /// When it was tried.
        tried_at: Timestamp,
        /// The gateway's name for the message.
        name: String,
    },
}

/// A receipt, and who waits until it is written down.
pub struct Received {
    /// What was said.
    pub receipt: Receipt,
    /// Hears whether it could be written down.
    pub written: oneshot::Sender<bool>,
}

/// Where gateways leave receipts.
#[derive(Debug, Clone)]
pub struct Inbox(mpsc::Sender<Received>);

impl Inbox {
    /// An inbox, and what is read from it.
    pub fn new() -> (Self, mpsc::Receiver<Received>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self(sender), receiver)
    }

    /// Leaves a receipt, and waits until it is written down. Whether it was: if not, the gateway should bring it again.
    pub async fn leave(&self, receipt: Receipt) -> bool {
        let (written, is_written) = oneshot::channel();
        self.0.send(Received { receipt, written }).await.is_ok() && is_written.await.unwrap_or(false)
    }
}
