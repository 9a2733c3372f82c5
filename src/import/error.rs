//! Why an import did nothing, or stopped half-way.

use std::fmt;

use crate::store::ledger::LedgerError;
use crate::store::{Never, StoreError};

/// How much of what was found is repeated in a message, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// Why an import did nothing, or stopped half-way. Single bad rows are no error: they are in the report.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing to import.
    #[error("the file has no rows; the first row names the columns, each other row is a site")]
    Empty,
    /// More than an import takes at once.
    #[error("the file has {found} bytes; at most {accepted} are taken at once, so split it")]
    TooLarge {
        /// Bytes of the file.
        found: usize,
        /// Bytes that are taken.
        accepted: usize,
    },
    /// The rows can't be told apart.
    #[error("the rows can't be read: {0}")]
    Unreadable(String),
    /// Columns are missing, or a campaign file has mistakes; all of them. Nothing was stored.
    #[error("{}", lines(.0))]
    Mistakes(Vec<Problem>),
    /// The time zone is not one with a name, which a site needs.
    #[error("the time zone has no IANA name; set time.zone to one such as \"Asia/Seoul\"")]
    NamelessZone,
    /// What is stored already could not be read. Nothing was stored.
    #[error("the database could not be read; nothing was imported")]
    Read(#[from] StoreError),
    /// A write failed. What was saved before stays; running the import again stores nothing twice.
    #[error("the import stopped after {done} of {total} sites; run it again, nothing is stored twice")]
    Stopped {
        /// Sites saved with their slots.
        done: usize,
        /// Sites to save.
        total: usize,
        /// What the ledger said.
        #[source]
        source: LedgerError<Never>,
    },
}

/// One mistake: where, what was found, what is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The column, or the key with its section.
    pub key: String,
    /// What stands there; empty when nothing does.
    pub found: String,
    /// What may stand there.
    pub accepted: String,
}

impl Problem {
    pub(super) fn new(key: impl fmt::Display, found: &str, accepted: impl Into<String>) -> Self {
        Self { key: key.to_string(), found: shortened(found), accepted: accepted.into() }
    }

    pub(super) fn missing(key: impl fmt::Display, accepted: impl Into<String>) -> Self {
        Self::new(key, "", accepted)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, found, accepted } = self;
        if found.is_empty() {
            write!(f, "{key}: missing; write {accepted}")
        } else {
            // The debug form shows control characters as text, so that a file can't steer the terminal.
            write!(f, "{key}: found {found:?}; write {accepted}")
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
