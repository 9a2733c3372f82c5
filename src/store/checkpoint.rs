//! Checkpoints of SQLite's write-ahead log, on a thread and a connection of their own.
//!
//! SQLite's own automatic checkpoint runs inside a commit and halves the throughput (measured); here the log is copied into
//! the database every two seconds beside the writer, and only a log that has grown large makes the writer wait.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::Opener;
use super::{Conn, DatabaseUrl, StoreError};

/// Time between checkpoints.
const EVERY: Duration = Duration::from_secs(2);

/// A log larger than this, in bytes, is begun anew while the writer waits.
const LOG_MAX: u64 = 512 * 1024 * 1024;

/// How long the writer waits with such a checkpoint for readers, in milliseconds. A backup or Litestream may read for
/// minutes, and nobody could book meanwhile.
const WAIT_MILLISECONDS: u32 = 250;

/// How many checkpoints let the writer go on after a reader stood in the way: six seconds of them.
const PATIENCE: u32 = 3;

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
    let mut patience = 0;
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
        let bytes = std::fs::metadata(log).map_or(0, |log| log.len());
        if bytes > LOG_MAX && patience == 0 {
            let reader_in_the_way = checkpoint(&mut conn, "RESTART");
            patience = if reader_in_the_way { PATIENCE } else { 0 };
        } else {
            checkpoint(&mut conn, "PASSIVE");
            patience = patience.saturating_sub(1);
        }
    }
    checkpoint(&mut conn, "TRUNCATE");
}

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Whether somebody stood in the way. A checkpoint that fails is made good by the next.
fn checkpoint(conn: &mut Conn, how: &str) -> bool {
    let made = sql_query(format!("PRAGMA busy_timeout = {WAIT_MILLISECONDS}"))
        .execute(conn)
        .and_then(|_| sql_query(format!("PRAGMA wal_checkpoint({how})")).get_result::<Made>(conn));
    match made {
        Ok(made) => made.busy != 0,
        Err(error) => {
            tracing::warn!(%error, how, "a checkpoint failed");
            false
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;

    #[test]
    fn a_reader_that_stays_holds_up_no_writer() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Opener::writer(DatabaseUrl::Sqlite(folder.path().join("sunbeon.db"))).open().unwrap();
        let (mut writer, mut reader, mut checkpoints) = (open(), open(), open());
        writer.batch_execute("CREATE TABLE note (number INTEGER); INSERT INTO note VALUES (1)").unwrap();
        reader.batch_execute("BEGIN; SELECT * FROM note").unwrap();
        writer.batch_execute("INSERT INTO note VALUES (2); PRAGMA busy_timeout = 2000").unwrap();
        let (begun, begins) = channel();
        let checkpoint = std::thread::spawn(move || {
            begun.send(()).unwrap();
            checkpoint(&mut checkpoints, "RESTART")
        });
        begins.recv().unwrap();
        while !checkpoint.is_finished() {
            writer.batch_execute("INSERT INTO note VALUES (3)").unwrap();
        }
        assert!(checkpoint.join().unwrap(), "the reader stood in the way");
        reader.batch_execute("COMMIT").unwrap();
        assert!(!super::checkpoint(&mut writer, "RESTART"));
    }
}
