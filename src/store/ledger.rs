//! The ledger: the one way to write. It gathers the commands of all callers into one transaction (group commit), gives
//! each a savepoint so that one refusal spoils no other, and answers after COMMIT with full synchronisation.
//!
//! The queue is bounded. When it is full the caller gets [`LedgerError::Busy`] at once, which a page turns into 503 with
//! Retry-After. A command whose caller has gone before its turn is skipped.

mod command;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::changes::{self, Noted};
use super::checkpoint::{Checkpoints, Log, LogKeeper};
use super::connection::Opener;
use super::{Conn, DatabaseUrl, Failure, Never, Outcome, StoreError};
use crate::domain::booking::Commit;
use crate::domain::clock::{Chance, Clock};
use crate::domain::ids::IdMaker;
use crate::keys::{Cell as SealedCell, KeyRing};

use command::{Job, Work};
use writer::{BATCH_MAX, Writer};

/// Why a write was not done.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError<E> {
    /// The rules say no.
    #[error("refused")]
    Refused(E),
    /// The queue is full; try again in some seconds.
    #[error("too many commands are waiting")]
    Busy,
    /// The database failed; nothing of the command is stored.
    #[error("the database failed")]
    Outage(#[source] StoreError),
}

impl<E> LedgerError<E> {
    /// The same error with another refusal.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> LedgerError<F> {
        match self {
            Self::Refused(refusal) => LedgerError::Refused(change(refusal)),
            Self::Busy => LedgerError::Busy,
            Self::Outage(error) => LedgerError::Outage(error),
        }
    }
}

/// A command inside the ledger's transaction.
pub struct Tx<'a> {
    /// The connection, inside the command's savepoint.
    pub conn: &'a mut Conn,
    /// The moment that counts for every rule of this command.
    pub now: Timestamp,
    /// The tools every command may use.
    pub tools: &'a Tools,
    /// The transaction; its writer's number is a chain in the access log.
    pub commit: Commit,
    /// What the commands of the transaction changed that others keep in memory.
    pub(super) noted: &'a Noted,
}

impl Tx<'_> {
    /// A fresh id.
    pub fn new_id(&self) -> i64 {
        self.tools.ids.next(self.now)
    }

    /// Seals `text` for a cell.
    pub fn seal(&self, table: &'static str, column: &'static str, row: i64, text: &str) -> Vec<u8> {
        self.tools
            .keys
            .seal(SealedCell { table, column, row }, text.as_bytes(), &*self.tools.chance)
            .into_bytes()
    }
}

/// What commands need besides the connection.
pub struct Tools {
    /// Makes ids.
    pub ids: IdMaker,
    /// Seals what is personal.
    pub keys: Arc<KeyRing>,
    /// Makes references and tokens.
    pub chance: Arc<dyn Chance>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// How the ledger is set up.
#[derive(Debug, Clone)]
pub struct LedgerSettings {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// Writers; more than one only on PostgreSQL.
    pub writers: u16,
    /// Commands that may wait for each writer.
    pub queue_max: usize,
    /// The number of this process, leased from the database.
    pub node: u16,
}

/// The way to write. Cheap to clone; the writers stop when the last clone is gone or after [`Ledger::close`].
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    queues: std::sync::RwLock<Vec<mpsc::Sender<Box<dyn Work>>>>,
    threads: std::sync::Mutex<Vec<JoinHandle<()>>>,
    checkpoints: std::sync::Mutex<Option<Checkpoints>>,
    figures: Arc<Figures>,
}

struct Figures {
    /// For each writer, whether its last transaction could be made.
    healthy: Vec<AtomicBool>,
    commits: AtomicU64,
    commands: AtomicU64,
}

