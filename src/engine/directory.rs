//! The site directory: finds the desk of a site, starts it on first use, and lets it go when nobody has asked for it for a
//! while. It also carries committed changes to the counts of all sites.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix::dev::ToEnvelope;
use actix::{Addr, Arbiter, Handler, MailboxError, Message, Supervisor};
use tokio::sync::Semaphore;

use super::availability::Availability;
use super::desk::{Changed, DeskTools, SiteDesk};
use crate::domain::booking::LaneChange;
use crate::domain::clock::Clock;
use crate::domain::ids::SiteId;
use crate::store::seat_changes::{News, SeatChange};
use crate::store::{Ledger, LedgerError, Never, Store, StoreError};

/// A desk nobody has asked for this long is let go, in seconds.
const IDLE_SECONDS: i64 = 600;

/// Orders and questions that one desk may have open. The next caller is told to come back; actix itself would let them
/// wait without a limit.
const OPEN_MAX: usize = 2048;

/// How long an answer may take before the visitor is told to come back. The order may still be done: repeating it is safe.
const ANSWER: Duration = Duration::from_secs(15);

struct Entry {
    desk: Addr<SiteDesk>,
    room: Arc<Semaphore>,
    used_at: AtomicI64,
}

type Desks = Arc<Mutex<HashMap<SiteId, Entry>>>;

fn lock(desks: &Desks) -> MutexGuard<'_, HashMap<SiteId, Entry>> {
    desks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries committed changes to everyone who keeps counts.
#[derive(Clone)]
pub struct Post {
    availability: Arc<Availability>,
    desks: Desks,
}

impl Post {
    /// Tells of changes that are on disk. `from` is the desk that knows already.
    pub fn committed(&self, from: Option<&Addr<SiteDesk>>, changes: &[LaneChange]) {
        for change in changes {
            self.availability.apply(change);
        }
        self.tell_desks(from, changes);
    }

    /// Tells of changes that other nodes have stored, in their order. A desk of a site that got new slots is let go: the
    /// next one reads them.
    pub fn committed_elsewhere(&self, news: &[News]) {
        self.availability.follow(news);
        let mut lanes = Vec::new();
        for change in news.iter().flat_map(|one| &one.changes) {
            match change {
                SeatChange::Lane(change) => lanes.push(*change),
                SeatChange::Day(day) => drop(lock(&self.desks).remove(&day.site)),
            }
        }
        self.tell_desks(None, &lanes);
    }

    fn tell_desks(&self, from: Option<&Addr<SiteDesk>>, changes: &[LaneChange]) {
        let mut by_site: HashMap<SiteId, Vec<LaneChange>> = HashMap::new();
        for change in changes {
            by_site.entry(change.slot.site).or_default().push(*change);
        }
        for (site, changes) in by_site {
            let mut desks = lock(&self.desks);
            let Some(entry) = desks.get(&site).filter(|entry| from != Some(&entry.desk)) else { continue };
            if entry.desk.try_send(Changed(changes)).is_err() {
                // A desk with a full mailbox would keep a stale count: the next one reads anew.
                desks.remove(&site);
            }
        }
    }
}

/// Finds and starts desks.
#[derive(Clone)]
pub struct SiteDirectory {
    desks: Desks,
    tools: DeskTools,
    arbiters: Arc<Vec<Arbiter>>,
    next_arbiter: Arc<AtomicUsize>,
}

impl SiteDirectory {
    /// A directory whose desks share `threads` threads. Needs a running actix system.
    pub fn new(
        store: Store,
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        availability: Arc<Availability>,
        threads: usize,
    ) -> Self {
        let desks = Desks::default();
        let post = Post { availability, desks: desks.clone() };
        Self {
            desks,
            tools: DeskTools { store, ledger, clock, post },
            arbiters: Arc::new((0..threads.max(1)).map(|_| Arbiter::new()).collect()),
            next_arbiter: Arc::default(),
        }
    }

    /// Where committed changes are told.
    pub fn post(&self) -> &Post {
        &self.tools.post
    }

