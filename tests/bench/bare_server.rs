//! The floors under a page: a bare actix-web handler that sends the same status, headers and body, and does nothing else; and
//! under that a bare loop over a socket, which knows of HTTP only where a request ends.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::served::WORKERS;

/// Headers that the framework writes by itself.
const ITS_OWN: [&str; 2] = ["content-length", "date"];

#[derive(Clone)]
struct Ready {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Ready {
    fn parse(answer: &[u8]) -> Self {
        let end = memchr::memmem::find(answer, b"\r\n\r\n").expect("a head");
        let head = std::str::from_utf8(&answer[..end]).expect("a head of plain letters");
        let (first, lines) = head.split_once("\r\n").expect("a status line and headers");
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").expect("a header");
            let own = ITS_OWN.contains(&name);
            (!own).then(|| (name.parse().expect("a name"), value.parse().expect("a value")))
        };
        Self {
            status: first.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status"),
            headers: lines.lines().filter_map(header).collect(),
            body: Bytes::copy_from_slice(&answer[end + 4..]),
        }
    }

    fn send(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            answer.append_header((name.clone(), value.clone()));
        }
        answer.body(self.body.clone())
    }
}

/// Answers every request with the answer in a file, until the process is killed.
pub fn serve(address: SocketAddr, file: &str) {
    let ready = Ready::parse(&std::fs::read(file).expect("an answer"));
    let server = HttpServer::new(move || {
        let (get, post) = (ready.clone(), ready.clone());
        App::new().service(
            web::resource("/{path:.*}")
                .route(web::get().to(move || std::future::ready(get.send())))
                // Whoever takes a form reads it.
                .route(web::post().to(move |_: Bytes| std::future::ready(post.send()))),
        )
    });
    let server = server.workers(WORKERS).bind(address).expect("a free port").run();
    actix_web::rt::System::new().block_on(server).expect("the server runs");
}

/// Answers every request without a body with the bytes in a file, until the process is killed.
pub fn serve_socket(address: SocketAddr, file: &str) {
    let answer: Rc<[u8]> = std::fs::read(file).expect("an answer").into();
    actix_web::rt::System::new().block_on(async move {
        let listener = TcpListener::bind(address).await.expect("a free port");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            // How a connection ends is the other's business.
            actix_web::rt::spawn(answer_all(stream, answer.clone()));
        }
    });
}

async fn answer_all(mut stream: TcpStream, answer: Rc<[u8]>) -> std::io::Result<()> {
    let mut asked = Vec::with_capacity(4_096);
    while stream.read_buf(&mut asked).await? > 0 {
        if asked.ends_with(b"\r\n\r\n") {
            stream.write_all(&answer).await?;
            asked.clear();
        }
    }
    Ok(())
}
