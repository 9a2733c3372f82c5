//! Text messages by HTTP, in the form that Twilio made common: one POST for each message, signed in by name and token.
//!
//! What failed before anything of a message was sent is tried again. What was sent and never answered, or answered with
//! something else than a name for the message, is *uncertain*: the gateway is asked afterwards whether it has the message.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use serde::Serialize;

use self::answer::Answer;
use self::callbacks::Callbacks;
use super::callback::{Callback, Heard};
use super::carrier::{TWILIO_LIMIT_CHARACTERS, sendable};
use super::client::{Answered, Client, ClientError};
use super::inbox::Inbox;
use super::{Fate, Outcome, Outgoing, Question, TextService, Traffic};
use crate::config::Charset;
use crate::domain::message::MessageKind;

mod answer;
mod ask;
mod callbacks;

/// Where and how to hand text messages over.
#[derive(Clone)]
pub struct TwilioSettings {
    /// What the operator calls the gateway.
    pub name: String,
    /// Scheme, host and perhaps port, without a slash at the end.
    pub url: String,
    /// The account at the gateway, which is part of every address.
    pub account: String,
    /// The account's token.
    pub token: String,
    /// The sender: a number that is registered there.
    pub from: String,
    /// In which characters texts arrive.
    pub charset: Charset,
    /// Where the gateway can reach us, without a slash at the end, if it brings anything.
    pub public_url: Option<String>,
    /// Whether it is asked to bring receipts.
    pub brings_receipts: bool,
    /// Whether the replies that it brings are read.
    pub reads_replies: bool,
    /// How much it carries, and how long that may take.
    pub traffic: Traffic,
}

impl fmt::Debug for TwilioSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TwilioSettings")
            .field("name", &self.name)
            .field("url", &self.url)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TwilioSettingsError {
    /// Certificates and TLS.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The address.
    #[error("`url` and `account` make no address")]
    Address(#[source] hyper::http::uri::InvalidUri),
    /// The name and the token.
    #[error("`account` and `token` can't stand in a request")]
    Credentials(#[source] hyper::header::InvalidHeaderValue),
}

/// The gateway that hands text messages to one account over connections that it keeps open.
pub struct Twilio {
    name: Arc<str>,
    client: Client,
    address: Uri,
    credentials: HeaderValue,
    from: String,
    charset: Charset,
    callbacks: Option<Callbacks>,
    brings_receipts: bool,
    reads_replies: bool,
    traffic: Traffic,
}

impl Twilio {
    /// A gateway for `settings`, which trusts the public certificate authorities. It connects with the first message.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(settings: TwilioSettings) -> Result<Self, TwilioSettingsError> {
        Self::build(settings, None)
    }

    /// The same, and it trusts the authority of `certificate_pem` too: an organisation may have its own.
    ///
    /// # Errors
    /// When the settings or the certificate can't be used.
    pub fn trusting(settings: TwilioSettings, certificate_pem: &[u8]) -> Result<Self, TwilioSettingsError> {
        Self::build(settings, Some(certificate_pem))
    }

    fn build(settings: TwilioSettings, certificate: Option<&[u8]>) -> Result<Self, TwilioSettingsError> {
        let address = format!("{}/2010-04-01/Accounts/{}/Messages.json", settings.url, settings.account);
        let credentials = BASE64.encode(format!("{}:{}", settings.account, settings.token).as_bytes());
        let mut credentials = HeaderValue::try_from(format!("Basic {credentials}"))
            .map_err(TwilioSettingsError::Credentials)?;
        credentials.set_sensitive(true);
        Ok(Self {
            name: settings.name.into(),
            client: Client::new(settings.traffic.time_limit(), certificate)?,
            address: address.parse().map_err(TwilioSettingsError::Address)?,
            credentials,
            from: settings.from,
            charset: settings.charset,
            callbacks: settings.public_url.map(|url| Callbacks::new(url, &settings.token)),
            brings_receipts: settings.brings_receipts,
            reads_replies: settings.reads_replies,
            traffic: settings.traffic,
        })
    }

    /// The text as the gateway gets it.
    fn as_it_goes<'a>(&self, message: &'a Outgoing) -> Cow<'a, str> {
        match self.charset {
            Charset::KsX1001 => Cow::Owned(sendable(&message.text)),
            Charset::Unicode => Cow::Borrowed(&*message.text),
        }
    }
}

