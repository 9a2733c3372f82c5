//! Many browsers on one thread: requests that were written down before are sent over kept connections, one after the other
//! on each, and what comes back is only looked at as far as it must be.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use memchr::memmem;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::served::Served;

/// A connection of either kind.
trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// How browsers speak to a server with this certificate; each time as if they had never been there.
pub fn tls(certificate_pem: &[u8]) -> TlsConnector {
    let mut authorities = RootCertStore::empty();
    authorities
        .add(CertificateDer::from_pem_slice(certificate_pem).expect("a certificate"))
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = versions.expect("versions").with_root_certificates(authorities).with_no_client_auth();
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn connect(to: &Served) -> Box<dyn Stream> {
    let stream = TcpStream::connect(to.address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let Some(tls) = &to.tls else { return Box::new(stream) };
    let name = ServerName::try_from("localhost").expect("a name");
    Box::new(tls.connect(name, stream).await.expect("a secured connection"))
}

/// An answer as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    bytes: Vec<u8>,
    head: usize,
}

impl Answer {
    /// The status line and the headers.
    pub fn head(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.head]).expect("a head of plain letters")
    }

    /// What follows them.
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// The status line and the headers, and what follows them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.head().split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status")
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head().lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Reads the next answer of a connection into this one.
    async fn read(&mut self, stream: &mut dyn Stream) {
        (self.head, _) = (0, self.bytes.clear());
        let mut length = None;
        while length != Some(self.bytes.len()) {
            let read = stream.read_buf(&mut self.bytes).await.expect("an answer");
            assert!(read > 0, "the connection was closed in the middle of an answer");
            if length.is_none()
                && let Some(end) = memmem::find(&self.bytes, b"\r\n\r\n")
            {
                self.head = end + 4;
                // That nothing has changed is said without a body and its length.
                let is_empty = self.status() == 304;
                let body = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
                length = Some(self.head + body.or(is_empty.then_some(0)).expect("a length"));
            }
        }
    }
}

/// How long requests are sent.
#[derive(Debug, Clone, Copy)]
pub enum Span {
    /// Again from the first when the last was sent, until the time is over.
    For(Duration),
    /// Each once.
    Once,
    /// As [`Span::For`], each over a connection of its own.
    Anew(Duration),
}

/// What came back.
#[derive(Default)]
pub struct Returned {
    /// The seconds until each answer.
    pub seconds: Vec<f64>,
    /// Where each request was sent on to, by its place; empty for those that were not.
    pub locations: Vec<String>,
}

struct Load {
    requests: Vec<Vec<u8>>,
    status: u16,
    next: Cell<usize>,
    span: Span,
    began: Instant,
    returned: RefCell<Returned>,
}

/// Sends requests over as many connections, and insists on the status of every answer.
pub async fn send(
    to: &Rc<Served>,
    connections: usize,
    requests: Vec<Vec<u8>>,
    status: u16,
    span: Span,
) -> Returned {
    let returned = Returned { locations: vec![String::new(); requests.len()], ..Returned::default() };
    let (next, began, returned) = (Cell::new(0), Instant::now(), RefCell::new(returned));
    let load = Rc::new(Load { requests, status, next, span, began, returned });
    let browsers: Vec<_> = (0..connections)
        .map(|_| {
            let (load, to) = (load.clone(), to.clone());
            actix_web::rt::spawn(async move { load.browse(&to).await })
        })
        .collect();
    for browser in browsers {
        browser.await.expect("a browser");
    }
    load.returned.take()
}

/// Sends one request over a connection of its own.
pub async fn ask(to: &Served, request: &[u8]) -> Answer {
    let mut stream = connect(to).await;
    stream.write_all(request).await.expect("a request is sent");
    stream.flush().await.expect("a request is sent");
    let mut answer = Answer::default();
    answer.read(&mut *stream).await;
    answer
}

impl Load {
    async fn browse(&self, to: &Served) {
        let mut stream = connect(to).await;
        let mut answer = Answer::default();
        while let Some(place) = self.next() {
            let sent = Instant::now();
            if matches!(self.span, Span::Anew(_)) {
                stream = connect(to).await;
            }
            stream.write_all(&self.requests[place]).await.expect("a request is sent");
            stream.flush().await.expect("a request is sent");
            answer.read(&mut *stream).await;
            let mut returned = self.returned.borrow_mut();
            returned.seconds.push(sent.elapsed().as_secs_f64());
            assert_eq!(answer.status(), self.status, "{}", answer.head());
            if let Some(location) = answer.header("location") {
                location.clone_into(&mut returned.locations[place]);
            }
        }
    }

    /// The place of the request to send now.
    fn next(&self) -> Option<usize> {
        let turn = self.next.replace(self.next.get() + 1);
        match self.span {
            Span::For(time) | Span::Anew(time) => {
                (self.began.elapsed() < time).then(|| turn % self.requests.len())
            }
            Span::Once => (turn < self.requests.len()).then_some(turn),
        }
    }
}
