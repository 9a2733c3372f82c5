//! One connection type over both databases, opened by the scheme of the URL.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::{Pg, PgConnection};
use diesel::r2d2::ManageConnection;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;
use crate::config::DatabaseUrl;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How long a statement waits for another process's short write transaction, in milliseconds.
pub(super) const BUSY_MILLISECONDS: u32 = 5_000;

/// How long PostgreSQL waits for the next statement of a writer's transaction before it undoes it, in milliseconds. The
/// writer itself needs less than one.
const STANDSTILL_MILLISECONDS: u32 = 5_000;

/// Pages that each reader of SQLite keeps in memory, in KiB: the writer's are many more, and the system keeps the rest.
const READER_CACHE_KIB: u32 = 4_096;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// A shared PostgreSQL.
    Postgres(PgConnection),
}

/// Runs a statement on the database at hand, past [`Conn`]'s own dispatch, which writes a statement's text three times for
/// each run. The commands that the evening is made of go this way; everything else is short enough as it is.
macro_rules! directly {
    ($conn:expr, $direct:ident => $statement:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($direct) => $statement,
            $crate::store::Conn::Postgres($direct) => $statement,
        }
    };
}
pub(super) use directly;

/// Opens connections for a pool or for the ledger.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    url: DatabaseUrl,
    reads_only: bool,
}

impl Opener {
    pub(super) fn reader(url: DatabaseUrl) -> Self {
        Self { url, reads_only: true }
    }

    pub(super) fn writer(url: DatabaseUrl) -> Self {
        Self { url, reads_only: false }
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    pub(super) fn open(&self) -> Result<Conn, StoreError> {
        let mut conn = open_bare(&self.url)?;
        match (&mut conn, self.reads_only) {
            (Conn::Sqlite(sqlite), true) => sqlite.batch_execute(&format!(
                "PRAGMA query_only = ON;
                 PRAGMA cache_size = -{READER_CACHE_KIB};"
            ))?,
            (Conn::Sqlite(_), false) | (Conn::Postgres(_), true) => {}
            // Whatever the server or the role has set: a confirmed booking is on disk, and a node that stands still in
            // the middle of a transaction, or whose machine is gone without a word, keeps no row locked for long.
            (Conn::Postgres(postgres), false) => postgres.batch_execute(&format!(
                "SET synchronous_commit = on;
                 SET idle_in_transaction_session_timeout = {STANDSTILL_MILLISECONDS};"
            ))?,
        }
        Ok(conn)
    }
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        match conn {
            // A file doesn't hang up.
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(conn) => Ok(sql_query("SELECT 1").execute(conn).map(|_| ())?),
        }
    }

    fn has_broken(&self, _conn: &mut Conn) -> bool {
        std::thread::panicking()
    }
}

/// Opens a connection. The real error is kept: diesel's own `establish` of a `MultiConnection` hides it.
pub(super) fn open_bare(url: &DatabaseUrl) -> Result<Conn, StoreError> {
    let unreachable = |error: diesel::ConnectionError| StoreError::Unreachable(format!("{url:?}: {error}"));
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(unreachable)?;
            conn.batch_execute(&format!(
                "PRAGMA busy_timeout = {BUSY_MILLISECONDS};
                 PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON;
                 PRAGMA wal_autocheckpoint = 0;
                 PRAGMA cache_size = -32768;
                 PRAGMA temp_store = MEMORY;",
            ))?;
            Ok(Conn::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url.expose()).map(Conn::Postgres).map_err(unreachable)
        }
    }
}

pub(super) fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    let names = |versions: Vec<diesel::migration::MigrationVersion<'_>>| {
        versions.iter().map(ToString::to_string).collect()
    };
    match open_bare(url)? {
        Conn::Sqlite(mut conn) => conn.run_pending_migrations(SQLITE_MIGRATIONS).map(names).map_err(failed),
        Conn::Postgres(mut conn) => {
            // Nodes that start together take turns; `LOCK TABLE` is plain SQL, an advisory lock is not.
            // Two may make the table at the same instant: whoever loses, in one of several ways, finds it at the second look.
            let make = "CREATE TABLE IF NOT EXISTS migration_turn (id INTEGER PRIMARY KEY)";
            conn.batch_execute(make).or_else(|_lost| conn.batch_execute(make))?;
            conn.transaction(|conn| {
                conn.batch_execute("LOCK TABLE migration_turn IN EXCLUSIVE MODE")?;
                conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(names).map_err(failed)
            })
        }
    }
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The newest migration that made a database, and one that this program does not know, if there is one.
pub(super) fn versions(conn: &mut Conn) -> Result<(String, Option<String>), StoreError> {
    // Not by diesel's own means: they make the table first, and this only looks.
    let made: Vec<Version> =
        sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(conn)?;
    let known = match conn {
        Conn::Sqlite(_) => known_versions::<Sqlite>(&SQLITE_MIGRATIONS)?,
        Conn::Postgres(_) => known_versions::<Pg>(&POSTGRES_MIGRATIONS)?,
    };
    let unknown = made.iter().find(|one| !known.contains(&one.version)).map(|one| one.version.clone());
    Ok((made.last().map(|one| one.version.clone()).unwrap_or_default(), unknown))
}

fn known_versions<D: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: MigrationSource<D>,
{
    let all =
        MigrationSource::<D>::migrations(source).map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(all.iter().map(|one| one.name().version().to_string()).collect())
}

pub(super) fn revert_all(url: &DatabaseUrl) -> Result<(), StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    match open_bare(url)? {
        Conn::Sqlite(mut conn) => conn.revert_all_migrations(SQLITE_MIGRATIONS).map(|_| ()).map_err(failed),
        Conn::Postgres(mut conn) => {
            conn.revert_all_migrations(POSTGRES_MIGRATIONS).map(|_| ()).map_err(failed)
        }
    }
}
/// A row that another process wrote first: of several that start at once each finds what the first one made.
pub(super) fn none_if_there(error: diesel::result::Error) -> QueryResult<usize> {
    use diesel::result::{DatabaseErrorKind, Error};
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Ok(0),
        other => Err(other),
    }
}
