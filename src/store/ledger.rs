//! The ledger: the one way to write. It gathers the commands of all callers into one transaction (group commit), gives
//! each a savepoint so that one refusal spoils no other, and answers after COMMIT with full synchronisation.
//!
//! The queue is bounded. When it is full the caller gets [`LedgerError::Busy`] at once, which a page turns into 503 with
//! Retry-After. A command whose caller has gone before its turn is skipped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::Connection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpoints;
use super::connection::Opener;
use super::{Conn, DatabaseUrl, Failure, Outcome, StoreError, changes};
use crate::domain::clock::{Chance, Clock};
use crate::domain::ids::IdMaker;
use crate::keys::{Cell, KeyRing};

/// The most commands in one transaction: more makes the first of them wait, fewer wastes synchronisations
/// (measured: 512 in one transaction is within 8 % of the best throughput).
const BATCH_MAX: usize = 512;

/// How often a batch is tried again after a deadlock or a serialisation failure.
const RETRIES_MAX: u32 = 5;

/// How long a writer rests before it opens a lost connection anew, in milliseconds.
const RECONNECT_MILLISECONDS: u64 = 200;

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
    /// The writer's number, which is its chain in the access log.
    pub writer: i32,
}

impl Tx<'_> {
    /// A fresh id.
    pub fn new_id(&self) -> i64 {
        self.tools.ids.next(self.now)
    }

    /// Seals `text` for a cell.
    pub fn seal(&self, table: &'static str, column: &'static str, row: i64, text: &str) -> Vec<u8> {
        self.tools.keys.seal(Cell { table, column, row }, text.as_bytes(), &*self.tools.chance).into_bytes()
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

#[derive(Default)]
struct Figures {
    healthy: AtomicBool,
    commits: AtomicU64,
    commands: AtomicU64,
}

impl Ledger {
    /// Starts the writers. Each opens its own connection and keeps trying when it is lost.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached at the start or a thread can't be made.
    pub fn start(settings: &LedgerSettings, tools: Arc<Tools>) -> Result<Self, StoreError> {
        let figures = Arc::new(Figures::default());
        let writers =
            if matches!(settings.url, DatabaseUrl::Sqlite(_)) { 1 } else { settings.writers.max(1) };
        let mut queues = Vec::new();
        let mut threads = Vec::new();
        for index in 0..writers {
            let (sender, receiver) = mpsc::channel(settings.queue_max);
            let number = changes::writer_number(settings.node, index);
            let opener = Opener::writer(settings.url.clone());
            let mut conn = opener.open()?;
            changes::register(&mut conn, number)?;
            let writer =
                Writer { opener, conn: Some(conn), number, tools: tools.clone(), figures: figures.clone() };
            let thread = std::thread::Builder::new()
                .name(format!("ledger-{index}"))
                .spawn(move || writer.run(receiver))
                .map_err(|error| StoreError::Unreachable(error.to_string()))?;
            queues.push(sender);
            threads.push(thread);
        }
        figures.healthy.store(true, Ordering::Relaxed);
        Ok(Self {
            shared: Arc::new(Shared {
                queues: queues.into(),
                threads: threads.into(),
                checkpoints: Checkpoints::start(&settings.url)?.into(),
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
        let answer = self.enqueue(key, command)?;
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
        let answer = self.enqueue(0, command)?;
        answer.blocking_recv().unwrap_or(Err(LedgerError::Outage(StoreError::Closed)))
    }

    fn enqueue<T, E, F>(
        &self,
        key: i64,
        command: F,
    ) -> Result<oneshot::Receiver<Result<T, LedgerError<E>>>, LedgerError<E>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queues = self.shared.queues.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let writers = i64::try_from(queues.len()).unwrap_or(1).max(1);
        let index = usize::try_from(key.rem_euclid(writers)).unwrap_or(0);
        let Some(queue) = queues.get(index) else {
            return Err(LedgerError::Outage(StoreError::Closed));
        };
        queue.try_send(Box::new(Job { command, reply, done: None })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LedgerError::Busy,
            mpsc::error::TrySendError::Closed(_) => LedgerError::Outage(StoreError::Closed),
        })?;
        Ok(answer)
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
        self.shared.figures.healthy.load(Ordering::Relaxed)
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

/// A command with its caller, whatever their types.
trait Work: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs it in a savepoint. An error means the whole transaction must be given up.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DieselError>;
    /// Tells the caller: what it returned when `committed`, otherwise the outage.
    fn answer(self: Box<Self>, committed: bool);
}

struct Job<T, E, F> {
    command: F,
    reply: oneshot::Sender<Result<T, LedgerError<E>>>,
    done: Option<Result<T, LedgerError<E>>>,
}

impl<T, E, F> Work for Job<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send,
    T: Send,
    E: Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DieselError> {
        let (now, tools, writer) = (tx.now, tx.tools, tx.writer);
        let command = &mut self.command;
        let result = tx.conn.transaction(|conn| command(&mut Tx { conn, now, tools, writer }));
        self.done = Some(match result {
            Ok(value) => Ok(value),
            Err(Failure::Refused(refusal)) => Err(LedgerError::Refused(refusal)),
            Err(Failure::Store(StoreError::Statement(error))) if spoils_transaction(&error) => {
                return Err(error);
            }
            Err(Failure::Store(error)) => {
                tracing::error!(%error, cause = ?std::error::Error::source(&error).map(ToString::to_string), "a command failed");
                Err(LedgerError::Outage(error))
            }
        });
        Ok(())
    }

    fn answer(self: Box<Self>, committed: bool) {
        let answer = match self.done {
            Some(done) if committed => done,
            // A refusal stored nothing, so it stands whatever became of the transaction.
            Some(Err(LedgerError::Refused(refusal))) => Err(LedgerError::Refused(refusal)),
            _ => Err(LedgerError::Outage(StoreError::Closed)),
        };
        // A caller that has gone does not need the answer.
        drop(self.reply.send(answer));
    }
}

/// Whether an error ends the transaction around the savepoint too.
fn spoils_transaction(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => {
            matches!(kind, DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ClosedConnection)
                || is_deadlock(info.message())
                || info.message().contains("disk")
        }
        DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => true,
        _ => false,
    }
}

/// PostgreSQL's 40P01; diesel passes only the text on.
fn is_deadlock(message: &str) -> bool {
    message.contains("deadlock detected")
}

struct Writer {
    opener: Opener,
    conn: Option<Conn>,
    number: i32,
    tools: Arc<Tools>,
    figures: Arc<Figures>,
}

impl Writer {
    fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Work>>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while queue.blocking_recv_many(&mut batch, BATCH_MAX) > 0 {
            batch.retain(|work| !work.is_abandoned());
            if batch.is_empty() {
                continue;
            }
            let committed = self.commit_with_retries(&mut batch);
            self.figures.healthy.store(committed, Ordering::Relaxed);
            if committed {
                self.figures.commits.fetch_add(1, Ordering::Relaxed);
                self.figures.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
            }
            for work in batch.drain(..) {
                work.answer(committed);
            }
        }
    }

    fn commit_with_retries(&mut self, batch: &mut [Box<dyn Work>]) -> bool {
        for attempt in 0..=RETRIES_MAX {
            let (tools, number) = (self.tools.clone(), self.number);
            let Some(conn) = self.connection() else { return false };
            let result = catch_unwind(AssertUnwindSafe(|| commit(conn, &tools, number, batch)));
            let error = match result {
                Ok(Ok(())) => return true,
                Ok(Err(error)) => error,
                Err(_) => {
                    tracing::error!("a command panicked; its transaction is given up");
                    self.conn = None;
                    return false;
                }
            };
            tracing::warn!(%error, attempt, commands = batch.len(), "a transaction failed");
            if !is_worth_repeating(&error) {
                // The connection may be the cause: the next batch opens a new one.
                self.conn = None;
                return false;
            }
        }
        false
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

fn is_worth_repeating(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(_, info) => is_deadlock(info.message()),
        _ => false,
    }
}

/// One transaction. Its first statement is a write, so that SQLite takes the write lock (and waits for it) before
/// anything is read: BEGIN IMMEDIATE in effect, for both databases alike.
fn commit(
    conn: &mut Conn,
    tools: &Tools,
    writer: i32,
    batch: &mut [Box<dyn Work>],
) -> Result<(), DieselError> {
    conn.transaction(|conn| {
        changes::begin(conn, writer)?;
        for work in batch {
            work.run(&mut Tx { conn, now: tools.clock.now(), tools, writer })?;
        }
        Ok(())
    })
}
