//! A copy of a SQLite database that is in use, by SQLite's online backup interface.
//!
//! The interface begins anew whenever another connection has written, so that under load it would never end. A read
//! transaction on the source, opened first, keeps one state in view: the copy is that state, and ends for sure. In WAL
//! mode a reader holds up no writer; the log only grows until it is done.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// Pages copied between two reports, 4 MiB of them.
const STEP_PAGES: i32 = 1024;

/// How often a step may find a lock taken, after waiting five seconds for it each time.
const BUSY_MAX: u32 = 3;

/// How far the copy is, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages that are copied.
    pub done: u64,
    /// All pages.
    pub total: u64,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::NotCopied(error.to_string())
    }
}

/// Copies the database file `from`, which may be in use, over the empty file `to`, which is nobody's yet. What was
/// committed before the call is in the copy. The copy needs no log beside it.
///
/// # Errors
/// [`StoreError::NotCopied`] when either can't be opened, read or written.
pub fn copy(from: &Path, to: &Path, watch: &mut dyn FnMut(Progress)) -> Result<(), StoreError> {
    // Without the flag that makes a file: a mistyped path must not become an empty backup.
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Whoever called makes sure that the whole file is on disk.
    target.execute_batch("PRAGMA synchronous = OFF")?;
    hold_one_state(&source)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        let mut busy = 0;
        loop {
            match backup.step(STEP_PAGES)? {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked if busy == BUSY_MAX => {
                    return Err(StoreError::NotCopied("another program keeps it locked".into()));
                }
                StepResult::Busy | StepResult::Locked => busy += 1,
                _ => watch(progress(&backup)),
            }
        }
        watch(progress(&backup));
    }
    // One file, as nobody else has it open; a log beside it would be lost when it is carried away.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(())
}

/// A transaction begins to read with its first statement.
fn hold_one_state(source: &Connection) -> Result<(), StoreError> {
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

fn progress(backup: &Backup<'_, '_>) -> Progress {
    let progress = backup.progress();
    let pages = |count: i32| u64::try_from(count).unwrap_or(0);
    let total = pages(progress.pagecount);
    Progress { done: total.saturating_sub(pages(progress.remaining)), total }
}
