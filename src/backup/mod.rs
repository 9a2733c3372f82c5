//! Backups: a directory that holds the state of one moment, and can be put back into an empty place.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `backup.toml` | the format's number; when, by which version and of which schema the backup was taken; size and SHA-256 of the database |
//! | `database.sqlite` | a whole SQLite database, as sealed as the one in service |
//! | `database.pgdump` | instead, for PostgreSQL: what `pg_dump --format=custom` writes |
//! | `master.keys.sealed` | the key file, sealed by a passphrase together with `backup.toml` |
//!
//! Because the keys open only beside the `backup.toml` they were sealed with, and that holds the database's SHA-256,
//! changing any byte of a backup is noticed. The directory gets its name when everything in it is on disk.
//!
//! A backup of the keys alone has no database: for those who copy the database by other means, such as Litestream or
//! PostgreSQL's own.

mod folder;
mod manifest;
mod postgres;
mod restore;
mod take;

pub use folder::FolderError;
pub use manifest::{DatabaseFile, Kind, Manifest, ManifestError};
pub use postgres::ToolError;
pub use restore::{Restore, RestoreError, Restored, restore};
pub use take::{Take, TakeError, take};

/// What a backup says about itself.
const MANIFEST_FILE: &str = "backup.toml";

/// Its keys.
const KEYS_FILE: &str = "master.keys.sealed";
