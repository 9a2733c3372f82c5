//! The rehearsal: a population that comes to a running server over HTTP as people with browsers do, on one machine.
//!
//! It reads the pages and does what they say; it knows no address but the one on the poster (`/door/` and the code of the
//! opening), follows no call but HTTP, and gets its one-time codes by text message. What it finds is told by
//! [`report::Report`].
//!
//! Requests are due at moments that don't depend on the server ([`wheel`]), and their latency counts from then on, so that a
//! server that is late is not asked less. All of it runs on one thread, and leaves the other cores to the server.

pub mod attackers;
pub mod booking;
pub mod browser;
pub mod check;
pub mod evening;
pub mod evenness;
pub mod fairness;
pub mod lines;
pub mod machine;
pub mod mailbox;
pub mod page;
pub mod people;
pub mod plan;
pub mod report;
pub mod tally;
mod waiting;
pub mod waits;
pub mod wheel;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;

use hyper::header::{HeaderValue, InvalidHeaderValue};

use crate::domain::clock::Clock;
use crate::store::openings::StoredOpening;
use crate::store::{Store, StoreError};

use check::Stored;
use evening::{Evening, Scene};
use lines::Lines;
use machine::Process;
use mailbox::Mailbox;
use plan::Plan;
use report::{Report, Watched};

/// The server that is rehearsed with.
#[derive(Clone)]
pub struct Target {
    /// Where it listens.
    pub server: SocketAddr,
    /// Its process.
    pub process: Process,
    /// How the public calls it: `https://` and a host.
    pub origin: String,
    /// The opening.
    pub opening: StoredOpening,
    /// Its database, which is only read.
    pub store: Store,
}

/// Why there could be no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The machine gives something that is needed not.
    #[error("the rehearsal can't run on this machine")]
    Machine(#[from] io::Error),
    /// The database can't be read afterwards.
    #[error("what is stored can't be looked through")]
    Store(#[from] StoreError),
    /// The public address can't be sent.
    #[error("the server's public address can't stand in a header")]
    Origin(#[from] InvalidHeaderValue),
}

/// Rehearses an evening. Text messages are taken at `gateway`.
///
/// # Errors
/// [`RehearsalError`] when it can't begin.
pub fn rehearse(
    plan: Plan,
    target: &Target,
    gateway: TcpListener,
    clock: &Arc<dyn Clock>,
) -> Result<Report, RehearsalError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, pass(plan, target, gateway, clock))
}

async fn pass(
    plan: Plan,
    target: &Target,
    gateway: TcpListener,
    clock: &Arc<dyn Clock>,
) -> Result<Report, RehearsalError> {
    gateway.set_nonblocking(true)?;
    let mailbox = Rc::new(Mailbox::default());
    let taking = tokio::task::spawn_local(mailbox.clone().serve(tokio::net::TcpListener::from_std(gateway)?));
    let scene = Scene {
        lines: Lines::new(target.server, plan.connections),
        origin: HeaderValue::try_from(&target.origin)?,
        host: HeaderValue::try_from(target.origin.trim_start_matches("https://"))?,
        poster: format!("/door/{}", target.opening.opening.code),
        opens_at: target.opening.opening.opens_at,
        now: clock.now(),
    };
    let evening = Evening::new(plan, scene, mailbox);
    let here = Process { id: std::process::id() };
    let before = here.used(evening.began)?;
    let server = Rc::new(std::cell::RefCell::new(Vec::new()));
    let seen = server.clone();
    let watching = tokio::task::spawn_local(
        target.process.watch(evening.began, move |used| seen.borrow_mut().push(used)),
    );
    evening.pass().await;
    let last = target.process.used(evening.began);
    watching.abort();
    taking.abort();
    let mut server = server.take();
    server.extend(last);
    let rehearsal_cpu_seconds = here.used(evening.began)?.cpu_seconds - before.cpu_seconds;
    let stored = Stored::read(&target.store, &target.opening)?;
    let wrong = check::look_for(&evening, &stored, &target.opening, target.store.keys());
    let error_of_times = check::error_of_times(&evening, &stored);
    let evenness = evenness::of(&evening, &stored, &target.opening, target.store.keys());
    Ok(Report::of(&evening, Watched { server, rehearsal_cpu_seconds, wrong, error_of_times, evenness }))
}
