//! Gateways that carry a rendered message. They know nothing of the database: the notifier gives them one message at a
//! time and writes down how it went.

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::domain::message::{Channel, MessageKind};
use crate::language::Language;

pub mod calendar;
pub mod carrier;
pub mod facts;
pub mod http;
pub mod smtp;
pub mod spool;
pub mod text;

/// A message that is ready to go: everything in it is readable, so it lives only while it is being sent.
#[derive(Clone)]
pub struct Outgoing {
    /// The number of the outbox row; the same message keeps it in every attempt.
    pub id: i64,
    /// The way it takes.
    pub channel: Channel,
    /// A phone number in E.164 form (`+8210...`) or an e-mail address, as the channel asks.
    pub to: String,
    /// What it is about.
    pub kind: MessageKind,
    /// The language it is written in.
    pub language: Language,
    /// The plain text.
    pub text: String,
    /// The subject of an e-mail or of a long text message.
    pub subject: Option<String>,
    /// The same text as a simple HTML page, for e-mail.
    pub html: Option<String>,
    /// Files that go with an e-mail.
    pub attachments: Vec<Attachment>,
    /// When this attempt began.
    pub at: Timestamp,
    /// An earlier attempt may have arrived: whoever reads the records can tell a repeat from a second message.
    pub possible_repeat: bool,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outgoing")
            .field("id", &self.id)
            .field("channel", &self.channel)
            .field("kind", &self.kind)
            .field("at", &self.at)
            .field("possible_repeat", &self.possible_repeat)
            .finish_non_exhaustive()
    }
}

/// A file that goes with an e-mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file name, plain ASCII.
    pub name: String,
    /// The media type with its parameters, for example `text/calendar; charset=utf-8; method=REQUEST`.
    pub media_type: String,
    /// The bytes.
    pub body: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Attachment({}, {} bytes)", self.media_type, self.body.len())
    }
}

/// How an attempt to send went. No `why` ever contains the address or the text, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway has taken the message over.
    Sent {
        /// The gateway's own name for the message, for receipts and for questions.
        gateway_id: Option<String>,
    },
    /// The message did not go out, and trying again makes sense.
    RetryLater {
        /// What happened and what to look at.
        why: String,
        /// How long the gateway asked to wait, in seconds.
        after_seconds: Option<u32>,
    },
    /// The message did not go out, and never will to this address.
    FailedForGood {
        /// What happened.
        why: String,
    },
    /// The message may have gone out or not: repeating it may tell somebody twice.
    Uncertain {
        /// What happened.
        why: String,
    },
}

impl Outcome {
    /// An outcome that asks for another attempt, whenever the notifier's own backoff says.
    fn retry(why: impl Into<String>) -> Self {
        Self::RetryLater { why: why.into(), after_seconds: None }
    }
}

/// Messages that a gateway has on their way at once unless it says otherwise.
pub const USUAL_CONCURRENCY: usize = 32;

/// Something that carries messages. One value serves many attempts at once; the notifier bounds how many.
pub trait Gateway: Send + Sync {
    /// The name in the configuration, in logs and in metrics.
    fn name(&self) -> &'static str;

    /// The channels it can carry; it fails every other message for good.
    fn channels(&self) -> &[Channel];

    /// How many messages it may have on their way at once.
    fn concurrency(&self) -> usize {
        USUAL_CONCURRENCY
    }

    /// Tries once to hand `message` over. It ends within the gateway's own time-out. Dropping the future early is
    /// safe for the gateway, but then nobody knows whether the message went out.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;
}
