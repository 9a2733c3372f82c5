//! Text messages by Naver Cloud's SENS, SMS API v2: signed requests, short and long messages, and results that are asked for.
//! The source of its rules is the vendor's guide (<https://api.ncloud-docs.com/docs/en/sens-sms-send>).
//!
//! It knows no idempotency key. After a silence it is asked whether it has a message with the same words to the same number.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Builder;
use hyper::{Method, Request};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::answer::{Accepted, List, Refused, Told};
use self::sign::Signer;
use super::carrier::{LMS_LIMIT_BYTES, LMS_SUBJECT_LIMIT_BYTES, SMS_LIMIT_BYTES, length_bytes, sendable};
use super::client::{Client, ClientError};
use super::{Fate, Outcome, Outgoing, Question, TextService, Traffic};

mod answer;
mod sign;

/// The only country whose carriers it reaches for us.
const COUNTRY: &str = "82";

/// How far the gateway's clock may be behind ours, when a message is looked for: the same words may go again a minute later.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(30);

/// How long after it was handed over a message may be listed.
const LISTED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Messages to a number within that time that are looked at more closely.
const LOOKED_AT_MAX: usize = 5;

/// Where and how to hand text messages over.
#[derive(Clone)]
pub struct SensSettings {
    /// What the operator calls the gateway.
    pub name: String,
    /// Scheme, host and perhaps port, without a slash at the end.
    pub url: String,
    /// The service, as the console names it: `ncp:sms:kr:000000000000:name`.
    pub service: String,
    /// The access key of the account.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: String,
    /// The sender: a number that is registered there, digits only.
    pub from: String,
    /// How much it carries, and how long that may take.
    pub traffic: Traffic,
}

impl fmt::Debug for SensSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SensSettings")
            .field("name", &self.name)
            .field("url", &self.url)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

/// The gateway that hands text messages to one service.
pub struct Sens {
    name: Arc<str>,
    client: Client,
    url: String,
    /// The path of the service's messages.
    path: String,
    signer: Signer,
    from: String,
    traffic: Traffic,
}

/// A message as the gateway takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    r#type: &'static str,
    content_type: &'static str,
    country_code: &'static str,
    from: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    content: &'a str,
    messages: [To<'a>; 1],
}

#[derive(Serialize)]
struct To<'a> {
    to: &'a str,
}

impl Sens {
    /// A gateway for `settings`. It connects with the first message.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(settings: SensSettings) -> Result<Self, ClientError> {
        Ok(Self {
            name: settings.name.into(),
            client: Client::new(settings.traffic.time_limit(), None)?,
            url: settings.url,
            path: format!("/sms/v2/services/{}/messages", settings.service),
            signer: Signer::new(settings.access_key, &settings.secret_key),
            from: settings.from,
            traffic: settings.traffic,
        })
    }

    /// A request to a path below the service's messages, signed at this moment.
    fn request(&self, method: Method, below: &str, at: Timestamp) -> Builder {
        let path = format!("{}{below}", self.path);
        let signed = self.signer.headers(method.as_str(), &path, at);
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        signed.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn look_up(&self, question: Question<'_>) -> Fate {
        let found = match (question.gateway_id, question.message) {
            (Some(id), _) => self.by_request(id, question.at).await,
            (None, Some(message)) => self.by_words(message, &question).await,
            (None, None) => Ok(Fate::Unknown),
        };
        found.unwrap_or_else(|fate| fate)
    }

    async fn by_request(&self, id: &str, at: Timestamp) -> Result<Fate, Fate> {
        let list: List = self.get(&format!("?requestId={}", in_address(id)), at).await?;
        Ok(list.messages.first().map_or(Fate::NotThere, |told| told.fate(id)))
    }

    /// Looks for the message among those to its number since then. An empty list is told as 404.
    async fn by_words(&self, message: &Outgoing, question: &Question<'_>) -> Result<Fate, Fate> {
        let Some(to) = domestic(&message.to) else { return Ok(Fate::NotThere) };
        let [from, until] =
            [question.tried_at - CLOCK_SLACK, question.tried_at + LISTED_WITHIN].map(korean_time);
        let query = format!("?requestStartTime={from}&requestEndTime={until}&to={}", in_address(&to));
        let List { messages: found } = self.get(&query, question.at).await?;
        let content = sendable(&message.text);
        let is_whole = found.len() <= LOOKED_AT_MAX;
        for told in found.into_iter().take(LOOKED_AT_MAX) {
            let below = format!("/{}", in_address(&told.message_id));
            // What is listed and can't be looked at may be the one.
            let whole: List = self.get(&below, question.at).await.map_err(|fate| match fate {
                Fate::NotThere => Fate::AskLater,
                fate => fate,
            })?;
            let told: Option<Told> = whole.messages.into_iter().next();
            if let Some(told) = told.filter(|told| told.content.as_deref() == Some(&*content)) {
                let Some(request) = told.request_id.clone() else { return Ok(Fate::Unknown) };
                return Ok(told.fate(&request));
            }
        }
        Ok(if is_whole { Fate::NotThere } else { Fate::Unknown })
    }

    /// What stands there, or what it means that it can't be read.
    async fn get<T: DeserializeOwned>(&self, below: &str, at: Timestamp) -> Result<T, Fate> {
        let request = self.request(Method::GET, below, at).body(Full::default());
        let answered =
            self.client.ask(request.ok().ok_or(Fate::Unknown)?).await.ok().ok_or(Fate::AskLater)?;
        if let Some(fate) = answered.not_told() {
            return Err(fate);
        }
        let body = answered.body.ok_or(Fate::AskLater)?;
        serde_json::from_slice(&body).ok().ok_or(Fate::AskLater)
    }
}

