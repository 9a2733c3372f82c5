//! What gateways say by themselves: receipts, answers that came too late for whoever waited for them, and what people reply.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::Fate;

/// Receipts and replies that wait to be written down; a gateway that brings more waits with them.
const WAITING_MAX: usize = 8_192;
const REPLIES_MAX: usize = 256;

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

/// A text message that somebody sent to the number that ours come from.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who brought it.
    pub gateway: Arc<str>,
    /// The sender's number, as the gateway writes it.
    pub from: String,
    /// What it says.
    pub text: String,
}

/// Who wrote what stays out of every log.
impl fmt::Debug for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Reply(by {})", self.gateway)
    }
}

/// What a gateway left, and who waits until it is written down.
pub struct Left<T> {
    /// What was said.
    pub what: T,
    /// Hears whether it could be written down.
    pub written: oneshot::Sender<bool>,
}

/// Where gateways leave receipts and replies.
#[derive(Debug, Clone)]
pub struct Inbox {
    receipts: mpsc::Sender<Left<Receipt>>,
    replies: mpsc::Sender<Left<Reply>>,
}

/// What is read from an inbox.
pub struct Mail {
    /// What became of messages.
    pub receipts: mpsc::Receiver<Left<Receipt>>,
    /// What people sent.
    pub replies: mpsc::Receiver<Left<Reply>>,
}

impl Inbox {
    /// An inbox, and what is read from it.
    pub fn new() -> (Self, Mail) {
        let (receipts, receipts_left) = mpsc::channel(WAITING_MAX);
        let (replies, replies_left) = mpsc::channel(REPLIES_MAX);
        (Self { receipts, replies }, Mail { receipts: receipts_left, replies: replies_left })
    }

    /// Leaves a receipt, and waits until it is written down. Whether it was: if not, the gateway should bring it again.
    pub async fn leave(&self, receipt: Receipt) -> bool {
        leave_in(&self.receipts, receipt).await
    }

    /// Leaves what somebody replied, and waits as [`leave`](Self::leave) does until what it asks for is written down.
    pub async fn leave_reply(&self, reply: Reply) -> bool {
        leave_in(&self.replies, reply).await
    }
}

async fn leave_in<T>(box_of: &mpsc::Sender<Left<T>>, what: T) -> bool {
    let (written, is_written) = oneshot::channel();
    box_of.send(Left { what, written }).await.is_ok() && is_written.await.unwrap_or(false)
}
