//! Looks at a database without making or migrating anything: for `sunbeon check`, and before `serve` starts.

use std::path::Path;

use diesel::{RunQueryDsl, sql_query};

use super::connection::open_bare;
use super::{DatabaseUrl, StoreError, settings};

/// What stands behind a database's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No file yet; the first start makes it.
    NoFile,
    /// A database without our tables; the first start makes them.
    NoTables,
    /// A database of ours.
    Database {
        /// Whether the demo filled it.
        is_demo: bool,
    },
}

/// Connects to the database and says what is there.
///
/// # Errors
/// [`StoreError`] when it can't be reached, or when its file could not be made.
pub fn probe(url: &DatabaseUrl) -> Result<Found, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return if directory.is_dir() {
            Ok(Found::NoFile)
        } else {
            Err(StoreError::Unreachable(format!("the directory {} does not exist", directory.display())))
        };
    }
    let mut conn = open_bare(url)?;
    match settings::is_demo(&mut conn) {
        Ok(is_demo) => Ok(Found::Database { is_demo }),
        Err(StoreError::Statement(error)) if is_missing_table(&error) => Ok(Found::NoTables),
        Err(error) => Err(error),
    }
}

/// Whether a PostgreSQL database has no table of anybody's.
///
/// # Errors
/// [`StoreError`] when it can't be reached.
pub fn is_empty(url: &DatabaseUrl) -> Result<bool, StoreError> {
    let tables = "SELECT 1 FROM information_schema.tables \
                  WHERE table_schema NOT IN ('information_schema', 'pg_catalog') LIMIT 1";
    Ok(sql_query(tables).execute(&mut open_bare(url)?)? == 0)
}

/// SQLite and PostgreSQL say it each in their own words; diesel has no kind for it.
fn is_missing_table(error: &diesel::result::Error) -> bool {
    let diesel::result::Error::DatabaseError(_, info) = error else { return false };
    info.message().contains("no such table") || info.message().contains("does not exist")
}
