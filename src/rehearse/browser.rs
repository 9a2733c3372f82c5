//! A browser while its owner books: it keeps cookies, follows redirects and sends forms.

use std::rc::Rc;
use std::time::Instant;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Builder;
use hyper::{Method, Request, StatusCode};

use super::evening::Evening;
use super::lines::{Answer, NoAnswer};
use super::page::{Filled, Form, Page};
use super::people::network;
use super::tally::{Event, Kind};

/// Redirects that a browser follows.
const REDIRECTS_MAX: usize = 20;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A browser with its cookies.
pub struct Browser {
    evening: Rc<Evening>,
    /// Which device it runs on.
    device: u32,
    cookies: Vec<(String, String)>,
    /// As what its requests are counted, instead of by their addresses.
    counts_as: Option<Kind>,
    /// A header that it sends beside its own.
    says: Option<(&'static str, &'static str)>,
}

/// What a browser shows.
#[derive(Debug)]
pub struct View {
    /// Its address.
    pub path: String,
    /// How the server answered.
    pub status: StatusCode,
    /// What can be done on it.
    pub page: Rc<Page>,
    /// What a browser asks with whether it is still the same.
    pub tag: Option<HeaderValue>,
    /// After how many seconds it is to be tried again.
    pub retry_after: Option<u64>,
}

/// The headers that a device sends with each request, through the proxy in front.
pub fn asked_by(evening: &Evening, device: u32, method: Method, path: &str) -> Builder {
    let language = if evening.population.reads_english(device) { "en" } else { "ko-KR,ko;q=0.9" };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, evening.host.clone())
        .header(header::USER_AGENT, HeaderValue::from_static("Mozilla/5.0 (sunbeon rehearse)"))
        .header(header::ACCEPT, HeaderValue::from_static("text/html"))
        .header(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language))
        .header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate, br"))
        .header(FETCH_SITE, HeaderValue::from_static("same-origin"))
        .header(FORWARDED_PROTO, HeaderValue::from_static("https"));
    if let Ok(address) = HeaderValue::try_from(network(device).to_string()) {
        request = request.header(FORWARDED_FOR, address);
    }
    request
}

impl Browser {
    /// A browser that has been nowhere.
    pub fn new(evening: Rc<Evening>, device: u32) -> Self {
        Self { evening, device, cookies: Vec::new(), counts_as: None, says: None }
    }

    /// A browser whose requests are no part of anybody's evening.
    pub fn of_attacker(evening: Rc<Evening>, device: u32) -> Self {
        Self { counts_as: Some(Kind::Attack), ..Self::new(evening, device) }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// [`NoAnswer`] when there was none.
    pub async fn open(&mut self, path: &str, due: Instant) -> Result<View, NoAnswer> {
        let answer = self.ask(Method::GET, path, None, due).await?;
        self.follow(path.to_owned(), answer).await
    }

    /// Sends a form of the page that is shown.
    ///
    /// # Errors
    /// [`NoAnswer`] when there was none.
    pub async fn send(&mut self, form: &Form, filled: &Filled, due: Instant) -> Result<View, NoAnswer> {
        if !form.is_post {
            return self.open(&format!("{}?{}", form.action, filled.encoded()), due).await;
        }
        let answer = self.ask(Method::POST, &form.action, Some(filled.encoded()), due).await?;
        self.follow(form.action.clone(), answer).await
    }

    /// The answer to one request, wherever it leads.
    ///
    /// # Errors
    /// [`NoAnswer`] when there was none.
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<String>,
        due: Instant,
    ) -> Result<Answer, NoAnswer> {
        let is_post = body.is_some();
        let mut request = asked_by(&self.evening, self.device, method, path);
        if is_post {
            request = request
                .header(header::CONTENT_TYPE, FORM)
                .header(header::ORIGIN, self.evening.origin.clone());
        }
        if let Some((name, value)) = self.says {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header(header::COOKIE, pairs.collect::<Vec<_>>().join("; "));
        }
        let body = Full::new(body.map(Bytes::from).unwrap_or_default());
        let request = request.body(body).map_err(NoAnswer::Unasked)?;
        let kind = |status| self.counts_as.unwrap_or_else(|| Kind::of(is_post, path, status));
        let answer = self.evening.ask(request, due, kind).await?;
        self.keep_cookies(&answer.headers);
        Ok(answer)
    }

    /// Goes wherever an answer leads.
    async fn follow(&mut self, mut path: String, mut answer: Answer) -> Result<View, NoAnswer> {
        for _ in 0..REDIRECTS_MAX {
            let Some(location) = location(&answer) else { break };
            path = location;
            answer = self.ask(Method::GET, &path, None, Instant::now()).await?;
        }
        let page = self.evening.read.borrow_mut().read(&answer)?;
        let retry_after =
            answer.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let tag = answer.headers.get(header::ETAG).cloned();
        Ok(View { path, status: answer.status, page, tag, retry_after })
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let Some((name, rest)) = line.to_str().ok().and_then(|line| line.split_once('=')) else {
                continue;
            };
            let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
            self.cookies.retain(|(known, _)| known != name);
            if !attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Sends one more header from now on.
    pub fn says(&mut self, name: &'static str, value: &'static str) {
        self.says = Some((name, value));
    }

    /// Its cookies, to be forged.
    pub fn cookies(&mut self) -> &mut Vec<(String, String)> {
        &mut self.cookies
    }
}

/// Where an answer leads on to, when it stays with us.
pub fn location(answer: &Answer) -> Option<String> {
    let leads_on = answer.status.is_redirection() && answer.status != StatusCode::NOT_MODIFIED;
    let to = answer.headers.get(header::LOCATION).filter(|_| leads_on)?.to_str().ok()?;
    to.starts_with('/').then(|| to.to_owned())
}

impl Evening {
    /// Asks the server and counts how long the answer took from the moment at which it was due.
    ///
    /// # Errors
    /// [`NoAnswer`] when there was none.
    pub async fn ask(
        &self,
        request: Request<Full<Bytes>>,
        due: Instant,
        kind: impl FnOnce(StatusCode) -> Kind,
    ) -> Result<Answer, NoAnswer> {
        let answer = self.lines.ask(request).await;
        let mut tally = self.tally.borrow_mut();
        match &answer {
            Ok(answer) => {
                let kind = kind(answer.status);
                tally.answered(kind, answer.status, answer.bytes, due.elapsed());
                tally.happened(Event::Answered, self.now());
            }
            Err(_) => tally.unanswered += 1,
        }
        answer
    }
}
