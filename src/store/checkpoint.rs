//! Checkpoints of SQLite's write-ahead log, on a thread and a connection of their own.
//!
//! SQLite's own automatic checkpoint runs inside a commit and halves the throughput (measured); here the log is copied into
//! the database every two seconds beside the writer, and only a log that has grown large makes the writer wait.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::connection::SimpleConnection;

use super::connection::Opener;
use super::{Conn, DatabaseUrl, StoreError};

/// Time between checkpoints.
const EVERY: Duration = Duration::from_secs(2);

/// A log larger than this, in bytes, is begun anew while the writer waits.
const LOG_MAX: u64 = 512 * 1024 * 1024;

/// The thread that makes checkpoints; it ends when [`Checkpoints::stop`] is called.
pub(super) struct Checkpoints {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the thread for an SQLite database; PostgreSQL looks after itself.
    pub(super) fn start(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let (log, conn) = (PathBuf::from(log), Opener::writer(url.clone()).open()?);
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoints".into())
            .spawn(move || run(conn, &log, &stopped))
            .map_err(|error| StoreError::Unreachable(error.to_string()))?;
        Ok(Some(Self { stop, thread }))
    }

    /// Makes a last checkpoint, which leaves no log behind, and ends.
    pub(super) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread of checkpoints ended with a panic");
        }
    }
}

fn run(mut conn: Conn, log: &Path, stopped: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
        let bytes = std::fs::metadata(log).map_or(0, |log| log.len());
        checkpoint(&mut conn, if bytes > LOG_MAX { "RESTART" } else { "PASSIVE" });
    }
    checkpoint(&mut conn, "TRUNCATE");
}

/// A checkpoint that fails is made good by the next.
fn checkpoint(conn: &mut Conn, how: &str) {
    if let Err(error) = conn.batch_execute(&format!("PRAGMA wal_checkpoint({how})")) {
        tracing::warn!(%error, how, "a checkpoint failed");
    }
}