impl Ledger {
    /// Starts the writers. Each opens its own connection and keeps trying when it is lost.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached at the start or a thread can't be made.
    pub fn start(settings: &LedgerSettings, tools: Arc<Tools>) -> Result<Self, StoreError> {
        let writers =
            if matches!(settings.url, DatabaseUrl::Sqlite(_)) { 1 } else { settings.writers.max(1) };
        let figures = Arc::new(Figures {
            healthy: (0..writers).map(|_| AtomicBool::new(true)).collect(),
            commits: AtomicU64::new(0),
            commands: AtomicU64::new(0),
        });
        let log = Arc::<Log>::default();
        let mut queues = Vec::new();
        let mut threads = Vec::new();
        for index in 0..writers {
            let (sender, receiver) = mpsc::channel(settings.queue_max);
            let number = changes::writer_number(settings.node, index);
            let opener = Opener::writer(settings.url.clone());
            let mut conn = opener.open()?;
            changes::register(&mut conn, number)?;
            let (tools, figures) = (tools.clone(), figures.clone());
            let (conn, index, batch_max) = (Some(conn), index.into(), BATCH_MAX);
            let log_keeper = LogKeeper::new(log.clone());
            let writer = Writer { opener, conn, number, index, tools, figures, batch_max, log_keeper };
            let thread = std::thread::Builder::new()
                .name(format!("ledger-{number}"))
                .spawn(move || writer.run(receiver))
                .map_err(|error| StoreError::Unreachable(error.to_string()))?;
            queues.push(sender);
            threads.push(thread);
        }
        Ok(Self {
            shared: Arc::new(Shared {
                queues: queues.into(),
                threads: threads.into(),
                checkpoints: Checkpoints::start(&settings.url, log)?.into(),
                figures,
            }),
        })
    }

    /// Does `command` in a transaction and answers after COMMIT. Commands with the same `key` keep their order; use the
    /// site's id, or the account's. The command may run more than once (after a deadlock), never commit twice.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] with the command's refusal, `Busy` when the queue is full, `Outage` when it isn't stored.
    pub async fn write<T, E, F>(&self, key: i64, command: F) -> Result<T, LedgerError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let answer = self.enqueue((self.writer_of(key), key), command)?;
        answer.await.unwrap_or(Err(LedgerError::Outage(StoreError::Closed)))
    }

    /// Like [`Ledger::write`], blocking this thread: for commands of the command line.
    ///
    /// # Errors
    /// As [`Ledger::write`].
    pub fn write_now<T, E, F>(&self, command: F) -> Result<T, LedgerError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let answer = self.enqueue((self.writer_of(0), 0), command)?;
        answer.blocking_recv().unwrap_or(Err(LedgerError::Outage(StoreError::Closed)))
    }

    fn enqueue<T, E, F>(
        &self,
        (writer, key): (usize, i64),
        command: F,
    ) -> Result<oneshot::Receiver<Result<T, LedgerError<E>>>, LedgerError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queues = self.shared.queues.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(queue) = queues.get(writer) else {
            return Err(LedgerError::Outage(StoreError::Closed));
        };
        queue.try_send(Box::new(Job { key, command, reply, done: None })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LedgerError::Busy,
            mpsc::error::TrySendError::Closed(_) => LedgerError::Outage(StoreError::Closed),
        })?;
        Ok(answer)
    }

    /// Lets each writer whose last transaction failed make an empty one. One that can, connects anew and is healthy again,
    /// though nobody orders anything.
    pub async fn retry_failed(&self) {
        for (writer, healthy) in self.shared.figures.healthy.iter().enumerate() {
            if healthy.load(Ordering::Relaxed) {
                continue;
            }
            let nothing = |_: &mut Tx<'_>| Ok::<(), Failure<Never>>(());
            if let Ok(answer) = self.enqueue((writer, 0), nothing) {
                // How it went, the writer's figures tell.
                drop(answer.await);
            }
        }
    }

    fn writer_of(&self, key: i64) -> usize {
        writer_of(key, self.shared.figures.healthy.len())
    }

    /// Takes no more commands, finishes the ones that wait, and returns when they are on disk.
    pub fn close(&self) {
        self.shared.queues.write().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        let threads = std::mem::take(
            &mut *self.shared.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a ledger writer ended with a panic");
            }
        }
        let checkpoints =
            self.shared.checkpoints.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(checkpoints) = checkpoints {
            checkpoints.stop();
        }
    }

    /// Whether the last transaction of every writer could be made.
    pub fn is_healthy(&self) -> bool {
        self.shared.figures.healthy.iter().all(|one| one.load(Ordering::Relaxed))
    }

    /// Commands waiting now, over all writers.
    pub fn depth(&self) -> usize {
        let queues = self.shared.queues.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).sum()
    }

    /// Transactions and commands committed since the start.
    pub fn committed(&self) -> (u64, u64) {
        let figures = &self.shared.figures;
        (figures.commits.load(Ordering::Relaxed), figures.commands.load(Ordering::Relaxed))
    }
}

/// Which of `writers` does the commands of a key. Ids end in a sequence that is mostly zero, so the key is mixed first
/// (Knuth's multiplicative hash): otherwise one writer would do everything.
fn writer_of(key: i64, writers: usize) -> usize {
    let mixed = key.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    usize::try_from(mixed).ok().and_then(|mixed| mixed.checked_rem(writers)).unwrap_or(0)
}
