//! Asks a server whether it is alive: the health check of a container that holds nothing but Sunbeon.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, bail};

use super::exit::WrongUsage;

/// How long connecting, asking and waiting for the answer may each take, in seconds: together below the time that a
/// container engine gives.
const STEP_SECONDS: u64 = 1;

/// Longest answer that is looked at, in bytes: the status stands in the first 12.
const ANSWER_BYTES_MAX: u64 = 64;

/// An address that is asked, in parts.
#[derive(Debug, PartialEq, Eq)]
struct Target<'a> {
    host: &'a str,
    port: u16,
    path: &'a str,
}

impl<'a> Target<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = if path.is_empty() { "/healthz" } else { path };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_plain = !path.contains(|sign: char| sign.is_whitespace() || sign.is_control());
        (!host.is_empty() && is_plain).then_some(Self { host, port, path })
    }
}

/// Asks `url` and returns when it answers with a status of 200 to 299.
pub(super) fn ask(url: &str) -> anyhow::Result<()> {
    let Some(target) = Target::parse(url) else {
        bail!(WrongUsage(format!(
            "{url} can't be asked: give an address such as http://127.0.0.1:8080/healthz"
        )));
    };
    let step = Duration::from_secs(STEP_SECONDS);
    let address: SocketAddr = (target.host, target.port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .with_context(|| format!("{} has no address", target.host))?;
    let mut stream =
        TcpStream::connect_timeout(&address, step).with_context(|| format!("{url} can't be reached"))?;
    stream.set_read_timeout(Some(step))?;
    stream.set_write_timeout(Some(step))?;
    let Target { host, port, path } = target;
    let question = format!("GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).with_context(|| format!("{url} takes no question"))?;
    let mut answer = Vec::new();
    // A server that closes early or goes silent after its first line has answered all the same.
    let read = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
    match status_of(&answer) {
        Some(200..=299) => Ok(()),
        Some(status) => bail!("{url} answers with status {status}"),
        None => match read {
            Err(error) => Err(error).with_context(|| format!("{url} does not answer")),
            Ok(_) => bail!("{url} does not answer in HTTP"),
        },
    }
}

/// The status in a first line such as `HTTP/1.1 200 OK`.
fn status_of(answer: &[u8]) -> Option<u16> {
    let line = answer.strip_prefix(b"HTTP/1.")?;
    str::from_utf8(line.get(2..5)?).ok()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_is_read_in_its_parts() {
        let parts = |url| Target::parse(url).map(|target| (target.host, target.port, target.path));
        assert_eq!(parts("http://127.0.0.1:8080/healthz"), Some(("127.0.0.1", 8080, "/healthz")));
        assert_eq!(parts("http://[::1]:81/a?b"), Some(("::1", 81, "/a?b")));
        assert_eq!(parts("http://localhost"), Some(("localhost", 80, "/healthz")));
        for wrong in ["", "https://a/", "http://", "http://a:b/", "http://a/\r\nX: y", "127.0.0.1:80"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    fn ask_one_that_answers(answer: &'static str) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/healthz", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 512];
            let length = stream.read(&mut question).unwrap();
            assert!(question[..length].starts_with(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1:"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let asked = ask(&url);
        server.join().unwrap();
        asked
    }

    #[test]
    fn only_a_server_that_says_so_is_alive() {
        ask_one_that_answers("HTTP/1.1 200 OK\r\n\r\nalive").unwrap();
        ask_one_that_answers("HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        let sick = ask_one_that_answers("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err();
        assert!(sick.to_string().ends_with("answers with status 503"), "{sick}");
        assert!(ask_one_that_answers("").is_err());
        assert!(ask_one_that_answers("SSH-2.0-x\r\n").is_err());
    }

    #[test]
    fn where_nobody_listens_nobody_is_alive() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert!(ask(&format!("http://127.0.0.1:{port}/healthz")).is_err());
    }
}
