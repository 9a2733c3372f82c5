//! `backup.toml`: what a backup says about itself.

use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

/// The form of the whole directory, raised when an older program can't read it.
const FORMAT: i64 = 1;

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Which database a backup came from, and goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Kind {
    /// The name of its file in a backup.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite",
            Self::Postgres => "database.pgdump",
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The database's file in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseFile {
    /// Which database it belongs to.
    pub kind: Kind,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: i64,
    /// Everything that was confirmed before this moment is in it.
    pub taken_at: Timestamp,
    /// The version of Sunbeon that took it.
    pub sunbeon: String,
    /// The newest migration of the database.
    pub schema: String,
    /// Whether it was taken of a demo.
    pub demo: bool,
    /// Bookings of every state, so that a person sees that it is not empty.
    pub bookings: i64,
    /// The database; `None` in a backup of the keys alone.
    pub database: Option<DatabaseFile>,
}

/// Why `backup.toml` can't be read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// A newer program wrote it.
    #[error(
        "the backup has format {format}, this Sunbeon ({VERSION}) knows {FORMAT}: use Sunbeon {by} or newer"
    )]
    Newer {
        /// The format.
        format: i64,
        /// The version that wrote it.
        by: String,
    },
    /// It was changed or cut off.
    #[error("backup.toml is damaged ({0}): take another copy of the backup")]
    Damaged(String),
}

impl Manifest {
    /// What this program says about a backup it takes.
    pub(super) fn new(taken_at: Timestamp, schema: String, demo: bool, bookings: i64) -> Self {
        let sunbeon = VERSION.to_owned();
        Self { format: FORMAT, taken_at, sunbeon, schema, demo, bookings, database: None }
    }

    /// Reads the text of `backup.toml`.
    pub(super) fn parse(text: &str) -> Result<Self, ManifestError> {
        let damaged = |error: toml::de::Error| ManifestError::Damaged(error.message().to_owned());
        let table: toml::Table = text.parse().map_err(damaged)?;
        let format = table.get("format").and_then(toml::Value::as_integer);
        if let Some(format) = format.filter(|format| *format > FORMAT) {
            let by = table.get("sunbeon").and_then(toml::Value::as_str).unwrap_or("of its time").to_owned();
            return Err(ManifestError::Newer { format, by });
        }
        table.try_into().map_err(damaged)
    }

    /// The text of `backup.toml`.
    pub(super) fn to_text(&self) -> String {
        let Self { format, taken_at, sunbeon, schema, demo, bookings, database } = self;
        let mut text = format!(
            "\
# A backup of Sunbeon. With the passphrase that sealed its keys, this puts it back into an empty place:
#
#     sunbeon restore THIS_DIRECTORY --config sunbeon.toml
#
# `sunbeon restore --help` says more. Changing anything in this directory makes it useless.
format = {format}
taken_at = \"{taken_at}\"
sunbeon = \"{sunbeon}\"
schema = \"{schema}\"
demo = {demo}
bookings = {bookings}
"
        );
        match database {
            Some(DatabaseFile { kind, bytes, sha256 }) => text.push_str(&format!(
                "\n# {}\n[database]\nkind = \"{}\"\nbytes = {bytes}\nsha256 = \"{sha256}\"\n",
                kind.file_name(),
                kind.word()
            )),
            None => text
                .push_str("\n# The keys alone: put the database back first, by the means that copied it.\n"),
        }
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest() -> Manifest {
        let mut manifest =
            Manifest::new("2026-11-24T11:00:00Z".parse().unwrap(), "20261123000000".into(), false, 7);
        manifest.database = Some(DatabaseFile { kind: Kind::Sqlite, bytes: 4096, sha256: "ab".repeat(32) });
        manifest
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut one = manifest();
        assert_eq!(Manifest::parse(&one.to_text()).unwrap(), one);
        one.database = None;
        assert_eq!(Manifest::parse(&one.to_text()).unwrap(), one);
    }

    #[test]
    fn a_newer_format_names_the_version_to_use_whatever_else_it_holds() {
        let text = manifest().to_text().replace("format = 1", "format = 2\nmoon = \"full\"");
        let newer = text.replace(VERSION, "3.1.0");
        let refused = Manifest::parse(&newer).unwrap_err().to_string();
        assert!(refused.contains("format 2") && refused.contains("Sunbeon 3.1.0"), "{refused}");
    }

    #[test]
    fn a_cut_text_is_damaged() {
        let text = manifest().to_text();
        for cut in [0, text.find("taken_at").unwrap(), text.len() - 20] {
            assert!(matches!(Manifest::parse(&text[..cut]), Err(ManifestError::Damaged(_))), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn a_text_that_was_changed_is_read_or_refused(at in any::<prop::sample::Index>(), with in "\\PC{0,8}|[-0-9\"=\\[\\]\n.]{0,4}", rest in any::<bool>()) {
            let mut text = manifest().to_text();
            let at = at.index(text.len());
            let end = if rest { at } else { text.len().min(at + with.len()) };
            text.replace_range(at..end, &with);
            match Manifest::parse(&text) {
                Ok(read) => prop_assert!(read.format <= FORMAT),
                Err(refused) => prop_assert!(!refused.to_string().is_empty()),
            }
        }
    }
}
