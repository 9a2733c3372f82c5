//! What is told at the end: a document for machines and a page for people.

mod charts;
mod html;

use std::collections::BTreeMap;

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::check::Wrong;
use super::evening::Evening;
use super::evenness::Evenness;
use super::machine::{Machine, Used};
use super::plan::Plan;
use super::tally::{Attack, Event, Kind, KindTally, Second};

/// What happened on a rehearsed evening.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was rehearsed.
    pub plan: Plan,
    /// On what.
    pub machine: Machine,
    /// When it began.
    pub began_at: Timestamp,
    /// When the opening opened, in seconds since the beginning.
    pub opened: f64,
    /// How long it took, in seconds.
    pub took: f64,
    /// What was wrong.
    pub wrong: Wrong,
    /// What those tried who wanted in without their turn.
    pub attacks: BTreeMap<&'static str, Attack>,
    /// How many people came how far.
    pub people: People,
    /// What each kind of request cost.
    pub requests: Vec<Requests>,
    /// Requests that were never answered.
    pub unanswered: u64,
    /// Why some who were let in have no seat.
    pub given_up: BTreeMap<String, u64>,
    /// Text messages that were sent.
    pub messages: u64,
    /// What the server used.
    pub server: Server,
    /// What the rehearsal itself used: processor time, in seconds.
    pub rehearsal_cpu_seconds: f64,
    /// How often a device looked at the waiting page.
    pub looks: Spread,
    /// How many seconds people's turn was away from the time they were told first.
    pub error_of_times: Spread,
    /// Whether those who were let in are who chance would let in.
    pub evenness: Evenness,
    /// What happened in each second.
    pub seconds: Vec<SecondLine>,
}

/// How many people came how far. Devices are counted where it says so.
#[derive(Debug, Serialize)]
pub struct People {
    /// People of whom at least one device came.
    pub came: u64,
    /// Devices that came.
    pub arrived: u64,
    /// Devices that were told to wait.
    pub waited: u64,
    /// Devices whose turn came.
    pub turn_came: u64,
    /// Devices that were let in.
    pub entered: u64,
    /// People who have a seat.
    pub booked: u64,
}

/// What a kind of request cost.
#[derive(Debug, Serialize)]
pub struct Requests {
    /// What it is called.
    pub kind: &'static str,
    /// How many answers there were.
    pub answers: u64,
    /// Bytes of a request and its answer, on average.
    pub bytes_each: f64,
    /// Answers that the server was too busy.
    pub busy: u64,
    /// Answers that something is broken.
    pub broken: u64,
    /// From the moment at which a request was due until it was answered, in milliseconds.
    pub latency_ms: Spread,
}

/// How something is spread.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub struct Spread {
    /// Half are below.
    pub p50: f64,
    /// Nine of ten are below.
    pub p90: f64,
    /// Ninety-nine of a hundred are below.
    pub p99: f64,
    /// The highest.
    pub max: f64,
    /// The average.
    pub mean: f64,
}

/// What the server used.
#[derive(Debug, Serialize)]
pub struct Server {
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
    /// The same for each person who came.
    pub cpu_seconds_a_person: f64,
    /// The most memory it held, in bytes.
    pub memory_bytes_max: u64,
    /// The same second by second.
    pub used: Vec<Used>,
}

/// What happened in a second.
#[derive(Debug, Serialize)]
pub struct SecondLine {
    /// Since the beginning.
    pub second: usize,
    /// Devices that came.
    pub arrived: u32,
    /// Devices that wait.
    pub waiting: u64,
    /// Devices that were let in.
    pub entered: u32,
    /// People who got a seat.
    pub booked: u32,
    /// Requests that were answered.
    pub answers: u32,
}

/// What was seen of the machine.
#[derive(Debug, Default)]
pub struct Watched {
    /// The server, second by second.
    pub server: Vec<Used>,
    /// What the rehearsal itself used.
    pub rehearsal_cpu_seconds: f64,
    /// What was wrong.
    pub wrong: Wrong,
    /// How far people's turn was from the time they were told first, in seconds.
    pub error_of_times: Spread,
    /// Whether those who were let in are who chance would let in.
    pub evenness: Evenness,
}

