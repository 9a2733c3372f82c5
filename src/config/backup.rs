//! `[backup]`: what seals the keys of a backup.

use std::ffi::OsString;

use super::reader::Reader;
use super::secret::Secret;
use super::{Config, ConfigErrors};

/// What seals the keys of a backup.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct BackupConfig {
    /// The passphrase; where there is none, it is asked for.
    pub passphrase: Option<Secret>,
}

impl BackupConfig {
    /// What the environment says of it: for a demo, which has no other configuration.
    ///
    /// # Errors
    /// [`ConfigErrors`] when it can't be used.
    pub fn of_environment() -> Result<Self, ConfigErrors> {
        let is_ours = |name: &OsString| name.to_string_lossy().starts_with("SUNBEON_BACKUP__");
        let environment = std::env::vars_os().filter(|(name, _)| is_ours(name));
        Ok(Config::read_with(None, environment)?.backup)
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        let inline = reader.secret("backup.passphrase", "a text", |text| Some(Secret::new(text)));
        let in_file = reader.secret_file("backup.passphrase_file");
        if reader.has("backup.passphrase") && reader.has("backup.passphrase_file") {
            reader.complain(
                "backup.passphrase_file",
                "a passphrase as well",
                "either passphrase or passphrase_file",
            );
        }
        Self { passphrase: inline.or(in_file) }
    }
}
