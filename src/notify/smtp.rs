//! E-mail by SMTP.
//!
//! The conversation with the server is held command by command and not through lettre's ready-made transport: that one
//! can't say whether a time-out came before or after the letter was handed over, and only the latter is *uncertain*.
//! Dropped midway, it also puts the connection back into its pool, where the next letter reads the answers to this one.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};

use self::conversation::{Conversation, Server, Stage, Trouble, TroubleCause};
use super::{Gateway, Obstacle, Outcome, Outgoing, Traffic};
use crate::domain::message::Channel;

mod conversation;
mod letter;

/// How many idle connections are kept for the next letters.
const IDLE_CONNECTION_LIMIT: usize = 8;

/// How long an idle connection is trusted; servers close theirs after some minutes.
const IDLE_LIMIT: Duration = Duration::from_secs(45);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually on port 465.
    Tls,
    /// Plain at first, then STARTTLS before anything is said, usually on port 587. A server without it gets no mail.
    StartTls,
    /// No protection: only for a server on this machine.
    None,
}

/// Where and how to hand e-mail over.
#[derive(Clone)]
pub struct SmtpSettings {
    /// What the operator calls the gateway.
    pub name: String,
    /// The server's name, which its certificate must carry, or its IP address.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// The user name; without it the server is asked to take mail from anybody here.
    pub username: Option<String>,
    /// The password of the user.
    pub password: Option<String>,
    /// The sender, as `address@example.org` or `Name <address@example.org>`.
    pub from: String,
    /// How much it carries, and how long each step of the conversation may take.
    pub traffic: Traffic,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SmtpSettings")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// The sender's address.
    #[error("`from` is not an e-mail address: write `address@example.org` or `Name <address@example.org>`")]
    From(#[source] lettre::address::AddressError),
    /// The certificate to trust.
    #[error("the certificate to trust is not in PEM form")]
    Certificate(#[source] lettre::transport::smtp::Error),
    /// Everything else TLS asks for.
    #[error("TLS can't be set up for this `host`: write the name that the server's certificate carries")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// One without the other.
    #[error("`username` and `password` go together: write both or none")]
    HalfCredentials,
}

/// The gateway that hands e-mail to one SMTP server over a few connections that it keeps open.
pub struct Smtp {
    name: Arc<str>,
    traffic: Traffic,
    server: Server,
    from: Mailbox,
    idle: Mutex<Vec<IdleConversation>>,
}

struct IdleConversation {
    conversation: Conversation,
    since: Instant,
}

impl Smtp {
    /// A gateway for `settings`, which trusts the public certificate authorities. It connects with the first letter.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        Self::build(settings, None)
    }

    /// The same, and it trusts the authority of `certificate_pem` too: an organisation may have its own.
    ///
    /// # Errors
    /// When the settings or the certificate can't be used.
    pub fn trusting(settings: SmtpSettings, certificate_pem: &[u8]) -> Result<Self, SmtpSettingsError> {
        let certificate = Certificate::from_pem(certificate_pem).map_err(SmtpSettingsError::Certificate)?;
        Self::build(settings, Some(certificate))
    }

    fn build(settings: SmtpSettings, certificate: Option<Certificate>) -> Result<Self, SmtpSettingsError> {
        let from = settings.from.parse().map_err(SmtpSettingsError::From)?;
        let credentials = match (settings.username, settings.password) {
            (Some(username), Some(password)) => Some(Credentials::new(username, password)),
            (None, None) => None,
            _ => return Err(SmtpSettingsError::HalfCredentials),
        };
        let mut tls = TlsParameters::builder(settings.host.clone());
        if let Some(certificate) = certificate {
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build_rustls().map_err(SmtpSettingsError::Tls)?;
        Ok(Self {
            name: settings.name.into(),
            traffic: settings.traffic,
            server: Server {
                host: settings.host,
                port: settings.port,
                security: settings.security,
                tls,
                credentials,
            },
            from,
            idle: Mutex::new(Vec::new()),
        })
    }

    async fn deliver(&self, message: &Outgoing) -> Outcome {
        let letter = match letter::write(message, &self.from) {
            Ok(letter) => letter,
            Err(error) => {
                return Outcome::FailedForGood { why: error.to_string() };
            }
        };
        if let Some(mut conversation) = self.take_idle() {
            match conversation.hand_over(&letter, self.traffic.time_limit()).await {
                // The server may close an idle connection at any time: that says nothing about this letter.
                Err(trouble) if trouble.is_stale_connection() => {}
                result => return self.conclude(conversation, result, &letter),
            }
        }
        match Conversation::begin(&self.server, self.traffic.time_limit()).await {
            Ok(mut conversation) => {
                let result = conversation.hand_over(&letter, self.traffic.time_limit()).await;
                self.conclude(conversation, result, &letter)
            }
            Err(trouble) => outcome_of(trouble),
        }
    }

    /// Keeps the connection if the letter went through on it; after any trouble it is closed, so that no answer is
    /// ever taken for the answer to another letter.
    fn conclude(
        &self,
        conversation: Conversation,
        result: Result<(), Trouble>,
        letter: &letter::Letter,
    ) -> Outcome {
        match result {
            Ok(()) => {
                self.park(conversation);
                Outcome::Sent { gateway_id: Some(letter.message_id.clone()) }
            }
            Err(trouble) => outcome_of(trouble),
        }
    }

    fn take_idle(&self) -> Option<Conversation> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|waiting| waiting.since.elapsed() < IDLE_LIMIT);
        idle.pop().map(|waiting| waiting.conversation)
    }

    fn park(&self, conversation: Conversation) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTION_LIMIT {
            idle.push(IdleConversation { conversation, since: Instant::now() });
        }
    }
}

impl Gateway for Smtp {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Email]
    }

    fn traffic(&self) -> Traffic {
        self.traffic
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if message.channel != Channel::Email {
                return Outcome::FailedForGood { why: "the mail server carries no text messages".to_owned() };
            }
            self.deliver(message).await
        })
    }
}

/// What a trouble means for the message. Until the recipient is named, a refusal is about our settings and not about
/// the message, so it is tried again; once the letter is handed over, silence leaves its fate open.
fn outcome_of(trouble: Trouble) -> Outcome {
    let why = trouble.to_string();
    match (trouble.stage, trouble.cause) {
        (Stage::SignIn, _) => Outcome::retry(Obstacle::Account, why),
        (Stage::Connect | Stage::Sender, _) => Outcome::retry(Obstacle::Gateway, why),
        (_, TroubleCause::Unsupported) => Outcome::FailedForGood { why },
        (_, TroubleCause::Refused { code: 500.., .. }) => Outcome::FailedForGood { why },
        (Stage::Handover, TroubleCause::TimedOut | TroubleCause::Broken) => Outcome::Uncertain { why },
        (_, TroubleCause::Refused { .. }) => Outcome::retry(Obstacle::Message, why),
        _ => Outcome::retry(Obstacle::Gateway, why),
    }
}
