//! What is wrong with a configuration, all of it.

use std::fmt;

use thiserror::Error;

/// One thing that is wrong: where it stands, what was found and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{origin}: {key}: found {found}; accepted: {accepted}")]
pub struct ConfigError {
    /// The file's path, or the name of the environment variable.
    pub origin: String,
    /// The key with its section, such as `booking.hold_minutes`.
    pub key: String,
    /// What stands there. Never a password.
    pub found: String,
    /// What may stand there.
    pub accepted: String,
}

/// Everything that is wrong with a configuration; at least one thing. Shown one a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}
