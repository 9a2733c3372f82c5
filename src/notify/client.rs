//! Requests to gateways that speak HTTP, over connections that are kept open.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::{Fate, Obstacle, Outcome};

/// How long an idle connection is trusted. Many servers close theirs after five seconds, and a message that meets the
/// end of its connection may have arrived or not.
const IDLE_LIMIT: Duration = Duration::from_secs(4);

/// More than any gateway has to say, a list of fifty messages included: an answer that is longer is not read.
const ANSWER_MAX_BYTES: usize = 256 * 1024;

/// Why no requests can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificate to trust.
    #[error("the certificate to trust is not in PEM form")]
    Certificate(#[source] rustls::pki_types::pem::Error),
    /// TLS.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
}

/// Makes requests within a time limit.
pub(super) struct Client {
    inner: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    time_limit: Duration,
}

/// What a gateway answered.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Nothing when it broke off, or was longer than any answer should be.
    pub(super) body: Option<Bytes>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Nothing was sent.
    Unreachable,
    /// The connection ended.
    Broken,
    /// It took too long.
    TooLate,
}

impl Client {
    /// A client that trusts the public certificate authorities, and that of `certificate_pem` too: an organisation may have its
    /// own.
    pub(super) fn new(time_limit: Duration, certificate_pem: Option<&[u8]>) -> Result<Self, ClientError> {
        let tls = tls(certificate_pem)?;
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .build(connector(tls, time_limit));
        Ok(Self { inner, time_limit })
    }

    pub(super) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answered, Unanswered> {
        let exchange = async {
            let response = self.inner.request(request).await?;
            let (head, body) = response.into_parts();
            let whole = Limited::new(body, ANSWER_MAX_BYTES).collect().await.ok();
            let body = whole.map(http_body_util::Collected::to_bytes);
            Ok::<_, legacy::Error>(Answered { status: head.status, headers: head.headers, body })
        };
        match tokio::time::timeout(self.time_limit, exchange).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(error)) if error.is_connect() => Err(Unanswered::Unreachable),
            Ok(Err(_)) => Err(Unanswered::Broken),
            Err(_) => Err(Unanswered::TooLate),
        }
    }
}

/// TLS with whomever the public certificate authorities vouch for, and the authority of `certificate_pem`.
pub(super) fn tls(certificate_pem: Option<&[u8]>) -> Result<ClientConfig, ClientError> {
    let mut authorities = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = certificate_pem {
        authorities.add(CertificateDer::from_pem_slice(pem).map_err(ClientError::Certificate)?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities)
        .with_no_client_auth())
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

impl Unanswered {
    /// What it means for the message in the request.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Unreachable => Outcome::retry(Obstacle::Gateway, "the text gateway can't be reached"),
            Self::Broken => Outcome::Uncertain {
                why: "the connection to the text gateway ended without an answer".to_owned(),
            },
            Self::TooLate => Outcome::Uncertain { why: "the text gateway gave no answer in time".to_owned() },
        }
    }
}

impl Answered {
    /// What an answer that is no success means for the message. A refusal that is about the account is no fault of the message,
    /// which waits until the account is in order.
    pub(super) fn refusal(&self, why: String, at: Timestamp) -> Outcome {
        let later =
            |because| Outcome::RetryLater { why: why.clone(), after_seconds: self.wait_asked(at), because };
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                later(Obstacle::Account)
            }
            StatusCode::TOO_MANY_REQUESTS => later(Obstacle::Rate),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => later(Obstacle::Gateway),
            status if status.is_client_error() => Outcome::FailedForGood { why },
            // Something broke there after it had the message, or between there and here.
            status if status.is_server_error() => Outcome::Uncertain { why },
            _ => later(Obstacle::Gateway),
        }
    }

    /// What an answer that is no success means for a question about a message; `None` when it is one.
    pub(super) fn not_told(&self) -> Option<Fate> {
        match self.status {
            status if status.is_success() => None,
            StatusCode::NOT_FOUND => Some(Fate::NotThere),
            // It does not know how to answer.
            StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                Some(Fate::Unknown)
            }
            _ => Some(Fate::AskLater),
        }
    }

    /// How long the gateway asks to wait: in seconds, or until a moment.
    fn wait_asked(&self, now: Timestamp) -> Option<u32> {
        let asked = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        asked.parse().ok().or_else(|| {
            let until = jiff::fmt::rfc2822::parse(asked).ok()?.timestamp();
            u32::try_from(until.duration_since(now).as_secs()).ok()
        })
    }
}