impl TextService for Twilio {
    fn about(&self) -> (&Arc<str>, Traffic) {
        (&self.name, self.traffic)
    }

    fn deliver<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let text = self.as_it_goes(message);
            // Such a gateway refuses a longer text, or cuts it.
            if text.chars().count() > TWILIO_LIMIT_CHARACTERS {
                return Outcome::FailedForGood { why: "the text is too long for the gateway".to_owned() };
            }
            // What became of a test, whoever tries the gateway sees on their own phone.
            let wants_receipt = self.brings_receipts && message.kind != MessageKind::Test;
            let callback = self.callbacks.as_ref().filter(|_| wants_receipt);
            let callback = callback.map(|ours| ours.address(&self.name, message.id, message.at));
            let form = Form { to: &message.to, from: &self.from, body: &text, callback };
            let request = serde_html_form::to_string(form).ok().and_then(|form| {
                Request::post(&self.address)
                    .header(AUTHORIZATION, &self.credentials)
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    // A gateway that knows the header sends a repeated message once.
                    .header("Idempotency-Key", format!("\"sunbeon-{}\"", message.id))
                    .body(Full::from(form))
                    .ok()
            });
            let Some(request) = request else {
                return Outcome::FailedForGood { why: "the message can't be put into a request".to_owned() };
            };
            match self.client.ask(request).await {
                Ok(answered) => judge(&answered, message),
                Err(unanswered) => unanswered.outcome(),
            }
        })
    }

    fn find_out<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Fate> {
        Box::pin(self.look_up(question))
    }

    fn start(&self, inbox: Inbox) {
        if let Some(callbacks) = &self.callbacks {
            callbacks.start(inbox);
        }
    }

    fn reads_replies(&self) -> bool {
        self.reads_replies && self.callbacks.is_some()
    }

    fn hear<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Heard> {
        Box::pin(self.read_callback(callback))
    }
}

/// A message as the gateway wants it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Form<'a> {
    to: &'a str,
    from: &'a str,
    body: &'a str,
    #[serde(rename = "StatusCallback", skip_serializing_if = "Option::is_none")]
    callback: Option<String>,
}

/// What the gateway's word for the state of a message means.
fn fate(status: &str, error_code: Option<i64>, sid: &str) -> Fate {
    match status {
        "delivered" | "read" => Fate::Arrived,
        "undelivered" | "failed" | "canceled" => {
            let code = error_code.map(|code| format!(" with its code {code}")).unwrap_or_default();
            Fate::DidNotArrive { why: format!("the text gateway could not deliver it{code}") }
        }
        _ => Fate::Taken { gateway_id: sid.to_owned() },
    }
}

/// What an answer means for the message.
fn judge(answered: &Answered, message: &Outgoing) -> Outcome {
    let answer = answered.body.as_deref().and_then(Answer::of);
    let status = answered.status.as_u16();
    let why = match answer.as_ref().and_then(Answer::code) {
        Some(code) => format!("the text gateway answered {status} with its code {code}"),
        None => format!("the text gateway answered {status}"),
    };
    if !answered.status.is_success() {
        return answered.refusal(why, message.at);
    }
    match answer.as_ref().and_then(Answer::sid) {
        Some(_) if answer.as_ref().is_some_and(Answer::is_failure) => Outcome::FailedForGood { why },
        Some(sid) => Outcome::Sent { gateway_id: Some(sid.to_owned()) },
        None => Outcome::Uncertain { why: format!("{why}, but did not name the message") },
    }
}
