//! Puts a backup back into an empty place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::folder::{self, FolderError, Unfinished};
use super::manifest::{DatabaseFile, Kind, Manifest, ManifestError};
use super::postgres::{self, ToolError};
use super::{KEYS_FILE, MANIFEST_FILE};
use crate::config::{DatabaseUrl, KeysConfig, Secret};
use crate::domain::clock::Clock;
use crate::keys::{KeyFileError, KeyRing, KeyTextError, PassphraseError};
use crate::store::inspection::{self, InspectError};
use crate::store::restored::{self, DueMessages, Settled};
use crate::store::{self, Found, StoreError, probe};

/// A backup to put back.
pub struct Restore<'a> {
    /// The backup's directory.
    pub from: &'a Path,
    /// Where the database goes.
    pub database: &'a DatabaseUrl,
    /// Where the keys go.
    pub keys: &'a KeysConfig,
    /// Whether the place is a demo's.
    pub is_demo: bool,
    /// What opens the keys.
    pub passphrase: &'a str,
    /// What to do with messages that were due since.
    pub due: DueMessages,
}

/// A backup that was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup says about itself.
    pub manifest: Manifest,
    /// What was settled in the database.
    pub settled: Settled,
}

/// Why a backup was not put back.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// `backup.toml` can't be used.
    #[error("{} is no backup that can be put back", .0.display())]
    NoBackup(PathBuf, #[source] ManifestError),
    /// The database's file was changed or cut off.
    #[error(
        "{} is damaged: it has {found} bytes, the backup was taken with {stated}, and their SHA-256 differs. Take another copy of the backup",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its size.
        found: u64,
        /// The size it should have.
        stated: u64,
    },
    /// A demo's backup would become a service, or a service's a demo.
    #[error(
        "this backup was taken of a demo, whose passwords everybody knows: put it back into a demo with --data"
    )]
    OfDemo,
    /// A demo shows its messages to everybody.
    #[error(
        "this backup was not taken of a demo: put it back with --config, because a demo shows every message"
    )]
    NotOfDemo,
    /// The backup is of another database.
    #[error(
        "this backup is of {backup}, and database.url names {place}: name a database of the same kind in the configuration"
    )]
    OtherKind {
        /// The backup's.
        backup: &'static str,
        /// The configuration's.
        place: &'static str,
    },
    /// Something is there already.
    #[error(
        "{0} is not empty, and nothing of it is overwritten: name another place in the configuration, or move away what is there"
    )]
    NotEmpty(String),
    /// The backup holds the keys alone.
    #[error(
        "this backup holds the keys alone, and {0:?} holds no database: put the database back first, by the means that copied it"
    )]
    NoDatabase(DatabaseUrl),
    /// Another program has opened the database before it had its name.
    #[error("{} is there: another program has opened the database that was being put back", .0.display())]
    InUse(PathBuf),
    /// The environment holds other keys.
    #[error(
        "the variable SUNBEON_MASTER_KEYS holds other keys than the backup: unset it, so that they go to keys.file"
    )]
    OtherKeys,
    /// What was put back can't be relied on.
    #[error("the backup was not put back, because it can't be relied on")]
    Unsound(#[from] InspectError),
    /// The keys don't open.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The key file can't be written or read.
    #[error("the keys can't be put into their place")]
    KeyFile(#[from] KeyFileError),
    /// The environment holds no keys.
    #[error("SUNBEON_MASTER_KEYS can't be used")]
    KeyText(#[from] KeyTextError),
    /// The database failed.
    #[error("the backup was not put back")]
    Store(#[from] StoreError),
    /// PostgreSQL's program failed.
    #[error("the backup was not put back")]
    Tool(#[from] ToolError),
    /// The dump is in the database, and then something went wrong.
    #[error(
        "the database holds the backup by now, but it is not settled: drop that database, create it anew, and try again"
    )]
    HalfDone(#[source] Box<RestoreError>),
    /// A file could not be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Puts a backup back. The database gets its name, or the keys are written, when all else is done.
///
/// # Errors
/// [`RestoreError`]; then nothing is left that looks whole.
pub fn restore(order: &Restore<'_>, clock: &dyn Clock) -> Result<Restored, RestoreError> {
    let text = read(&order.from.join(MANIFEST_FILE))?;
    let manifest =
        Manifest::parse(&text).map_err(|error| RestoreError::NoBackup(order.from.to_owned(), error))?;
    permit(order, &manifest)?;
    let sealed = read(&order.from.join(KEYS_FILE))?;
    let keys = KeyRing::open_by_passphrase(&sealed, order.passphrase, text.as_bytes())?;
    let keys_are_there = find_keys(order.keys, &keys, manifest.database.is_some())?;
    let work = Work { order, manifest: &manifest, keys: &keys, keys_are_there, clock };
    let settled = match (&manifest.database, order.database) {
        (Some(file), DatabaseUrl::Sqlite(path)) => work.to_sqlite(file, path)?,
        (Some(file), DatabaseUrl::Postgres(url)) => work.to_postgres(file, url)?,
        (None, database) => work.settle(database)?,
    };
    Ok(Restored { manifest, settled })
}

/// What is done once the backup and the place are known to be right.
struct Work<'a> {
    order: &'a Restore<'a>,
    manifest: &'a Manifest,
    keys: &'a KeyRing,
    keys_are_there: bool,
    clock: &'a dyn Clock,
}

impl Work<'_> {
    fn to_sqlite(&self, file: &DatabaseFile, place: &Path) -> Result<Settled, RestoreError> {
        let making = Making::copy(&self.order.from.join(file.kind.file_name()), file, place)?;
        let settled = self.settle(&DatabaseUrl::Sqlite(making.path.clone()))?;
        making.publish(place).inspect_err(|_| self.take_keys_back())?;
        Ok(settled)
    }

    fn to_postgres(&self, file: &DatabaseFile, url: &Secret) -> Result<Settled, RestoreError> {
        let dump = self.order.from.join(file.kind.file_name());
        compare(&dump, file, &mut io::sink())?;
        postgres::put_back(&dump, url)?;
        self.settle(self.order.database).map_err(|error| RestoreError::HalfDone(Box::new(error)))
    }

    /// Looks through a database that has its rows, settles it, and writes its keys.
    fn settle(&self, database: &DatabaseUrl) -> Result<Settled, RestoreError> {
        inspection::of_database(database, self.keys)?;
        store::migrate(database)?;
        let why = format!("in a backup of {}; it may have been sent since", self.manifest.taken_at);
        let settled = restored::settle(database, self.clock.now(), self.order.due, &why)?;
        if let Some(path) = self.missing_keys() {
            self.keys.write_new(path)?;
        }
        Ok(settled)
    }

    /// They are in the backup, and alone they are good for nothing.
    fn take_keys_back(&self) {
        if let Some(path) = self.missing_keys() {
            drop(fs::remove_file(path));
        }
    }

    /// Where the keys go, unless they stand there already.
    fn missing_keys(&self) -> Option<&Path> {
        match self.order.keys {
            KeysConfig::File(path) if !self.keys_are_there => Some(path),
            _ => None,
        }
    }
}

/// Refuses a place that the backup doesn't fit into.
fn permit(order: &Restore<'_>, manifest: &Manifest) -> Result<(), RestoreError> {
    match (manifest.demo, order.is_demo) {
        (true, false) => return Err(RestoreError::OfDemo),
        (false, true) => return Err(RestoreError::NotOfDemo),
        _ => {}
    }
    let place = match order.database {
        DatabaseUrl::Sqlite(_) => Kind::Sqlite,
        DatabaseUrl::Postgres(_) => Kind::Postgres,
    };
    let Some(DatabaseFile { kind, .. }) = manifest.database else {
        return match probe(order.database)? {
            Found::Database { .. } => Ok(()),
            Found::NoFile | Found::NoTables => Err(RestoreError::NoDatabase(order.database.clone())),
        };
    };
    if kind != place {
        return Err(RestoreError::OtherKind { backup: kind.name(), place: place.name() });
    }
    match order.database {
        // A log left beside the name would be played into the database that gets it.
        DatabaseUrl::Sqlite(path) => {
            let beside = ["", "-wal", "-shm", "-journal"].map(|ending| folder::with_ending(path, ending));
            let taken = beside.into_iter().find(|path| path.exists());
            taken.map_or(Ok(()), |path| Err(RestoreError::NotEmpty(path.display().to_string())))
        }
        DatabaseUrl::Postgres(_) if store::is_empty(order.database)? => Ok(()),
        DatabaseUrl::Postgres(_) => Err(RestoreError::NotEmpty(format!("{:?}", order.database))),
    }
}

/// Whether the backup's keys stand in their place already. Other keys are never overwritten; and where the database is not
/// in the backup, a key file shows that this is no empty place.
fn find_keys(place: &KeysConfig, keys: &KeyRing, has_database: bool) -> Result<bool, RestoreError> {
    match place {
        KeysConfig::Environment(text) if KeyRing::parse(text.expose())?.is_same_as(keys) => Ok(true),
        KeysConfig::Environment(_) => Err(RestoreError::OtherKeys),
        KeysConfig::File(path) if !path.exists() => Ok(false),
        KeysConfig::File(path) if has_database && KeyRing::read(path)?.is_same_as(keys) => Ok(true),
        KeysConfig::File(path) => Err(RestoreError::NotEmpty(path.display().to_string())),
    }
}

fn read(path: &Path) -> Result<String, FolderError> {
    fs::read_to_string(path).map_err(FolderError::of(path, "read"))
}

/// Refuses a file that is not what the backup says; what is read goes to `copy`.
fn compare(path: &Path, stated: &DatabaseFile, copy: &mut dyn io::Write) -> Result<(), RestoreError> {
    let (found, sha256) = folder::measure(path, copy)?;
    if (found, &sha256) == (stated.bytes, &stated.sha256) {
        return Ok(());
    }
    Err(RestoreError::Damaged { path: path.to_owned(), found, stated: stated.bytes })
}

/// A SQLite database beside its place, until it may have its name.
struct Making {
    path: PathBuf,
    files: Unfinished,
}

impl Making {
    fn copy(from: &Path, stated: &DatabaseFile, place: &Path) -> Result<Self, RestoreError> {
        let path = folder::with_ending(place, ".unfinished");
        if path.exists() {
            return Err(RestoreError::NotEmpty(path.display().to_string()));
        }
        let mut file = folder::new_file(&path)?;
        let files = ["", "-wal", "-shm", "-journal"].map(|ending| folder::with_ending(&path, ending));
        let making = Self { path, files: Unfinished::files(files.into()) };
        compare(from, stated, &mut file)?;
        Ok(making)
    }

    /// Gives the database its name, which nobody else may have taken meanwhile.
    fn publish(self, place: &Path) -> Result<(), RestoreError> {
        // Closing the last connection leaves no log; with one, this file alone would be an older state.
        let log = folder::with_ending(&self.path, "-wal");
        if log.exists() {
            return Err(RestoreError::InUse(log));
        }
        folder::sync(&self.path)?;
        fs::hard_link(&self.path, place).map_err(FolderError::of(place, "made"))?;
        // The other name goes.
        drop(self.files);
        Ok(folder::sync(folder::parent(place))?)
    }
}
