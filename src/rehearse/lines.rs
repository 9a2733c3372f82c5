//! Connections to the server, shared by everybody as a proxy in front would share them.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// How long an answer may take before the browser gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a connection may have been idle to be used again: servers close those that are for longer, and one that is closed
/// just when it is used would look like a failure.
const IDLE: Duration = Duration::from_secs(3);

/// Connections to one server.
pub struct Lines {
    server: SocketAddr,
    turns: Semaphore,
    idle: RefCell<Vec<Line>>,
}

/// A connection that is kept.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    used_at: Instant,
    /// Bytes that came and went since it was opened.
    bytes: Rc<Cell<u64>>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it was sent.
    pub body: Bytes,
    /// Bytes of the request and the answer.
    pub bytes: u64,
}

/// There was no answer: the connection failed, or it took too long.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// No connection can be opened, or what came is no text.
    #[error("the server can't be reached, or its answer can't be read")]
    Unreadable(#[from] io::Error),
    /// The connection failed.
    #[error("the connection failed")]
    Broken(#[from] hyper::Error),
    /// What was asked can't be said in HTTP.
    #[error("the request can't be written")]
    Unasked(#[from] hyper::http::Error),
    /// It took too long.
    #[error("the server took longer than {} seconds", PATIENCE.as_secs())]
    TooSlow,
}

impl Lines {
    /// At most so many connections to a server.
    pub fn new(server: SocketAddr, connections: usize) -> Self {
        Self { server, turns: Semaphore::new(connections), idle: RefCell::default() }
    }

    /// Asks the server, as soon as a connection is free.
    ///
    /// # Errors
    /// [`NoAnswer`], and then nobody knows whether the server did what was asked.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, NoAnswer> {
        // It is never closed.
        let _turn = self.turns.acquire().await.ok();
        tokio::time::timeout(PATIENCE, self.ask_now(request)).await.unwrap_or(Err(NoAnswer::TooSlow))
    }

    async fn ask_now(&self, request: Request<Full<Bytes>>) -> Result<Answer, NoAnswer> {
        let mut line = self.line().await?;
        let before = line.bytes.get();
        let (head, body) = line.sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let bytes = line.bytes.get() - before;
        line.used_at = Instant::now();
        self.idle.borrow_mut().push(line);
        Ok(Answer { status: head.status, headers: head.headers, body, bytes })
    }

    /// A connection that takes a request.
    async fn line(&self) -> Result<Line, NoAnswer> {
        loop {
            let kept = self.idle.borrow_mut().pop();
            let Some(mut line) = kept else { return self.open().await };
            if line.used_at.elapsed() < IDLE && line.sender.ready().await.is_ok() {
                return Ok(line);
            }
        }
    }

    async fn open(&self) -> Result<Line, NoAnswer> {
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let bytes = Rc::new(Cell::new(0));
        let counted = Counted { stream, bytes: bytes.clone() };
        let (sender, connection) = Builder::new().handshake(TokioIo::new(counted)).await?;
        // How it ends is told to whoever asks.
        tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Line { sender, used_at: Instant::now(), bytes })
    }
}

/// A stream that counts its bytes.
struct Counted {
    stream: TcpStream,
    bytes: Rc<Cell<u64>>,
}

impl Counted {
    fn count(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes as u64);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.count(buffer.filled().len() - before);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(bytes)) = &written {
            self.count(*bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
