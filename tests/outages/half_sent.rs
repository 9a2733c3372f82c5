//! Forms of which only the beginning comes: they give their connections back, and don't keep others out meanwhile.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::app::TestDatabase;
use crate::service::{PATIENCE, Place};

/// More than the service has descriptors for.
const HALF_SENT: usize = 220;

/// Descriptors that the service may have.
const DESCRIPTORS: usize = 200;

const BEGINNING: &str = "HTTP/1.1\r\nHost: sunbeon\r\nX-Forwarded-Proto: https\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 600\r\n\r\nphone=";

fn send_half(address: SocketAddr) -> TcpStream {
    send_half_to(address, "/find")
}

fn send_half_to(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("POST {path} {BEGINNING}").as_bytes()).unwrap();
    stream
}

fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // The connection may be cut once the answer is there.
    drop(stream.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// More than may be worked on at once.
const CROWD: usize = 300;

#[test]
fn forms_of_which_half_was_sent_take_no_place_in_a_lane() {
    let place = Place::new(TestDatabase::sqlite());
    drop(place.ledger());
    let service = place.start_and_wait();
    let _half: Vec<TcpStream> = (0..CROWD).map(|_| send_half(service.address)).collect();
    let began = Instant::now();
    // A machine that is behind tells others to come back; half-sent forms would keep their places for fifteen seconds.
    while !asks(service.address).starts_with("HTTP/1.1 200") {
        assert!(began.elapsed() < Duration::from_secs(8), "others find no place");
        std::thread::sleep(Duration::from_millis(100));
    }
    service.stop();
}

/// What somebody is told who asks for the page.
fn asks(address: SocketAddr) -> String {
    let mut other = TcpStream::connect(address).unwrap();
    other.set_read_timeout(Some(PATIENCE)).unwrap();
    other
        .write_all(
            b"GET /find HTTP/1.1\r\nHost: sunbeon\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
    answer(&mut other)
}

#[test]
fn forms_of_which_half_was_sent_keep_nobody_out() {
    let place = Place::new(TestDatabase::sqlite());
    drop(place.ledger());
    // The hard limit, too, so that the service can't raise it again.
    let service = place.start_by_shell(&format!("ulimit -n {DESCRIPTORS}; exec \"$0\" serve"));
    let mut receipt = send_half_to(service.address, "/gateways/texts/receipts/1/1");
    let mut half: Vec<TcpStream> = (0..HALF_SENT).map(|_| send_half(service.address)).collect();
    let began = Instant::now();
    let mut alive = TcpStream::connect(service.address).unwrap();
    alive.set_read_timeout(Some(PATIENCE)).unwrap();
    alive.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let told = answer(&mut alive);
    assert!(told.starts_with("HTTP/1.0 200"), "after {:?}: {told:?}", began.elapsed());
    for one in [&mut half[0], &mut receipt] {
        let told = answer(one);
        assert!(told.starts_with("HTTP/1.1 408") && told.contains("connection: close"), "{told}");
    }
    assert!(!place.log_text().contains("Too many open files"), "{}", place.log_text());
    drop(half);
    service.stop();
}
