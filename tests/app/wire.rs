//! HTTP by hand: what no browser sends, byte for byte, over a connection that is kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::{Browser, PATIENCE, TestApp};

/// The status of an answer to silence.
const TIMED_OUT: u16 = 408;

/// A connection to a Sunbeon.
pub struct Wire {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// An answer, or none: the server may close a connection over which nonsense comes.
#[derive(Debug, Default)]
pub struct Reply {
    /// Its status; 0 when the connection was closed without an answer.
    pub status: u16,
    /// Its header lines.
    pub headers: Vec<String>,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = |line: &'_ String| {
            let (known, _) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(known.len() + 1)
        };
        let found = self.headers.iter().find_map(|line| value(line).map(|start| &line[start..]));
        found.unwrap_or_default().trim()
    }

    /// Whether it leads to a page that asks who the visitor is.
    pub fn asks_who(&self) -> bool {
        let location = self.header("location");
        ["/sign-in", "/clinic/sign-in"].iter().any(|page| location.starts_with(page))
    }
}

impl Wire {
    /// Connects.
    pub fn to(app: &TestApp) -> Self {
        Self { address: app.address(), stream: connect(app.address()) }
    }

    /// Sends a request as this browser would be recognised, and waits for the answer.
    pub fn ask_as(&mut self, browser: &Browser, verb: &str, target: &str) -> Reply {
        self.ask(verb, target, &[("Cookie", &browser.cookie_header())], "")
    }

    /// Sends a request and waits for the answer.
    pub fn ask(&mut self, verb: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = format!("{verb} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let mut reply = self.exchange(request.as_bytes(), verb == "HEAD");
        if reply.as_ref().is_none_or(|reply| reply.status == TIMED_OUT) {
            // The server closes connections that were silent for some seconds.
            self.stream = connect(self.address);
            reply = self.exchange(request.as_bytes(), verb == "HEAD");
        }
        let is_kept = reply.as_ref().is_some_and(|reply| reply.header("connection") != "close");
        if !is_kept {
            self.stream = connect(self.address);
        }
        reply.unwrap_or_default()
    }

    fn exchange(&mut self, request: &[u8], has_no_body: bool) -> Option<Reply> {
        self.stream.get_mut().write_all(request).ok()?;
        let mut reply = Reply::default();
        let status = self.line()?;
        reply.status = status.split(' ').nth(1)?.parse().ok()?;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            reply.headers.push(line);
        }
        if !has_no_body {
            let length = reply.header("content-length").parse().unwrap_or(0);
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).ok()?;
            reply.body = String::from_utf8_lossy(&body).into_owned();
        }
        Some(reply)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}
