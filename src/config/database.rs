//! `[database]`: where everything is stored.

use std::fmt;
use std::path::PathBuf;

use super::reader::Reader;
use super::secret::Secret;

/// Where everything is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections that only read.
    pub readers: u32,
    /// Ledger writers. SQLite has one.
    pub writers: u32,
}

/// The database; its scheme decides which kind it is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://` and a path: `sqlite:///var/lib/x.db` is absolute, `sqlite://x.db` relative.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/name?options`, as PostgreSQL's own tools take it.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// Takes `sqlite://PATH`, `postgres://...` and `postgresql://...`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().split_once("://")? {
            (_, "") => None,
            ("sqlite", path) => Some(Self::Sqlite(path.into())),
            ("postgres" | "postgresql", _) => Some(Self::Postgres(Secret::new(text.trim()))),
            _ => None,
        }
    }
}

/// Shows the path of a SQLite database and nothing of a PostgreSQL URL, which may have a password in it.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: DatabaseUrl::Sqlite("/var/lib/sunbeon/sunbeon.db".into()), readers: 8, writers: 1 }
    }
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let config = Self {
            url: reader
                .secret(
                    "database.url",
                    "\"sqlite:///absolute/path\" or \"postgres://user:password@host/name\"",
                    DatabaseUrl::parse,
                )
                .unwrap_or(default.url),
            readers: reader.number("database.readers", 1..=512, default.readers),
            writers: reader.number("database.writers", 1..=64, default.writers),
        };
        if config.writers > 1 && matches!(config.url, DatabaseUrl::Sqlite(_)) {
            let found = format!("{} with SQLite", config.writers);
            reader.complain("database.writers", found, "1, or a postgres:// database");
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_and_no_password_shows() {
        assert_eq!(DatabaseUrl::parse("sqlite:///a/b.db"), Some(DatabaseUrl::Sqlite("/a/b.db".into())));
        assert_eq!(DatabaseUrl::parse("sqlite://b.db"), Some(DatabaseUrl::Sqlite("b.db".into())));
        let postgres = DatabaseUrl::parse("postgres://sunbeon:hunter2@db/sunbeon");
        assert_eq!(format!("{postgres:?}"), "Some(postgres://…)");
        for wrong in ["", "/a/b.db", "mysql://a/b", "sqlite://", "sqlite:a"] {
            assert_eq!(DatabaseUrl::parse(wrong), None, "{wrong}");
        }
    }
}
