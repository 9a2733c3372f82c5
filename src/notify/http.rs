//! Text messages by HTTP, in the form that Twilio made common: one POST for each message, signed in by name and token.
//!
//! What failed before anything of a message was sent is tried again. What was sent and never answered, or answered with
//! something else than a name for the message, is *uncertain*.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use self::answer::Answer;
use super::carrier::HTTP_LIMIT_CHARACTERS;
use super::{Gateway, Outcome, Outgoing};
use crate::domain::message::Channel;

mod answer;

/// How long an idle connection is trusted. Many servers close theirs after five seconds, and a message that meets the
/// end of its connection may have arrived or not.
const IDLE_LIMIT: Duration = Duration::from_secs(4);

/// Where and how to hand text messages over.
#[derive(Clone)]
pub struct HttpSettings {
    /// Scheme, host and perhaps port, without a slash at the end.
    pub url: String,
    /// The account at the gateway, which is part of every address.
    pub account: String,
    /// The account's token.
    pub token: String,
    /// The sender: a number that is registered there.
    pub from: String,
    /// How long a message may take, in seconds.
    pub timeout_seconds: u32,
    /// Messages on their way at once.
    pub concurrency: u32,
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("HttpSettings")
            .field("url", &self.url)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpSettingsError {
    /// The certificate to trust.
    #[error("the certificate to trust is not in PEM form")]
    Certificate(#[source] rustls::pki_types::pem::Error),
    /// TLS.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    /// The address.
    #[error("`url` and `account` make no address")]
    Address(#[source] hyper::http::uri::InvalidUri),
    /// The name and the token.
    #[error("`account` and `token` can't stand in a request")]
    Credentials(#[source] hyper::header::InvalidHeaderValue),
}

/// The gateway that hands text messages to one account over connections that it keeps open.
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    address: Uri,
    credentials: HeaderValue,
    from: String,
    time_limit: Duration,
    concurrency: usize,
}

impl Http {
    /// A gateway for `settings`, which trusts the public certificate authorities. It connects with the first message.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpSettingsError> {
        Self::build(settings, None)
    }

    /// The same, and it trusts the authority of `certificate_pem` too: an organisation may have its own.
    ///
    /// # Errors
    /// When the settings or the certificate can't be used.
    pub fn trusting(settings: HttpSettings, certificate_pem: &[u8]) -> Result<Self, HttpSettingsError> {
        let certificate =
            CertificateDer::from_pem_slice(certificate_pem).map_err(HttpSettingsError::Certificate)?;
        Self::build(settings, Some(certificate))
    }

    fn build(
        settings: HttpSettings,
        certificate: Option<CertificateDer<'static>>,
    ) -> Result<Self, HttpSettingsError> {
        let mut authorities = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(certificate) = certificate {
            authorities.add(certificate)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(authorities)
            .with_no_client_auth();
        let time_limit = Duration::from_secs(u64::from(settings.timeout_seconds.max(1)));
        let address = format!("{}/2010-04-01/Accounts/{}/Messages.json", settings.url, settings.account);
        let credentials = BASE64.encode(format!("{}:{}", settings.account, settings.token).as_bytes());
        let mut credentials =
            HeaderValue::try_from(format!("Basic {credentials}")).map_err(HttpSettingsError::Credentials)?;
        credentials.set_sensitive(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_LIMIT)
                .build(connector(tls, time_limit)),
            address: address.parse().map_err(HttpSettingsError::Address)?,
            credentials,
            from: settings.from,
            time_limit,
            concurrency: usize::try_from(settings.concurrency).unwrap_or(usize::MAX),
        })
    }

    async fn deliver(&self, message: &Outgoing) -> Outcome {
        let form = [("To", &message.to), ("From", &self.from), ("Body", &message.text)];
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
        let exchange = async {
            let response = self.client.request(request).await?;
            Ok::<_, hyper_util::client::legacy::Error>(judge(response, message).await)
        };
        match tokio::time::timeout(self.time_limit, exchange).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) if error.is_connect() => Outcome::retry("the text gateway can't be reached"),
            Ok(Err(_)) => Outcome::Uncertain {
                why: "the connection to the text gateway ended without an answer".to_owned(),
            },
            Err(_) => Outcome::Uncertain { why: "the text gateway gave no answer in time".to_owned() },
        }
    }
}

/// Opens connections: plain ones to this machine, where the configuration says so, all others with TLS.
fn connector(tls: ClientConfig, time_limit: Duration) -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // Less than the whole, so that a gateway that can't be reached is not taken for one that is silent.
    tcp.set_connect_timeout(Some(time_limit * 3 / 4));
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp)
}

impl Gateway for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Sms]
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if message.channel != Channel::Sms {
                return Outcome::FailedForGood { why: "the text gateway carries no e-mail".to_owned() };
            }
            // Such a gateway refuses a longer text, or cuts it.
            if message.text.chars().count() > HTTP_LIMIT_CHARACTERS {
                return Outcome::FailedForGood { why: "the text is too long for the gateway".to_owned() };
            }
            self.deliver(message).await
        })
    }
}

/// What an answer means for the message. A refusal that is about the account is no fault of the message, which waits until
/// the account is in order.
async fn judge(response: Response<Incoming>, message: &Outgoing) -> Outcome {
    let (status, after_seconds) = (response.status(), wait_asked(response.headers(), message));
    let answer = Answer::read(response.into_body()).await;
    let why = || match answer.as_ref().and_then(Answer::code) {
        Some(code) => format!("the text gateway answered {} with its code {code}", status.as_u16()),
        None => format!("the text gateway answered {}", status.as_u16()),
    };
    match status {
        _ if status.is_success() => match answer.as_ref().and_then(Answer::sid) {
            Some(_) if answer.as_ref().is_some_and(Answer::is_failure) => {
                Outcome::FailedForGood { why: why() }
            }
            Some(sid) => Outcome::Sent { gateway_id: Some(sid.to_owned()) },
            None => Outcome::Uncertain { why: format!("{}, but did not name the message", why()) },
        },
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS => Outcome::RetryLater { why: why(), after_seconds },
        _ if status.is_client_error() => Outcome::FailedForGood { why: why() },
        _ => Outcome::RetryLater { why: why(), after_seconds },
    }
}

/// How long the gateway asks to wait: in seconds, or until a moment.
fn wait_asked(headers: &HeaderMap, message: &Outgoing) -> Option<u32> {
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    asked.parse().ok().or_else(|| {
        let until = jiff::fmt::rfc2822::parse(asked).ok()?.timestamp();
        u32::try_from(until.duration_since(message.at).as_secs()).ok()
    })
}
