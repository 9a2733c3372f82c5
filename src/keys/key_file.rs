//! Master keys in a file that only its owner can read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use super::key_text::KeyTextError;
use super::keyring::KeyRing;

/// Far more than a lifetime of rotations; a longer file is something else.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Why a key file was not read or written.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// The file can't be opened or read.
    #[error("the key file {path} can't be read; make one with `sunbeon keys new`")]
    Unreadable {
        /// The key file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error("the key file {path} is open to others (mode {mode:o}): run `chmod 600 {path}`")]
    OpenToOthers {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is there and private, but holds something else than keys.
    #[error("the key file {path} can't be used")]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What is wrong in it.
        source: KeyTextError,
    },
    /// There is a file already. It is never overwritten, because what it sealed would be lost.
    #[error("{path} exists already and is kept; name another file for the new keys")]
    Exists {
        /// The file that was kept.
        path: PathBuf,
    },
    /// The file can't be created or written.
    #[error("the key file {path} can't be written")]
    Unwritable {
        /// The key file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl KeyRing {
    /// Reads a key file, and refuses one that its group or others may read, write or execute.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let unreadable = |source| KeyFileError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(unreadable)?;
        Self::parse(&text).map_err(|source| KeyFileError::Malformed { path: path.to_owned(), source })
    }

    /// Writes the keys to a file that did not exist, readable by its owner only, and waits until it is on disk.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        let unwritable = |source| KeyFileError::Unwritable { path: path.to_owned(), source };
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|source| {
                match source.kind() {
                    io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
                    _ => unwritable(source),
                }
            })?;
        file.write_all(self.to_text().as_bytes()).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)?;
        // The name of a new file is on disk only when its directory is.
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(unwritable)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;
    use crate::keys::KeyId;
    use crate::system::SeededChance;

    fn ring() -> KeyRing {
        let chance = SeededChance::new(1);
        KeyRing::generate(&chance, true).rotated(&chance).unwrap()
    }

    #[test]
    fn a_written_file_is_private_and_reads_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.keys");
        ring().write_new(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let read = KeyRing::read(&path).unwrap();
        assert_eq!(read.to_text(), ring().to_text());
        assert!(read.is_demo());
        assert_eq!((read.current_key(), read.lookup_key()), (KeyId(2), KeyId(1)));
    }

    #[test]
    fn a_file_that_exists_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.keys");
        fs::write(&path, "precious").unwrap();
        assert!(matches!(ring().write_new(&path), Err(KeyFileError::Exists { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn a_file_open_to_others_is_refused_and_the_remedy_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.keys");
        ring().write_new(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refusal = KeyRing::read(&path).unwrap_err().to_string();
            assert!(refusal.contains(&format!("chmod 600 {}", path.display())), "{refusal}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(KeyRing::read(&path).is_ok());
    }

    #[test]
    fn a_missing_file_tells_how_to_make_one() {
        let refusal = KeyRing::read(Path::new("/nowhere/master.keys")).unwrap_err().to_string();
        assert!(
            refusal.contains("/nowhere/master.keys") && refusal.contains("sunbeon keys new"),
            "{refusal}"
        );
    }
}
