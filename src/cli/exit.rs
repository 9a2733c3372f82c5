//! How a command ends, for scripts.

use std::process;

use crate::config::{ConfigErrors, Refusal};
use crate::keys::{KeyFileError, KeyTextError};
use crate::store::StoreError;
use crate::store::inspection::InspectError;

/// Shown at the end of `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0  it is done
  1  it failed
  2  the command line is wrong
  3  the configuration or the key file is wrong
  4  the database can't be reached
  5  some rows of an import were refused; the others are in
  6  a rehearsal found something wrong";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything is done.
    Done = 0,
    /// It failed for a reason without a number of its own.
    Failed = 1,
    /// The command line is wrong.
    WrongUsage = 2,
    /// The configuration or the key file is wrong, or does not allow this.
    WrongConfiguration = 3,
    /// The database can't be reached.
    DatabaseUnreachable = 4,
    /// Some rows of an import were refused, the others are in.
    SomeRowsRefused = 5,
    /// A rehearsal found something wrong.
    RehearsedBadly = 6,
}

impl ExitCode {
    /// Every one, by number.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::WrongUsage,
        Self::WrongConfiguration,
        Self::DatabaseUnreachable,
        Self::SomeRowsRefused,
        Self::RehearsedBadly,
    ];

    /// What it means, as the help says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "it is done",
            Self::Failed => "it failed",
            Self::WrongUsage => "the command line is wrong",
            Self::WrongConfiguration => "the configuration or the key file is wrong",
            Self::DatabaseUnreachable => "the database can't be reached",
            Self::SomeRowsRefused => "some rows of an import were refused; the others are in",
            Self::RehearsedBadly => "a rehearsal found something wrong",
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// The command line is fine for the parser and still makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(pub(super) String);

/// Why `serve` won't start; one reason a line.
#[derive(Debug, thiserror::Error)]
#[error("serve won't start with this configuration:\n{}", lines(.0))]
pub(super) struct Refused(pub(super) Vec<Refusal>);

fn lines(refusals: &[Refusal]) -> String {
    Vec::from_iter(refusals.iter().map(|refusal| format!("  {refusal}"))).join("\n")
}

/// Whether the key file is not the one that wrote the database.
fn are_other_keys(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inspected = match cause.downcast_ref() {
        Some(InspectError::OtherKeys(_) | InspectError::OtherLookupKey) => return true,
        Some(InspectError::Store(error)) => Some(error),
        _ => cause.downcast_ref(),
    };
    matches!(inspected, Some(StoreError::OtherKeys(_)))
}

/// The exit code that an error stands for.
pub(super) fn code_of(error: &anyhow::Error) -> ExitCode {
    for cause in error.chain() {
        if cause.is::<WrongUsage>() {
            return ExitCode::WrongUsage;
        }
        if cause.is::<ConfigErrors>()
            || cause.is::<KeyFileError>()
            || cause.is::<KeyTextError>()
            || cause.is::<Refused>()
            || are_other_keys(cause)
        {
            return ExitCode::WrongConfiguration;
        }
        if let Some(StoreError::Unreachable(_) | StoreError::NoConnection(_) | StoreError::Crowded) =
            cause.downcast_ref()
        {
            return ExitCode::DatabaseUnreachable;
        }
    }
    ExitCode::Failed
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn an_error_keeps_its_code_however_it_is_wrapped() {
        let unreachable = Err::<(), _>(StoreError::Unreachable("refused".into())).context("migrating");
        assert_eq!(code_of(&unreachable.unwrap_err()), ExitCode::DatabaseUnreachable);
        assert_eq!(code_of(&WrongUsage("no".into()).into()), ExitCode::WrongUsage);
        assert_eq!(code_of(&Refused(vec![Refusal::Spool]).into()), ExitCode::WrongConfiguration);
        assert_eq!(code_of(&anyhow::anyhow!("anything")), ExitCode::Failed);
    }
}
