//! One writer of the ledger: it gathers what waits into a transaction, commits it and tells every caller.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use diesel::Connection;
use diesel::result::Error as DieselError;
use tokio::sync::mpsc;

use super::super::Conn;
use super::super::changes::{self, Noted};
use super::super::checkpoint::LogKeeper;
use super::super::connection::Opener;
use super::command::{Work, is_worth_repeating};
use super::{Figures, Tools, Tx};

/// The most commands in one transaction: more makes the first of them wait, fewer wastes synchronisations
/// (measured: 512 in one transaction is within 8 % of the best throughput).
pub(super) const BATCH_MAX: usize = 512;

/// How much larger a batch may get after each transaction that no other writer disturbed.
const BATCH_GROWTH: usize = 1;

/// How often a single command is tried again after a deadlock or a serialisation failure.
const RETRIES_MAX: u32 = 5;

/// How long a writer rests before it opens a lost connection anew, in milliseconds.
const RECONNECT_MILLISECONDS: u64 = 200;

pub(super) struct Writer {
    pub(super) opener: Opener,
    pub(super) conn: Option<Conn>,
    pub(super) number: i32,
    pub(super) index: usize,
    pub(super) tools: Arc<Tools>,
    pub(super) figures: Arc<Figures>,
    /// The most commands in the next transaction. The fewer rows a transaction locks, the seldomer writers stand in each
    /// other's way: it falls to one when they do, and grows slowly while they don't.
    pub(super) batch_max: usize,
    pub(super) log_keeper: LogKeeper,
}

/// How a transaction ended.
enum Ended {
    Committed,
    /// Another writer stood in the way; nothing is stored.
    Collided,
    /// The connection was lost while nobody needed it: nothing is begun, and a new one may do it.
    NotBegun,
    /// It can't be made now.
    Failed,
}

impl Writer {
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Work>>) {
        let mut waiting = Vec::with_capacity(BATCH_MAX);
        while queue.blocking_recv_many(&mut waiting, self.batch_max) > 0 {
            let mut batch = std::mem::take(&mut waiting);
            batch.retain(|work| !work.is_abandoned());
            // Writers that lock rows in the same order seldom wait for each other in a circle. Equal keys keep theirs.
            batch.sort_by_key(|work| work.key());
            if !batch.is_empty() {
                self.settle(batch);
            }
            if let Some(conn) = &mut self.conn {
                self.log_keeper.tidy(conn);
            }
        }
    }

    /// Commits a batch and answers its callers. After a collision each command gets a transaction of its own: it locks
    /// its rows in order, so nothing is in its way for long, and a deadlock costs PostgreSQL a second to notice.
    fn settle(&mut self, mut batch: Vec<Box<dyn Work>>) {
        for _ in 0..=RETRIES_MAX {
            match self.commit(&mut batch) {
                Ended::Committed => {
                    self.batch_max = BATCH_MAX.min(self.batch_max + BATCH_GROWTH);
                    return self.answer(batch, true);
                }
                Ended::Failed => break,
                Ended::Collided if batch.len() > 1 => {
                    self.batch_max = 1;
                    return batch.into_iter().for_each(|work| self.settle(vec![work]));
                }
                Ended::Collided | Ended::NotBegun => {}
            }
        }
        self.answer(batch, false);
    }

    fn answer(&self, batch: Vec<Box<dyn Work>>, committed: bool) {
        if let Some(healthy) = self.figures.healthy.get(self.index) {
            healthy.store(committed, Ordering::Relaxed);
        }
        if committed {
            self.figures.commits.fetch_add(1, Ordering::Relaxed);
            self.figures.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
        }
        for work in batch {
            work.answer(committed);
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Work>]) -> Ended {
        let (tools, number) = (self.tools.clone(), self.number);
        let Some(conn) = self.connection() else { return Ended::Failed };
        let mut begun = false;
        let transaction = AssertUnwindSafe(|| commit(conn, &tools, number, batch, &mut begun));
        let error = match catch_unwind(transaction) {
            Ok(Ok(())) => return Ended::Committed,
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::error!("a transaction panicked and is given up");
                self.conn = None;
                return Ended::Failed;
            }
        };
        tracing::warn!(%error, commands = batch.len(), "a transaction failed");
        if !begun {
            self.conn = None;
            return Ended::NotBegun;
        }
        if self.conn.as_ref().is_some_and(|conn| is_worth_repeating(&error, conn)) {
            return Ended::Collided;
        }
        // The connection may be the cause: the next batch opens a new one.
        self.conn = None;
        Ended::Failed
    }

    fn connection(&mut self) -> Option<&mut Conn> {
        if self.conn.is_none() {
            match self.opener.open() {
                Ok(conn) => self.conn = Some(conn),
                Err(error) => {
                    tracing::error!(%error, url = ?self.opener.url(), "the ledger has no connection");
                    std::thread::sleep(Duration::from_millis(RECONNECT_MILLISECONDS));
                }
            }
        }
        self.conn.as_mut()
    }
}

/// One transaction. Its first statement is a write, so that SQLite takes the write lock (and waits for it) before
/// anything is read: BEGIN IMMEDIATE in effect, for both databases alike.
fn commit(
    conn: &mut Conn,
    tools: &Tools,
    writer: i32,
    batch: &mut [Box<dyn Work>],
    begun: &mut bool,
) -> Result<(), DieselError> {
    conn.transaction(|conn| {
        *begun = true;
        let (commit, noted) = (changes::begin(conn, writer)?, Noted::default());
        for work in batch {
            work.run(&mut Tx { conn, now: tools.clock.now(), tools, commit, noted: &noted })?;
        }
        changes::end(conn, commit, tools.clock.now().as_second(), &noted)
    })
}
