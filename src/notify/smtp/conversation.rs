//! One connection to a mail server, held step by step so that a trouble can say where it struck.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::SmtpSecurity;
use super::letter::Letter;

/// The server to talk to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: SmtpSecurity,
    pub(super) tls: TlsParameters,
    pub(super) credentials: Option<Credentials>,
}

/// Where in the conversation something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, TLS and greeting.
    Connect,
    /// User name and password.
    SignIn,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before anything of the letter is sent.
    Content,
    /// The letter itself, up to the server's word that it has it.
    Handover,
}

/// What happened there. The server's own words are left out, because they often repeat the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TroubleCause {
    TimedOut,
    /// The connection failed or the answer was not SMTP.
    Broken,
    /// The letter needs an extension that the server lacks.
    Unsupported,
    Refused {
        code: u16,
        enhanced: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) stage: Stage,
    pub(super) cause: TroubleCause,
}

impl Trouble {
    /// Whether a kept connection turned out to be dead before the server heard of the letter.
    pub(super) fn is_stale_connection(&self) -> bool {
        self.stage == Stage::Sender
            && matches!(self.cause, TroubleCause::Broken | TroubleCause::Refused { code: 421, .. })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.stage {
            Stage::Connect => "connecting",
            Stage::SignIn => "signing in",
            Stage::Sender => "naming the sender",
            Stage::Recipient => "naming the recipient",
            Stage::Content => "announcing the letter",
            Stage::Handover => "handing the letter over",
        };
        match &self.cause {
            TroubleCause::TimedOut => write!(out, "the mail server gave no answer in time while {step}"),
            TroubleCause::Broken => write!(out, "the connection to the mail server failed while {step}"),
            TroubleCause::Unsupported => write!(out, "the mail server takes plain ASCII addresses only"),
            TroubleCause::Refused { code, enhanced: None } => {
                write!(out, "the mail server answered {code} while {step}")
            }
            TroubleCause::Refused { code, enhanced: Some(enhanced) } => {
                write!(out, "the mail server answered {code} {enhanced} while {step}")
            }
        }
    }
}

/// An open connection, ready for the next letter.
pub(super) struct Conversation {
    connection: AsyncSmtpConnection,
}

impl Conversation {
    /// Connects, protects the connection and signs in.
    pub(super) async fn begin(server: &Server, step_limit: Duration) -> Result<Self, Trouble> {
        let me = ClientId::default();
        let implicit = (server.security == SmtpSecurity::Tls).then(|| server.tls.clone());
        let address = (server.host.as_str(), server.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(address, Some(step_limit), &me, implicit, None);
        let mut connection = within(step_limit, Stage::Connect, connecting).await?;
        if server.security == SmtpSecurity::StartTls {
            within(step_limit, Stage::Connect, connection.starttls(server.tls.clone(), &me)).await?;
        }
        if let Some(credentials) = &server.credentials {
            within(step_limit, Stage::SignIn, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(Self { connection })
    }

    /// Hands `letter` over. After any trouble the connection must not be used again.
    pub(super) async fn hand_over(&mut self, letter: &Letter, step_limit: Duration) -> Result<(), Trouble> {
        let parameters = self.parameters_for(letter)?;
        let connection = &mut self.connection;
        let sender = Mail::new(letter.envelope.from().cloned(), parameters);
        within(step_limit, Stage::Sender, connection.command(sender)).await?;
        for recipient in letter.envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), Vec::new());
            within(step_limit, Stage::Recipient, connection.command(recipient)).await?;
        }
        let go_ahead = within(step_limit, Stage::Content, connection.command(Data)).await?;
        if !go_ahead.has_code(354) {
            return Err(Trouble { stage: Stage::Content, cause: TroubleCause::Broken });
        }
        let taken: Response = within(step_limit, Stage::Handover, connection.message(&letter.bytes)).await?;
        if !taken.has_code(250) {
            return Err(Trouble { stage: Stage::Handover, cause: TroubleCause::Broken });
        }
        Ok(())
    }

    fn parameters_for(&self, letter: &Letter) -> Result<Vec<MailParameter>, Trouble> {
        let offers = self.connection.server_info();
        let mut parameters = Vec::new();
        if letter.has_foreign_address() {
            if !offers.supports_feature(Extension::SmtpUtfEight) {
                return Err(Trouble { stage: Stage::Recipient, cause: TroubleCause::Unsupported });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !letter.bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }
}

/// Waits for one step, at most `limit`.
async fn within<T>(
    limit: Duration,
    stage: Stage,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Trouble> {
    let cause = match tokio::time::timeout(limit, step).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => cause_of(&error),
        Err(_) => TroubleCause::TimedOut,
    };
    Err(Trouble { stage, cause })
}

fn cause_of(error: &Error) -> TroubleCause {
    match error.status() {
        Some(code) => TroubleCause::Refused { code: code.into(), enhanced: enhanced_code(error) },
        None if error.is_timeout() => TroubleCause::TimedOut,
        None => TroubleCause::Broken,
    }
}

/// The enhanced status code of RFC 3463 (`5.1.1`), when the answer begins with one.
fn enhanced_code(error: &Error) -> Option<String> {
    let answer = std::error::Error::source(error)?.to_string();
    let first = answer.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let digits =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits)).then(|| first.to_owned())
}
