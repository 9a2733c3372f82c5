//! `[backup]`: what seals the keys of a backup.

use super::reader::Reader;
use super::secret::Secret;

/// What seals the keys of a backup.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct BackupConfig {
    /// The passphrase; where there is none, it is asked for.
    pub passphrase: Option<Secret>,
}

impl BackupConfig {
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
