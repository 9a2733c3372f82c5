//! `[keys]`: where the master keys are.

use std::path::PathBuf;

use super::reader::Reader;
use super::secret::Secret;

/// Where the master keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysConfig {
    /// In this file, readable by its owner only.
    File(PathBuf),
    /// In the environment variable `SUNBEON_MASTER_KEYS`, which wins over the file: here is its text.
    Environment(Secret),
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self::File("/etc/sunbeon/master.keys".into())
    }
}

impl KeysConfig {
    pub(super) fn read(reader: &mut Reader, from_environment: Option<Secret>) -> Self {
        let file = reader.optional_path("keys.file");
        match (from_environment, file) {
            (Some(text), _) => Self::Environment(text),
            (None, Some(file)) => Self::File(file),
            (None, None) => Self::default(),
        }
    }
}
