//! What is remembered. The only user of diesel and rusqlite, on SQLite and on PostgreSQL alike.
//!
//! Reads go through [`Store::read`], a pool of connections. Every write of the process goes through the [`Ledger`],
//! which answers after COMMIT. One file a noun holds the statements; each takes the connection or the transaction.

pub mod access_log;
pub mod access_review;
pub mod accounts;
pub mod admission_list;
pub mod admissions;
pub mod bookings;
pub mod campaigns;
pub mod challenges;
pub mod changes;
mod checkpoint;
pub mod closings;
mod connection;
mod courses;
pub mod door_log;
pub mod door_nodes;
pub mod door_state;
pub mod draws;
pub mod ended_sessions;
pub mod free_days;
pub mod gateway_minutes;
pub mod held;
pub mod holds;
pub mod idle_accounts;
pub mod inspection;
mod kept;
pub mod key_mark;
pub mod ledger;
pub mod leftovers;
mod locks;
pub mod lots;
pub mod moving;
pub mod node;
pub mod notices;
pub mod offers;
pub mod openings;
pub mod outbox;
pub mod paused_gateways;
pub mod people;
pub mod phone_change;
mod probe;
mod reminders;
pub mod replies;
pub mod restored;
pub mod roster;
pub mod schedule;
mod schema;
pub mod seat_changes;
pub mod second_factor;
pub mod set_back;
pub mod settings;
pub mod sites;
pub mod slots;
pub mod snapshot;
pub mod soundness;
pub mod staff;
pub mod staff_sessions;
pub mod standby;
mod states;
pub mod supply;
pub mod timetable;
pub mod turn_texts;
mod values;
pub mod visits;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::r2d2::Pool;
use tokio::sync::Semaphore;

pub use crate::config::DatabaseUrl;
pub use connection::Conn;
pub use ledger::{Ledger, LedgerError, Tx};
pub use probe::{Found, is_empty, probe};

use connection::Opener;

use crate::keys::KeyRing;

/// How long a read waits for a connection, its turn included, before the visitor is told to come back, in seconds.
const READER_WAIT_SECONDS: u64 = 1;

/// How long the connections may take at the start, in seconds.
const START_SECONDS: u64 = 5;

/// The database did not do what was asked. Never a refusal, and never "not found".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("the database refused a statement")]
    Statement(#[from] diesel::result::Error),
    /// No connection could be opened.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// Too many wait for a connection.
    #[error("all connections to the database were busy for too long")]
    Crowded,
    /// No connection could be had.
    #[error("no connection to the database was free in time")]
    NoConnection(#[from] diesel::r2d2::PoolError),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(String),
    /// A copy of the database could not be made.
    #[error("the database could not be copied: {0}")]
    NotCopied(String),
    /// What is stored does not make sense to this program.
    #[error("the database holds something unreadable: {0}")]
    Unreadable(String),
    /// The keys at hand are not those that wrote the database.
    #[error(transparent)]
    OtherKeys(#[from] key_mark::OtherKeys),
    /// Another writer changed what the command had looked at already; the ledger runs it anew.
    #[error("another writer was quicker")]
    Overtaken,
    /// The program is stopping or a worker died.
    #[error("the store is closed")]
    Closed,
}

/// A refusal of the domain, or an outage of the store.
#[derive(Debug)]
pub enum Failure<E> {
    /// The rules say no.
    Refused(E),
    /// The database failed.
    Store(StoreError),
}

impl<E> From<diesel::result::Error> for Failure<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl<E> From<StoreError> for Failure<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a write operation returns.
pub type Outcome<T, E> = Result<T, Failure<E>>;

/// An operation that nothing can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Never {}

/// The pool of readers, with the keys that open what they read.
#[derive(Clone)]
pub struct Store {
    readers: Pool<Opener>,
    /// As many turns as there are connections: whoever waits for one keeps no thread busy, so that a crowd that finds the
    /// database gone is told within the same second.
    turns: Arc<Semaphore>,
    keys: Arc<KeyRing>,
    url: DatabaseUrl,
}

impl Store {
    /// Opens `readers` connections, brings the database to the newest migration first, and makes sure that it is these keys'.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached or migrated, or was written with other keys.
    pub fn open(url: &DatabaseUrl, readers: u32, keys: Arc<KeyRing>) -> Result<Self, StoreError> {
        connection::migrate(url)?;
        key_mark::claim(url, &keys)?;
        let turns = Arc::new(Semaphore::new(usize::try_from(readers).unwrap_or(Semaphore::MAX_PERMITS)));
        let readers = Pool::builder()
            .max_size(readers)
            .connection_timeout(Duration::from_secs(START_SECONDS))
            .build(Opener::reader(url.clone()))?;
        Ok(Self { readers, turns, keys, url: url.clone() })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The keys that open sealed columns.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// Runs `query` on a reader, off the async threads.
    ///
    /// # Errors
    /// [`StoreError`] when no reader is free in time or the query fails.
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Conn, &KeyRing) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let until = Instant::now() + Duration::from_secs(READER_WAIT_SECONDS);
        let turn = tokio::time::timeout_at(until.into(), self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(StoreError::Crowded) };
        let (readers, keys) = (self.readers.clone(), self.keys.clone());
        let read = move || {
            // It ends after the connection has gone back.
            let _turn = turn;
            let rest = until.saturating_duration_since(Instant::now());
            query(&mut *readers.get_timeout(rest)?, &keys)
        };
        tokio::task::spawn_blocking(read).await.unwrap_or(Err(StoreError::Closed))
    }

    /// Like [`Store::read`], for a few rows that are found by a key. The embedded database has them sooner than another
    /// thread could take over, so that this thread reads them itself when a reader is free.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn look_up<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Conn, &KeyRing) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        if matches!(self.url, DatabaseUrl::Sqlite(_))
            && let Some(mut conn) = self.readers.try_get()
        {
            return query(&mut conn, &self.keys);
        }
        self.read(query).await
    }

    /// Runs `query` on a reader on this thread, which it blocks.
    ///
    /// # Errors
    /// [`StoreError`] when no reader is free in time or the query fails.
    pub fn read_now<T>(
        &self,
        query: impl FnOnce(&mut Conn, &KeyRing) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        query(&mut *self.readers.get()?, &self.keys)
    }
}

/// Runs every migration that the database lacks and returns their names.
///
/// # Errors
/// [`StoreError`] when the database can't be reached or a migration fails.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    connection::migrate(url)
}

/// Undoes every migration: for tests of the way down and up again.
///
/// # Errors
/// [`StoreError`] when the database can't be reached or a migration fails.
pub fn revert_all(url: &DatabaseUrl) -> Result<(), StoreError> {
    connection::revert_all(url)
}