    fn desk(&self, site: SiteId) -> Option<(Addr<SiteDesk>, Arc<Semaphore>)> {
        let now = self.tools.clock.now().as_second();
        let mut desks = lock(&self.desks);
        if let Some(entry) = desks.get(&site).filter(|entry| entry.desk.connected()) {
            entry.used_at.store(now, Ordering::Relaxed);
            return Some((entry.desk.clone(), entry.room.clone()));
        }
        let turn = self.next_arbiter.fetch_add(1, Ordering::Relaxed);
        let arbiter = self.arbiters.get(turn % self.arbiters.len())?;
        let tools = self.tools.clone();
        let desk = Supervisor::start_in_arbiter(&arbiter.handle(), move |_| SiteDesk::new(site, tools));
        let room = Arc::new(Semaphore::new(OPEN_MAX));
        desks.insert(site, Entry { desk: desk.clone(), room: room.clone(), used_at: now.into() });
        Some((desk, room))
    }

    /// Forgets a desk that died; the next question starts another.
    fn forget(&self, site: SiteId, dead: &Addr<SiteDesk>) {
        let mut desks = lock(&self.desks);
        if desks.get(&site).is_some_and(|entry| entry.desk == *dead) {
            desks.remove(&site);
        }
    }

    /// Asks the desk of a site a question that can't be refused.
    ///
    /// # Errors
    /// `Busy` when too many wait at the desk, `Outage` when it is down.
    pub async fn question<M>(&self, site: SiteId, question: M) -> Result<M::Result, LedgerError<Never>>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        SiteDesk: Handler<M>,
        <SiteDesk as actix::Actor>::Context: ToEnvelope<SiteDesk, M>,
    {
        self.send(site, question).await
    }

    /// Gives the desk of a site an order and waits for the answer.
    ///
    /// # Errors
    /// The order's refusal; `Busy` when the mailbox is full; `Outage` when the desk died in the middle: whether the order
    /// was done then shows when it is repeated, which is safe.
    pub async fn order<M, T, E>(&self, site: SiteId, order: M) -> Result<T, LedgerError<E>>
    where
        M: Message<Result = Result<T, LedgerError<E>>> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
        SiteDesk: Handler<M>,
        <SiteDesk as actix::Actor>::Context: ToEnvelope<SiteDesk, M>,
    {
        self.send(site, order).await?
    }

    async fn send<M, E>(&self, site: SiteId, message: M) -> Result<M::Result, LedgerError<E>>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        SiteDesk: Handler<M>,
        <SiteDesk as actix::Actor>::Context: ToEnvelope<SiteDesk, M>,
    {
        let closed = || LedgerError::Outage(StoreError::Closed);
        let (desk, room) = self.desk(site).ok_or_else(closed)?;
        let Ok(_place) = room.try_acquire() else { return Err(LedgerError::Busy) };
        match desk.send(message).timeout(ANSWER).await {
            Ok(answer) => Ok(answer),
            Err(MailboxError::Timeout) => Err(LedgerError::Busy),
            Err(MailboxError::Closed) => {
                tracing::error!(%site, "a desk died; another takes its place");
                self.forget(site, &desk);
                Err(closed())
            }
        }
    }

    /// Lets desks go that nobody has asked for some time.
    pub fn passivate_idle(&self) {
        let before = self.tools.clock.now().as_second() - IDLE_SECONDS;
        lock(&self.desks).retain(|_, entry| entry.used_at.load(Ordering::Relaxed) >= before);
    }

    /// Lets every desk go: other processes changed slots unnoticed, so their counts are stale.
    pub fn forget_all(&self) {
        lock(&self.desks).clear();
    }

    /// Desks that are running.
    pub fn running(&self) -> usize {
        lock(&self.desks).len()
    }

    /// Stops the threads of the desks.
    pub fn stop(&self) {
        self.forget_all();
        for arbiter in self.arbiters.iter() {
            arbiter.stop();
        }
    }
}