impl Report {
    /// What happened on an evening that is over.
    pub fn of(evening: &Evening, watched: Watched) -> Self {
        let tally = evening.tally.borrow();
        let came = people_who_came(evening);
        let looks = looks(evening);
        Self {
            plan: evening.plan.clone(),
            machine: Machine::here(),
            // A human reads it: its second is enough.
            began_at: evening.began_at.round(Unit::Second).unwrap_or(evening.began_at),
            opened: f64::from(evening.opens) / 1_000.0,
            took: evening.began.elapsed().as_secs_f64(),
            wrong: watched.wrong,
            attacks: tally.attacks.clone(),
            people: People {
                came,
                arrived: tally.total(Event::Arrived),
                waited: tally.total(Event::Waits),
                turn_came: tally.total(Event::TurnCame),
                entered: tally.total(Event::Entered),
                booked: tally.total(Event::Booked),
            },
            requests: tally.kinds().map(|(kind, tally)| requests(kind, tally)).collect(),
            unanswered: tally.unanswered,
            given_up: tally.given_up.clone(),
            messages: evening.mailbox.counts().0,
            server: Server::of(watched.server, came),
            rehearsal_cpu_seconds: watched.rehearsal_cpu_seconds,
            looks,
            error_of_times: watched.error_of_times,
            evenness: watched.evenness,
            seconds: lines(&tally.seconds),
        }
    }
}

fn requests(kind: Kind, tally: &KindTally) -> Requests {
    let milliseconds = |quantile| tally.latency.value_at_quantile(quantile) as f64 / 1_000.0;
    Requests {
        kind: kind.name(),
        answers: tally.answers,
        bytes_each: tally.bytes as f64 / tally.answers.max(1) as f64,
        busy: tally.busy,
        broken: tally.broken,
        latency_ms: Spread {
            p50: milliseconds(0.5),
            p90: milliseconds(0.9),
            p99: milliseconds(0.99),
            max: milliseconds(1.0),
            mean: tally.latency.mean() / 1_000.0,
        },
    }
}

impl Spread {
    /// How values are spread.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quantile: f64| {
            let last = values.len().saturating_sub(1);
            values.get((last as f64 * quantile).round() as usize).copied().unwrap_or_default()
        };
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1.0), mean }
    }
}

impl Server {
    fn of(used: Vec<Used>, people: u64) -> Self {
        let (first, last) = (used.first(), used.last());
        let cpu_seconds =
            last.map_or(0.0, |used| used.cpu_seconds) - first.map_or(0.0, |used| used.cpu_seconds);
        Self {
            cpu_seconds,
            cpu_seconds_a_person: cpu_seconds / people.max(1) as f64,
            memory_bytes_max: used.iter().map(|used| used.memory_bytes).max().unwrap_or(0),
            used,
        }
    }
}

/// People are counted once, however many devices they have.
fn people_who_came(evening: &Evening) -> u64 {
    let visitors = evening.visitors.borrow();
    let mut came = vec![false; evening.population.people as usize];
    for (index, _) in (0..).zip(visitors.iter()).filter(|(_, visitor)| visitor.has_come()) {
        if let Some(came) = came.get_mut(evening.population.owner(index) as usize) {
            *came = true;
        }
    }
    came.into_iter().filter(|came| *came).count() as u64
}

/// How often each device looked that waited.
fn looks(evening: &Evening) -> Spread {
    let visitors = evening.visitors.borrow();
    let waited = visitors.iter().filter(|visitor| visitor.page != super::waits::NO_PAGE);
    Spread::of(waited.map(|visitor| f64::from(visitor.looks)).collect())
}

fn lines(seconds: &[Second]) -> Vec<SecondLine> {
    let mut waiting = 0;
    let line = |(second, counted): (usize, &Second)| {
        waiting += u64::from(counted.count(Event::Waits));
        waiting = waiting.saturating_sub(u64::from(counted.count(Event::TurnCame)));
        SecondLine {
            second,
            arrived: counted.count(Event::Arrived),
            waiting,
            entered: counted.count(Event::Entered),
            booked: counted.count(Event::Booked),
            answers: counted.count(Event::Answered),
        }
    };
    seconds.iter().enumerate().map(line).collect()
}
