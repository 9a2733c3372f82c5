//! Checkpoints of SQLite's write-ahead log.
//!
//! SQLite's own automatic checkpoint runs inside a commit and halves the throughput (measured). Here a thread with a
//! connection of its own copies the log into the database beside the writer: often, because a commit waits for the disk
//! behind whatever a checkpoint has just written there. A log that never rests never gets shorter by that, so the writer
//! itself begins a large one anew, between two transactions: from beside, its turn would hardly ever come.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::{BUSY_MILLISECONDS, Opener};
use super::{Conn, DatabaseUrl, StoreError};

/// Time between checkpoints.
const EVERY: Duration = Duration::from_secs(1);

/// A log of more pages than this is begun anew: 512 MB of it.
const LOG_MAX_PAGES: i32 = 131_072;

/// How long the writer then waits for readers, in milliseconds. A backup or Litestream may read for minutes, and nobody
/// could book meanwhile.
const WAIT_MILLISECONDS: u32 = 250;

/// A checkpoint that takes no longer, the disk included, has left little to copy, and after how many that are longer the writer
/// begins anew all the same.
const CAUGHT_UP: Duration = Duration::from_millis(10);
const CATCH_UP_MAX: u32 = 8;

/// How long the log may go on growing after a reader stood in the way.
const PATIENCE: Duration = Duration::from_secs(6);

/// The thread that makes checkpoints; it ends when [`Checkpoints::stop`] is called.
pub(super) struct Checkpoints {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the thread for an SQLite database; PostgreSQL looks after itself. `log` is shared with the writer.
    pub(super) fn start(url: &DatabaseUrl, log: Arc<Log>) -> Result<Option<Self>, StoreError> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
        let conn = Opener::writer(url.clone()).open()?;
        let file = kept_open(path).map_err(|error| StoreError::Unreachable(error.to_string()))?;
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoints".into())
            .spawn(move || run(conn, file, &log, &stopped))
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

/// What the thread of checkpoints tells the writer.
#[derive(Debug, Default)]
pub(super) struct Log {
    is_large: AtomicBool,
}

/// The writer's part: it begins a large log anew.
pub(super) struct LogKeeper {
    log: Arc<Log>,
    not_before: Instant,
}

impl LogKeeper {
    /// Follows `log`.
    pub(super) fn new(log: Arc<Log>) -> Self {
        Self { log, not_before: Instant::now() }
    }

    /// Begins the log anew if it is large and no reader stood in the way lately. Call it between transactions.
    pub(super) fn tidy(&mut self, conn: &mut Conn) {
        if self.log.is_large.swap(false, Ordering::Relaxed) && Instant::now() >= self.not_before {
            let made = begin_anew(conn);
            if made.is_some_and(|made| made.busy != 0) {
                self.not_before = Instant::now() + PATIENCE;
            }
        }
    }
}

fn begin_anew(conn: &mut Conn) -> Option<Made> {
    let wait = |conn: &mut Conn, time| sql_query(format!("PRAGMA busy_timeout = {time}")).execute(conn);
    let made = wait(conn, WAIT_MILLISECONDS).ok().and_then(|_| checkpoint(conn, "RESTART"));
    if let Err(error) = wait(conn, BUSY_MILLISECONDS) {
        tracing::warn!(%error, "the writer waits for other processes less long than it should");
    }
    made
}

/// The database's file, never closed again: with whatever descriptor of it a process closes, the system takes all of the
/// process' locks on the file away, also those of SQLite.
fn kept_open(path: &Path) -> std::io::Result<&'static File> {
    File::open(path).map(|file| &*Box::leak(Box::new(file)))
}

fn run(mut conn: Conn, file: &File, log: &Log, stopped: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
        let made = checkpoint(&mut conn, "PASSIVE");
        wait_for_disk(file);
        if made.is_some_and(|made| made.log > LOG_MAX_PAGES) {
            catch_up(&mut conn, file);
            log.is_large.store(true, Ordering::Relaxed);
        }
    }
    checkpoint(&mut conn, "TRUNCATE");
}

/// Copies what was written during the checkpoint before, and waits for the disk, again and again until hardly anything was:
/// whatever is left the writer copies and waits for itself before it begins the log anew, and all commands wait for that.
fn catch_up(conn: &mut Conn, file: &File) {
    let mut took_before = Duration::MAX;
    for _ in 0..CATCH_UP_MAX {
        let began = Instant::now();
        checkpoint(conn, "PASSIVE");
        wait_for_disk(file);
        let took = began.elapsed();
        if took < CAUGHT_UP || took >= took_before {
            return;
        }
        took_before = took;
    }
}

/// SQLite itself waits for the disk only when a checkpoint has copied the log to its end, which beside a busy writer is the one
/// that the writer makes: it would find all there is to wait for. It is told itself if the disk did not take something.
fn wait_for_disk(file: &File) {
    if let Err(error) = file.sync_data() {
        tracing::warn!(%error, "the disk did not take a checkpoint");
    }
}

/// What a checkpoint tells.
#[derive(QueryableByName)]
struct Made {
    /// Not 0 when somebody stood in the way.
    #[diesel(sql_type = Integer)]
    busy: i32,
    /// Pages in the log.
    #[diesel(sql_type = Integer)]
    log: i32,
}

/// A checkpoint that fails is made good by the next.
fn checkpoint(conn: &mut Conn, how: &str) -> Option<Made> {
    let made = sql_query(format!("PRAGMA wal_checkpoint({how})")).get_result(conn);
    made.inspect_err(|error| tracing::warn!(%error, how, "a checkpoint failed")).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;

    fn open(folder: &tempfile::TempDir) -> Conn {
        Opener::writer(DatabaseUrl::Sqlite(folder.path().join("sunbeon.db"))).open().unwrap()
    }

    fn pages(conn: &mut Conn) -> i32 {
        checkpoint(conn, "PASSIVE").unwrap().log
    }

    #[test]
    fn a_large_log_is_begun_anew_unless_somebody_reads_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, mut reader) = (open(&folder), open(&folder));
        let log = Arc::<Log>::default();
        let mut keeper = LogKeeper::new(log.clone());
        let write = |conn: &mut Conn, keeper: &mut LogKeeper| {
            conn.batch_execute("INSERT INTO note VALUES (1)").unwrap();
            log.is_large.store(true, Ordering::Relaxed);
            keeper.tidy(conn);
            conn.batch_execute("INSERT INTO note VALUES (2)").unwrap();
            pages(conn)
        };
        writer.batch_execute("CREATE TABLE note (number INTEGER)").unwrap();
        let alone = write(&mut writer, &mut keeper);
        reader.batch_execute("BEGIN; SELECT * FROM note").unwrap();
        let with_a_reader = write(&mut writer, &mut keeper);
        reader.batch_execute("COMMIT").unwrap();
        let too_soon = write(&mut writer, &mut keeper);
        assert_eq!(alone, 1, "a log begun anew holds what was written last");
        assert!(with_a_reader > alone && too_soon > with_a_reader, "the log goes on while somebody reads");
        keeper.not_before = Instant::now();
        assert_eq!(write(&mut writer, &mut keeper), 1);
    }
}
