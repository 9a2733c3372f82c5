//! A look through a whole database: that it is undamaged, made by migrations this program knows, and sealed with the
//! keys at hand. A backup is looked through before it counts as one, and again before it is put back.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::accounts::phone_hash;
use super::connection::{open_bare, versions};
use super::schema::{account, booking, challenge, person};
use super::{Conn, DatabaseUrl, StoreError, key_mark, settings};
use crate::domain::phone::PhoneNumber;
use crate::keys::{Cell, KeyRing, OpenError, Sealed};

/// What a database says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// The newest migration that made it.
    pub schema: String,
    /// Whether the demo filled it.
    pub is_demo: bool,
    /// Bookings, of every state.
    pub bookings: i64,
}

/// Why a database can't be relied on.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// SQLite finds its file damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Rows refer to rows that are not there.
    #[error("the database is damaged: {0} rows refer to others that are missing")]
    Dangling(usize),
    /// A newer program made it.
    #[error("a newer Sunbeon made this database (migration {0}): use that version, or a newer one")]
    Newer(String),
    /// It was sealed with other keys.
    #[error("these keys do not belong to this database")]
    OtherKeys(#[source] OpenError),
    /// Phones are looked up with another key.
    #[error("these keys do not belong to this database: phones are found by another look-up key")]
    OtherLookupKey,
    /// It could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for InspectError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Dangling {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "table")]
    _table: String,
}

/// Looks through a SQLite file, every page and every reference of it, and changes nothing.
///
/// # Errors
/// [`InspectError`] with the first thing that is wrong.
pub fn of_file(path: &Path, keys: &KeyRing) -> Result<Inspected, InspectError> {
    let unreachable =
        |error: ConnectionError| StoreError::Unreachable(format!("{}: {error}", path.display()));
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(unreachable)?;
    let damaged = |error: diesel::result::Error| InspectError::Damaged(error.to_string());
    conn.batch_execute("PRAGMA query_only = ON").map_err(damaged)?;
    let findings: Vec<Finding> = sql_query("PRAGMA integrity_check(1)").load(&mut conn).map_err(damaged)?;
    if let Some(finding) = findings.into_iter().find(|finding| finding.integrity_check != "ok") {
        return Err(InspectError::Damaged(finding.integrity_check));
    }
    let dangling: Vec<Dangling> = sql_query("PRAGMA foreign_key_check").load(&mut conn).map_err(damaged)?;
    if !dangling.is_empty() {
        return Err(InspectError::Dangling(dangling.len()));
    }
    look_through(&mut Conn::Sqlite(conn), keys)
}

/// Looks at a database in use. PostgreSQL checks references itself when a dump is put back.
///
/// # Errors
/// [`InspectError`] with the first thing that is wrong.
pub fn of_database(url: &DatabaseUrl, keys: &KeyRing) -> Result<Inspected, InspectError> {
    match url {
        DatabaseUrl::Sqlite(path) => of_file(path, keys),
        DatabaseUrl::Postgres(_) => look_through(&mut open_bare(url)?, keys),
    }
}

fn look_through(conn: &mut Conn, keys: &KeyRing) -> Result<Inspected, InspectError> {
    let (schema, unknown) = versions(conn)?;
    if let Some(unknown) = unknown {
        return Err(InspectError::Newer(unknown));
    }
    open_some(conn, keys)?;
    key_mark::compare(conn, keys)?;
    let bookings = booking::table.count().get_result(conn)?;
    Ok(Inspected { schema, is_demo: settings::is_demo(conn)?, bookings })
}

/// Opens the first and the last of what is sealed, which the oldest and the newest key sealed.
pub(super) fn open_some(conn: &mut Conn, keys: &KeyRing) -> Result<(), InspectError> {
    let accounts = account::table
        .filter(account::phone_sealed.is_not_null().and(account::phone_hash.is_not_null()))
        .select((
            account::id,
            account::phone_sealed.assume_not_null(),
            account::phone_hash.assume_not_null(),
        ));
    let first: Option<(i64, Vec<u8>, Vec<u8>)> = accounts.order(account::id.asc()).first(conn).optional()?;
    let last = accounts.order(account::id.desc()).first(conn).optional()?;
    for (row, sealed, hash) in first.into_iter().chain(last) {
        let phone = open(keys, Cell { table: "account", column: "phone_sealed", row }, sealed)?;
        let phone = PhoneNumber::from_e164(&phone).map_err(super::values::unreadable)?;
        if phone_hash(keys, &phone).as_bytes() != hash.as_slice() {
            return Err(InspectError::OtherLookupKey);
        }
    }
    let people = person::table
        .filter(person::name_sealed.is_not_null())
        .select((person::id, person::name_sealed.assume_not_null()));
    let first: Option<(i64, Vec<u8>)> = people.order(person::id.asc()).first(conn).optional()?;
    let last = people.order(person::id.desc()).first(conn).optional()?;
    for (row, sealed) in first.into_iter().chain(last) {
        open(keys, Cell { table: "person", column: "name_sealed", row }, sealed)?;
    }
    let codes = challenge::table.select((challenge::id, challenge::contact_sealed));
    let last: Option<(i64, Vec<u8>)> = codes.order(challenge::id.desc()).first(conn).optional()?;
    if let Some((row, sealed)) = last {
        open(keys, Cell { table: "challenge", column: "contact_sealed", row }, sealed)?;
    }
    Ok(())
}

fn open(keys: &KeyRing, cell: Cell, sealed: Vec<u8>) -> Result<String, InspectError> {
    keys.open_text(cell, &Sealed::from_bytes(sealed)).map_err(InspectError::OtherKeys)
}
