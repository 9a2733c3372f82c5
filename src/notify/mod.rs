//! Gateways that carry a rendered message. They know nothing of the database: the notifier gives them one message at a
//! time and writes down how it went.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use self::callback::{Callback, Heard};
use self::inbox::Inbox;
use crate::domain::gateway::figures::Prices;
use crate::domain::message::{Channel, MessageKind};
use crate::language::Language;

pub mod calendar;
pub mod callback;
pub mod carrier;
mod client;
pub mod facts;
mod gsm;
pub mod inbox;
pub mod sens;
pub mod smpp;
pub mod smtp;
pub mod spool;
pub mod text;
pub mod twilio;

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
        /// What stands in its way.
        because: Obstacle,
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

/// What stands in the way of a message for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Something about this message or its recipient. Others may pass.
    Message,
    /// The gateway can't be reached, or fails.
    Gateway,
    /// The gateway gets more than it wants.
    Rate,
    /// Our account there: nothing passes before somebody puts it in order.
    Account,
}

impl Outcome {
    /// An outcome that asks for another attempt, whenever the notifier's own backoff says.
    fn retry(because: Obstacle, why: impl Into<String>) -> Self {
        Self::RetryLater { why: why.into(), after_seconds: None, because }
    }
}

/// What is asked about a message that was handed over, or may have been.
#[derive(Debug)]
pub struct Question<'a> {
    /// What the gateway called it; `None` when it did not say.
    pub gateway_id: Option<&'a str>,
    /// The message as it was written, when that is needed to find it.
    pub message: Option<&'a Outgoing>,
    /// When it was handed over.
    pub tried_at: Timestamp,
    /// What time it is.
    pub at: Timestamp,
}

/// What a gateway says about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It can't say.
    Unknown,
    /// It could not be asked now.
    AskLater,
    /// It has the message, under this name.
    Taken {
        /// Its own name for the message.
        gateway_id: String,
    },
    /// The message has arrived.
    Arrived,
    /// The message did not arrive, and won't.
    DidNotArrive {
        /// Why, without personal data.
        why: String,
    },
    /// It never had the message.
    NotThere,
}

/// How much a gateway carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// How long a message may take, or each step of handing it over, in seconds.
    pub timeout_seconds: u32,
    /// Messages on their way at once.
    pub concurrency: u32,
    /// The most messages a second.
    pub rate: Option<u32>,
    /// Its share among several that carry the same; 0 for one that only takes over when those before it can't carry, `None` when
    /// its place in the list decides.
    pub weight: Option<u32>,
    /// What it asks for a message.
    pub prices: Prices,
}

impl Traffic {
    fn time_limit(self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_seconds.max(1)))
    }

    /// Messages on their way at once.
    pub fn places(self) -> usize {
        usize::try_from(self.concurrency).unwrap_or(usize::MAX)
    }
}

impl Default for Traffic {
    fn default() -> Self {
        Self { timeout_seconds: 10, concurrency: 32, rate: None, weight: None, prices: Prices::default() }
    }
}

/// Something that carries messages. One value serves many attempts at once; the notifier bounds how many.
pub trait Gateway: Send + Sync {
    /// The name in the configuration, in logs, in metrics and in the row of each message.
    fn name(&self) -> &Arc<str>;

    /// The channels it can carry; it fails every other message for good.
    fn channels(&self) -> &[Channel];

    /// How much it carries.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }

    /// What it asks for carrying a message, in thousandths of the operator's currency.
    fn cost(&self, message: &Outgoing) -> u64 {
        let Prices { short, long } = self.traffic().prices;
        let is_long = message.channel == Channel::Sms
            && carrier::length_bytes(&message.text) > carrier::SMS_LIMIT_BYTES;
        u64::from(if is_long { long } else { short })
    }

    /// Begins to work, where it has to before the first message: it opens connections that it keeps, and leaves in the inbox
    /// what it hears by itself. Called once, in a runtime.
    fn start(&self, _inbox: Inbox) {}

    /// Ends the connections that it keeps, in a moment or two. Nothing is sent any more.
    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Whether it can be asked what became of a message.
    fn can_be_asked(&self) -> bool {
        false
    }

    /// Asks what became of a message.
    fn ask<'a>(&'a self, _question: Question<'a>) -> BoxFuture<'a, Fate> {
        Box::pin(std::future::ready(Fate::Unknown))
    }

    /// Hears what somebody brings who says that they are this gateway.
    fn hear<'a>(&'a self, _callback: Callback<'a>) -> BoxFuture<'a, Heard> {
        Box::pin(std::future::ready(Heard::Refused))
    }

    /// Whether people can answer its messages, and are heard.
    fn reads_replies(&self) -> bool {
        false
    }

    /// Tries once to hand `message` over. It ends within the gateway's own time-out. Dropping the future early is
    /// safe for the gateway, but then nobody knows whether the message went out.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;
}

/// A service for text messages that can be asked what became of them. Whatever is one is a [`Gateway`].
pub trait TextService: Send + Sync {
    /// What the operator calls it, and how much it carries.
    fn about(&self) -> (&Arc<str>, Traffic);

    /// Tries once to hand a text message over.
    fn deliver<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;

    /// Asks what became of a text message.
    fn find_out<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Fate>;

    /// As [`Gateway::start`].
    fn start(&self, _inbox: Inbox) {}

    /// As [`Gateway::hear`].
    fn hear<'a>(&'a self, _callback: Callback<'a>) -> BoxFuture<'a, Heard> {
        Box::pin(std::future::ready(Heard::Refused))
    }

    /// As [`Gateway::reads_replies`].
    fn reads_replies(&self) -> bool {
        false
    }
}

impl<T: TextService> Gateway for T {
    fn name(&self) -> &Arc<str> {
        self.about().0
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Sms]
    }

    fn traffic(&self) -> Traffic {
        self.about().1
    }

    fn start(&self, inbox: Inbox) {
        TextService::start(self, inbox);
    }

    fn hear<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Heard> {
        TextService::hear(self, callback)
    }

    fn reads_replies(&self) -> bool {
        TextService::reads_replies(self)
    }

    fn can_be_asked(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Fate> {
        self.find_out(question)
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        if message.channel == Channel::Sms {
            return self.deliver(message);
        }
        let why = "the text gateway carries no e-mail".to_owned();
        Box::pin(std::future::ready(Outcome::FailedForGood { why }))
    }
}
