//! The executable is told to stop while people wait for answers: nobody's request is cut, nothing told is lost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use sunbeon::store::DatabaseUrl;

use crate::app::TestDatabase;
use crate::country::Time;
use crate::household::Household;
use crate::service::{PATIENCE, Place, Service};
use crate::town;

/// Households; some have rows for others besides.
const HOUSEHOLDS: usize = 12;

/// A place with households that can book, the process that serves it, and the times.
struct Town {
    place: Place,
    homes: Vec<Household>,
    times: Vec<Time>,
    service: Service,
}

impl Town {
    fn settle(database: TestDatabase) -> Self {
        let (place, homes, times) = town::settle(database, HOUSEHOLDS, 1);
        let service = place.start_and_wait();
        Self { place, homes, times, service }
    }

    /// The request in which a household holds the seats of a time.
    fn request(&self, home: &Household, number: usize) -> String {
        let times: Vec<&Time> = self.times.iter().filter(|time| time.campaign == home.campaign).collect();
        let time = times[number % times.len()];
        let people: Vec<String> = (1..=home.people.len()).map(|number| format!("p={number}")).collect();
        let path = format!("/book/{}/{}/hold?{}", home.campaign, time.site, people.join("&"));
        let body = format!("csrf={}&slot={}", home.csrf, time.name.replace('~', "%7E"));
        format!(
            "POST {path} HTTP/1.1\r\nHost: sunbeon\r\nX-Forwarded-Proto: https\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            home.cookie,
            body.len()
        )
    }
}

/// What came over a connection: a whole answer, nothing at all, or a part of one.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Whole(String),
    Nothing,
    Part(String),
}

/// Reads one answer.
fn read_answer(stream: &mut TcpStream) -> Came {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines().map(str::to_ascii_lowercase);
            let length = lines.find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned));
            if length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap()) {
                return Came::Whole(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) if bytes.is_empty() => return Came::Nothing,
            Ok(0) | Err(_) => return Came::Part(text),
            Ok(length) => bytes.extend(&buffer[..length]),
        }
    }
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Some(stream)
}

/// The name of the hold to which an answer leads.
fn token_of(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("location: /hold/")?;
    Some(rest.split(['\r', '/', '?']).next()?.to_owned())
}

#[test]
fn sigterm_cuts_nobody_who_waits_on_sqlite() {
    nobody_who_waits_is_cut(TestDatabase::sqlite(), "TERM");
}

#[test]
fn sigint_cuts_nobody_who_waits_on_sqlite() {
    nobody_who_waits_is_cut(TestDatabase::sqlite(), "INT");
}

#[test]
fn sigterm_cuts_nobody_who_waits_on_postgres() {
    if let Some(database) = TestDatabase::postgres() {
        nobody_who_waits_is_cut(database, "TERM");
    }
}

/// Keeps everybody else from writing until it is dropped.
struct Lock {
    _conn: Box<dyn std::any::Any>,
}

impl Lock {
    fn of(database: &TestDatabase) -> Self {
        match database.url() {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
                Self { _conn: Box::new(conn) }
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url.expose()).unwrap();
                conn.batch_execute("BEGIN; LOCK TABLE slot_lane IN EXCLUSIVE MODE").unwrap();
                Self { _conn: Box::new(conn) }
            }
        }
    }
}

fn nobody_who_waits_is_cut(database: TestDatabase, signal: &str) {
    let town = Town::settle(database);
    let lock = Lock::of(&town.place.database);
    let mut waiting: Vec<TcpStream> = Vec::new();
    for (number, home) in town.homes.iter().enumerate() {
        let mut stream = connect(town.service.address).unwrap();
        stream.write_all(town.request(home, number).as_bytes()).unwrap();
        waiting.push(stream);
    }
    // Workers take connections in turn and in order: when later ones are answered, these are being served.
    for _ in 0..8 {
        let mut stream = connect(town.service.address).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
        assert!(matches!(read_answer(&mut stream), Came::Whole(_)));
    }
    town.service.signal(signal);
    let began = Instant::now();
    while connect(town.service.address).is_some() {
        assert!(began.elapsed() < PATIENCE, "it goes on as if nobody had told it");
    }
    drop(lock);
    let answers: Vec<Came> = waiting.iter_mut().map(read_answer).collect();
    town.service.await_end();
    let held = answers.iter().filter_map(|came| match came {
        Came::Whole(answer) => token_of(answer),
        cut => panic!("a request was cut: {cut:?}"),
    });
    let held: Vec<String> = held.collect();
    assert!(!held.is_empty(), "nobody held anything: {answers:?}");
    assert_stored(&town.place.database, &held);
}

/// Fails unless the database knows every hold that was told.
fn assert_stored(database: &TestDatabase, told: &[String]) {
    let stored = parties(database);
    let lost: Vec<&String> = told.iter().filter(|token| !stored.contains(token)).collect();
    assert!(lost.is_empty(), "told and not stored: {lost:?}");
}

fn parties(database: &TestDatabase) -> Vec<String> {
    database.lines("SELECT token AS line FROM party")
}

#[test]
fn a_stop_under_load_leaves_no_answer_half() {
    for database in [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten() {
        let town = Town::settle(database);
        let before = parties(&town.place.database);
        let (told, is_told_to_stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let tokens: Vec<String> = std::thread::scope(|scope| {
            let crowd: Vec<_> = town
                .homes
                .iter()
                .map(|home| scope.spawn(|| press_until_refused(&town, home, &told, &is_told_to_stop)))
                .collect();
            let began = Instant::now();
            while told.load(Ordering::Relaxed) < HOUSEHOLDS * 5 {
                assert!(began.elapsed() < PATIENCE, "nobody is answered");
                std::thread::yield_now();
            }
            is_told_to_stop.store(true, Ordering::Relaxed);
            town.service.signal("TERM");
            crowd.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        town.service.await_end();
        println!("{} holds were told of", tokens.len());
        assert_stored(&town.place.database, &tokens);
        // A connection may be closed before its request is read, but what was done was told.
        let silent: Vec<String> = parties(&town.place.database)
            .into_iter()
            .filter(|token| !before.contains(token) && !tokens.contains(token))
            .collect();
        assert!(silent.is_empty(), "done, and nobody was told: {silent:?}");
    }
}

/// Holds one time after the other, over one connection while it is kept, until nobody listens any more. Gives the names
/// of the holds it was told of.
fn press_until_refused(
    town: &Town,
    home: &Household,
    told: &AtomicUsize,
    is_told_to_stop: &AtomicBool,
) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut kept: Option<TcpStream> = None;
    for number in 0.. {
        let Some(mut stream) = kept.take().or_else(|| connect(town.service.address)) else { break };
        if stream.write_all(town.request(home, number).as_bytes()).is_err() {
            continue;
        }
        match read_answer(&mut stream) {
            Came::Whole(answer) => {
                told.fetch_add(1, Ordering::Relaxed);
                tokens.extend(token_of(&answer));
                let is_closed = answer.to_ascii_lowercase().contains("connection: close");
                kept = (!is_closed).then_some(stream);
            }
            // Not begun: whoever keeps a connection, or has just made one, may find it closed by a process that stops.
            Came::Nothing => assert!(is_told_to_stop.load(Ordering::Relaxed), "a request was never answered"),
            part @ Came::Part(_) => panic!("a request was cut: {part:?}"),
        }
    }
    tokens
}
