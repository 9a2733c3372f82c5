//! The floor under the ledger on SQLite: a bare loop over the raw library, with checkpoints beside it as the ledger has them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior, params_from_iter};

use crate::country::Size;
use crate::raw_rows::{BATCH, RawPeople, Rows, Value};

/// Settings of the connection, the same as the ledger's.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

/// Time between checkpoints, and the pages of a log that is begun anew between two transactions: both as the ledger's.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
const LOG_MAX_PAGES: i64 = 131_072;

/// A bare loop with its connection.
pub struct RawSqlite {
    conn: Connection,
    people: RawPeople,
    log_is_large: Arc<AtomicBool>,
    /// Never closed: SQLite's locks on the file would go with it.
    file: &'static File,
}

impl RawSqlite {
    pub fn open(file: &Path, size: Size) -> Self {
        let conn = open(file);
        conn.execute_batch(
            "INSERT OR IGNORE INTO change_counter (writer, transactions, value) VALUES (1, 0, 0)",
        )
        .expect("a counter");
        let file = Box::leak(Box::new(File::open(file).expect("the file opens once more")));
        Self { conn, people: RawPeople::new(size), log_is_large: Arc::default(), file }
    }

    /// Holds and confirms in batches until the time is over or everybody has a seat; gives commands a second.
    pub fn run(&mut self, time: Duration) -> f64 {
        let (began, mut commands) = (Instant::now(), 0.0);
        self.repeat(time, |raw| {
            let held = raw.commit(|people, rows| people.hold_batch(rows));
            raw.commit(|people, rows| people.confirm_batch(rows, &held));
            commands += f64::from(2 * BATCH);
            raw.people.are_left()
        });
        let rate = commands / began.elapsed().as_secs_f64();
        self.settle();
        rate
    }

    /// How long transactions of 512 single rows take, COMMIT included.
    pub fn commits(&mut self, time: Duration) -> Vec<f64> {
        let mut seconds = Vec::new();
        self.repeat(time, |raw| {
            let one = Instant::now();
            raw.commit(|people, rows| people.change_batch(rows));
            seconds.push(one.elapsed().as_secs_f64());
            true
        });
        self.settle();
        seconds
    }

    /// Writes out what checkpoints left to the system, which would do so while others are measured.
    fn settle(&self) {
        self.file.sync_data().expect("the disk takes it");
    }

    fn commit<T>(&mut self, work: impl FnOnce(&mut RawPeople, &mut Transaction<'_>) -> T) -> T {
        let mut tx =
            self.conn.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction");
        let done = work(&mut self.people, &mut tx);
        tx.commit().expect("a commit");
        done
    }

    /// Does some work again and again, as long as it says that there is more, with checkpoints beside it.
    fn repeat(&mut self, time: Duration, mut work: impl FnMut(&mut Self) -> bool) {
        let (began, (stop, stopped)) = (Instant::now(), channel::<()>());
        let file = self.conn.path().expect("a file").to_owned();
        let log_is_large = self.log_is_large.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let conn = open(Path::new(&file));
                while stopped.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
                    let pages: i64 = conn
                        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
                        .expect("a checkpoint");
                    log_is_large.store(pages > LOG_MAX_PAGES, Ordering::Relaxed);
                }
            });
            let mut goes_on = true;
            while goes_on && began.elapsed() < time {
                goes_on = work(self);
                self.begin_large_log_anew();
            }
            drop(stop);
        });
    }

    fn begin_large_log_anew(&self) {
        if self.log_is_large.swap(false, Ordering::Relaxed) {
            self.conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).expect("a checkpoint");
        }
    }
}

fn open(file: &Path) -> Connection {
    let conn = Connection::open(file).expect("the file opens");
    conn.execute_batch(PRAGMAS).expect("the file is set up");
    conn.set_prepared_statement_cache_capacity(32);
    conn
}

impl Rows for Transaction<'_> {
    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> usize {
        self.prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params_from_iter(values)))
            .expect("a row is changed")
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Number(number) => ToSqlOutput::from(*number),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}
