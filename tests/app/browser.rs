//! A browser without JavaScript: it keeps cookies, follows redirects, and sends what browsers send.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::{Language, Page, check};

/// Redirects in a row that a browser follows.
const REDIRECTS_MAX: usize = 10;

/// A browser. A clone is another tab of it: the same cookies, the same language.
#[derive(Clone)]
pub struct Browser(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    address: Arc<RwLock<SocketAddr>>,
    cookies: Mutex<BTreeMap<String, String>>,
    device_language: Language,
    page_language: Mutex<Language>,
    checks: Mutex<bool>,
    outages: Mutex<bool>,
    addresses: Mutex<Vec<String>>,
}

impl Browser {
    pub(super) fn new(address: Arc<RwLock<SocketAddr>>, language: Language) -> Self {
        // No connection is kept: a kept one could be closed by the server just when the next form is sent.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self(Arc::new(Inner {
            client,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            address,
            cookies: Mutex::default(),
            device_language: language,
            page_language: Mutex::new(language),
            checks: Mutex::new(true),
            outages: Mutex::new(false),
            addresses: Mutex::default(),
        }))
    }

    /// Opens a path, such as `/people?p=1`, and follows redirects.
    pub fn get(&self, path: &str) -> Page {
        self.follow(self.send(Method::GET, path, &[], None))
    }

    /// Opens a path and stays at the answer, redirect or not.
    pub fn get_once(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None)
    }

    /// Sends a form by hand, without a page that shows it, and stays at the answer. The fields are sent as they are: no
    /// token is added.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let fields: Vec<(String, String)> =
            fields.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        self.send(Method::POST, path, &[], Some(&fields))
    }

    /// Sends anything, with headers of its own, and stays at the answer.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&[(String, String)]>,
    ) -> Page {
        let url = self.base().join(path).unwrap();
        assert_eq!(url.origin(), self.base().origin(), "{path} leads away from this Sunbeon");
        let mut all = self.headers(&method);
        for &(name, value) in headers {
            all.insert(header::HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        }
        let mut request = self.0.client.request(method.clone(), url.clone()).headers(all);
        if let Some(fields) = fields {
            request = request.form(fields);
        }
        let (status, headers, body) = self.0.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, answer.bytes().await.unwrap())
        });
        self.keep_cookies(&headers);
        self.note_address(&url, &headers);
        let page = Page::new(self.clone(), path_of(&url), (status, headers, body.to_vec()));
        if *self.0.checks.lock().unwrap() {
            let language = *self.0.page_language.lock().unwrap();
            check::page(&page, &method, (language, *self.0.outages.lock().unwrap()));
        }
        page
    }

    /// Follows the redirects from an answer, as browsers do: after 303 by GET.
    pub fn follow(&self, mut page: Page) -> Page {
        let mut passed = Vec::new();
        while let Some(location) = page.location() {
            assert!(passed.len() < REDIRECTS_MAX, "too many redirects: {passed:?}");
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{} redirects by another status", page.path);
            passed.push(page.path.clone());
            page = self.send(Method::GET, &location, &[], None);
        }
        page.redirected_from = passed;
        page
    }

    /// Every address it asked for or was sent to, as proxies and histories keep them.
    pub fn addresses(&self) -> Vec<String> {
        self.0.addresses.lock().unwrap().clone()
    }

    fn note_address(&self, asked: &Url, headers: &HeaderMap) {
        let mut addresses = self.0.addresses.lock().unwrap();
        addresses.push(path_of(asked));
        let there = headers.get(header::LOCATION).and_then(|there| there.to_str().ok());
        addresses.extend(there.map(str::to_owned));
    }

    /// Loses all cookies, as when they were cleared or ran out.
    pub fn lose_cookies(&self) {
        self.0.cookies.lock().unwrap().clear();
        self.expect_language(self.0.device_language);
    }

    /// The cookies it keeps.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.0.cookies.lock().unwrap().clone()
    }

    /// Its cookies as it sends them.
    pub fn cookie_header(&self) -> String {
        let cookies = self.0.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sets a cookie by hand.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.0.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    /// The language that pages must be in: the device's until the language button was pressed.
    pub fn expect_language(&self, language: Language) {
        *self.0.page_language.lock().unwrap() = language;
    }

    /// Takes 503 for an answer, too, and checks its page as any other: for stories about outages.
    pub fn expect_outages(&self) -> &Self {
        *self.0.outages.lock().unwrap() = true;
        self
    }

    /// Gets answers without checking them: for stories about what is checked.
    pub fn without_checks(&self) -> &Self {
        *self.0.checks.lock().unwrap() = false;
        self
    }

    fn base(&self) -> Url {
        Url::parse(&format!("http://{}/", self.0.address.read().unwrap())).unwrap()
    }

    /// Another page's address seen from the page at `path`, as path and query.
    pub(super) fn resolve(&self, path: &str, reference: &str) -> String {
        let here = self.base().join(path).unwrap();
        let mut there = here.join(reference).unwrap();
        assert_eq!(here.origin(), there.origin(), "{reference} leads away from this Sunbeon");
        there.set_fragment(None);
        path_of(&there)
    }

    /// A path with a query made of form fields.
    pub(super) fn with_query(&self, path: &str, fields: &[(String, String)]) -> String {
        let mut url = self.base().join(path).unwrap();
        url.query_pairs_mut().clear().extend_pairs(fields);
        if fields.is_empty() {
            url.set_query(None);
        }
        path_of(&url)
    }

    fn headers(&self, method: &Method) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let accept = match self.0.device_language {
            Language::Korean => "ko-KR,ko;q=0.9,en;q=0.8",
            Language::English => "en-GB,en;q=0.9,ko;q=0.5",
        };
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        if *method == Method::POST {
            let origin = self.base().origin().ascii_serialization();
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.parse().unwrap());
        }
        headers
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.0.cookies.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let attributes = rest.to_ascii_lowercase();
            assert!(
                attributes.contains("httponly") && attributes.contains("samesite"),
                "{name}: {attributes}"
            );
            if attributes.contains("max-age=0") || value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
