//! The floor under a page: a bare actix-web handler that sends the same status, headers and body, and does nothing else.

use std::net::SocketAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};

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