/// The number as it is dialled in Korea; `None` for one elsewhere.
fn domestic(e164: &str) -> Option<String> {
    let rest = e164.strip_prefix('+')?.strip_prefix(COUNTRY)?;
    Some(format!("0{rest}"))
}

/// A moment as the gateway's filters want it. The guide names no time zone; its console shows Korea's.
fn korean_time(at: Timestamp) -> String {
    let there = at.to_zoned(TimeZone::fixed(offset(9)));
    in_address(&there.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Text as it stands in a path or a query.
fn in_address(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
}

impl TextService for Sens {
    fn about(&self) -> (&Arc<str>, Traffic) {
        (&self.name, self.traffic)
    }

    fn deliver<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let content = sendable(&message.text);
            let length = length_bytes(&content);
            let Some(to) = domestic(&message.to) else {
                return Outcome::FailedForGood {
                    why: "the text gateway reaches only numbers of +82".to_owned(),
                };
            };
            if length > LMS_LIMIT_BYTES {
                return Outcome::FailedForGood { why: "the text is too long for the gateway".to_owned() };
            }
            let is_long = length > SMS_LIMIT_BYTES;
            let subject = message.subject.as_deref().map(sendable);
            let subject = subject.filter(|text| is_long && length_bytes(text) <= LMS_SUBJECT_LIMIT_BYTES);
            let body = Body {
                r#type: if is_long { "LMS" } else { "SMS" },
                content_type: "COMM",
                country_code: COUNTRY,
                from: &self.from,
                subject,
                content: &content,
                messages: [To { to: &to }],
            };
            let request = self
                .request(Method::POST, "", message.at)
                .header(CONTENT_TYPE, "application/json; charset=utf-8")
                .body(Full::from(serde_json::to_vec(&body).unwrap_or_default()));
            let Ok(request) = request else {
                return Outcome::FailedForGood { why: "the message can't be put into a request".to_owned() };
            };
            let answered = match self.client.ask(request).await {
                Ok(answered) => answered,
                Err(unanswered) => return unanswered.outcome(),
            };
            let (status, body) = (answered.status, answered.body.as_deref().unwrap_or_default());
            if !status.is_success() {
                let code =
                    Refused::code(body).map(|code| format!(" with its code {code}")).unwrap_or_default();
                let why = format!("the text gateway answered {}{code}", status.as_u16());
                return answered.refusal(why, message.at);
            }
            match Accepted::request_id(body) {
                Some(id) => Outcome::Sent { gateway_id: Some(id) },
                None => {
                    let why = format!(
                        "the text gateway answered {}, but did not name the message",
                        status.as_u16()
                    );
                    Outcome::Uncertain { why }
                }
            }
        })
    }

    fn find_out<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Fate> {
        Box::pin(self.look_up(question))
    }
}
