//! A fresh database for each test, gone when the test is over.

use std::ffi::OsString;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use sunbeon::domain::clock::ChanceExt;
use sunbeon::store::DatabaseUrl;
use sunbeon::system::SystemChance;

#[path = "skipped.rs"]
mod skipped;
pub use skipped::skipped;

/// The server on which tests make databases of their own: the URL of a superuser.
const POSTGRES_VARIABLE: &str = "SUNBEON_TEST_POSTGRES";

/// A database that only one test knows.
pub enum TestDatabase {
    /// A file in a folder of its own.
    Sqlite(tempfile::TempDir),
    /// A database on the test server.
    Postgres {
        /// The URL of the server's own database.
        server: String,
        /// The name of ours.
        name: String,
    },
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl TestDatabase {
    /// A new SQLite database.
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// A new PostgreSQL database; `None`, and a line that says so, when there is no server for tests.
    pub fn postgres() -> Option<Self> {
        let Some(server) = std::env::var_os(POSTGRES_VARIABLE).map(OsString::into_string) else {
            skipped(&format!("PostgreSQL: {POSTGRES_VARIABLE} is not set"));
            return None;
        };
        Some(Self::postgres_on(server.unwrap()))
    }

    /// A new database on a PostgreSQL server: the URL of a superuser.
    pub fn postgres_on(server: String) -> Self {
        let name = format!("sunbeon_test_{:032x}", u128::from_be_bytes(SystemChance.bytes()));
        let mut conn = PgConnection::establish(&server).expect("the PostgreSQL for tests must answer");
        conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Self::Postgres { server, name }
    }

    /// Where it is.
    pub fn url(&self) -> DatabaseUrl {
        match self {
            Self::Sqlite(folder) => DatabaseUrl::Sqlite(folder.path().join("sunbeon.db")),
            Self::Postgres { .. } => DatabaseUrl::parse(&self.postgres_url()).unwrap(),
        }
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// The files of SQLite: the database and its log.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::Sqlite(folder) => {
                folder.path().read_dir().unwrap().map(|file| file.unwrap().path()).collect()
            }
            Self::Postgres { .. } => Vec::new(),
        }
    }

    fn postgres_url(&self) -> String {
        let Self::Postgres { server, name } = self else { unreachable!() };
        let (base, options) = server.split_once('?').unwrap_or((server, ""));
        let (base, _) = base.rsplit_once('/').unwrap();
        format!("{base}/{name}?{options}")
    }

    /// Runs statements as an intruder would: past the ledger and past every rule of the program.
    pub fn execute(&self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => self.open_sqlite().batch_execute(sql),
            Self::Postgres { .. } => self.open_postgres().batch_execute(sql),
        }
    }

    /// The one number that a query gives as column `number`.
    pub fn number(&self, sql: &str) -> i64 {
        let query = diesel::sql_query(sql);
        let row: Number = match self {
            Self::Sqlite(_) => query.get_result(&mut self.open_sqlite()).unwrap(),
            Self::Postgres { .. } => query.get_result(&mut self.open_postgres()).unwrap(),
        };
        row.number
    }

    /// The texts that a query gives as column `line`.
    pub fn lines(&self, sql: &str) -> Vec<String> {
        let query = diesel::sql_query(sql);
        let rows: Vec<Line> = match self {
            Self::Sqlite(_) => query.load(&mut self.open_sqlite()).unwrap(),
            Self::Postgres { .. } => query.load(&mut self.open_postgres()).unwrap(),
        };
        rows.into_iter().map(|row| row.line).collect()
    }

    /// The texts that each query gives as column `line`, all as of one moment.
    pub fn lines_at_one_moment(&self, queries: &[&str]) -> Vec<Vec<String>> {
        let texts = |rows: Vec<Line>| rows.into_iter().map(|row| row.line).collect();
        match self {
            Self::Sqlite(_) => {
                let mut conn = self.open_sqlite();
                conn.batch_execute("BEGIN").unwrap();
                let all = queries.iter().map(|sql| texts(diesel::sql_query(*sql).load(&mut conn).unwrap()));
                all.collect()
            }
            Self::Postgres { .. } => {
                let mut conn = self.open_postgres();
                conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").unwrap();
                let all = queries.iter().map(|sql| texts(diesel::sql_query(*sql).load(&mut conn).unwrap()));
                all.collect()
            }
        }
    }

    fn open_sqlite(&self) -> SqliteConnection {
        let DatabaseUrl::Sqlite(path) = self.url() else { unreachable!() };
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;").unwrap();
        conn
    }

    fn open_postgres(&self) -> PgConnection {
        PgConnection::establish(&self.postgres_url()).unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
        }
    }
}
