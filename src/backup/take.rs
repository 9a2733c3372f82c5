//! Takes a backup while the service runs.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::folder::{self, FolderError, Unfinished};
use super::manifest::{DatabaseFile, Kind, Manifest};
use super::postgres::{self, ToolError};
use super::{KEYS_FILE, MANIFEST_FILE};
use crate::domain::clock::{Chance, Clock};
use crate::keys::{KeyRing, PassphraseError};
use crate::store::inspection::{self, InspectError, Inspected};
use crate::store::snapshot::{self, Progress};
use crate::store::{DatabaseUrl, Found, StoreError, probe};

/// A backup to take.
pub struct Take<'a> {
    /// The directory to make.
    pub to: &'a Path,
    /// The database.
    pub database: &'a DatabaseUrl,
    /// Its keys.
    pub keys: &'a KeyRing,
    /// Whether the database is left out.
    pub keys_only: bool,
    /// What seals the keys.
    pub passphrase: &'a str,
}

/// Why no backup was taken.
#[derive(Debug, Error)]
pub enum TakeError {
    /// There is something already. A backup is never overwritten.
    #[error("{} exists already and is kept: name another directory", .0.display())]
    Exists(PathBuf),
    /// An earlier attempt left something behind.
    #[error("{} is there: another backup is being taken, or one was cut off. In that case remove it and try again", .0.display())]
    Unfinished(PathBuf),
    /// There is no database to take.
    #[error("{0:?} holds no database of Sunbeon")]
    NoDatabase(DatabaseUrl),
    /// The copy, or the database, can't be relied on.
    #[error("no backup was taken, because it could not be relied on")]
    Unsound(#[from] InspectError),
    /// The database could not be copied.
    #[error("no backup was taken")]
    Store(#[from] StoreError),
    /// PostgreSQL's program could not copy it.
    #[error("no backup was taken; `--keys-only` seals the keys, if you take the database by other means")]
    Tool(#[from] ToolError),
    /// The keys could not be sealed.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// A file could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Takes a backup, looks it through, and returns what it says about itself. The directory has its name only when everything in it is on disk.
///
/// # Errors
/// [`TakeError`]; then no directory is left behind.
pub fn take(
    order: &Take<'_>,
    clock: &dyn Clock,
    chance: &dyn Chance,
    watch: &mut dyn FnMut(Progress),
) -> Result<Manifest, TakeError> {
    let (to, unfinished) = (order.to, folder::with_ending(order.to, ".unfinished"));
    if to.exists() {
        return Err(TakeError::Exists(to.to_owned()));
    }
    if unfinished.exists() {
        return Err(TakeError::Unfinished(unfinished));
    }
    if !matches!(probe(order.database)?, Found::Database { .. }) {
        return Err(TakeError::NoDatabase(order.database.clone()));
    }
    let directory = Unfinished::directory(&unfinished)?;
    // Before the copy begins: what is confirmed by now is in it.
    let taken_at = clock.now();
    let (found, database) = copy(order, &unfinished, watch)?;
    let demo = found.is_demo || order.keys.is_demo();
    let mut manifest = Manifest::new(taken_at, found.schema, demo, found.bookings);
    manifest.database = database;
    let text = manifest.to_text();
    let sealed = order.keys.seal_by_passphrase(order.passphrase, text.as_bytes(), chance)?;
    folder::write_new(&unfinished.join(KEYS_FILE), &sealed)?;
    folder::write_new(&unfinished.join(MANIFEST_FILE), &text)?;
    folder::sync(&unfinished)?;
    std::fs::rename(&unfinished, to).map_err(FolderError::of(to, "named"))?;
    directory.finish();
    folder::sync(folder::parent(to))?;
    Ok(manifest)
}

/// Copies the database, unless the keys alone are wanted, and looks through what is relied on.
fn copy(
    order: &Take<'_>,
    directory: &Path,
    watch: &mut dyn FnMut(Progress),
) -> Result<(Inspected, Option<DatabaseFile>), TakeError> {
    if order.keys_only {
        return Ok((inspection::of_database(order.database, order.keys)?, None));
    }
    let (found, kind) = match order.database {
        DatabaseUrl::Sqlite(path) => {
            let file = directory.join(Kind::Sqlite.file_name());
            drop(folder::new_file(&file)?);
            snapshot::copy(path, &file, watch)?;
            (inspection::of_file(&file, order.keys)?, Kind::Sqlite)
        }
        DatabaseUrl::Postgres(url) => {
            let file = directory.join(Kind::Postgres.file_name());
            drop(folder::new_file(&file)?);
            postgres::dump(url, &file)?;
            (inspection::of_database(order.database, order.keys)?, Kind::Postgres)
        }
    };
    let file = directory.join(kind.file_name());
    let (bytes, sha256) = folder::measure(&file, &mut io::sink())?;
    folder::sync(&file)?;
    Ok((found, Some(DatabaseFile { kind, bytes, sha256 })))
}
