//! The directory a demo is kept in: made for its owner only, and never taken from anything else.

use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, bail};

use crate::keys::KeyRing;
use crate::system::SystemChance;

/// Makes the directory where there is none yet.
pub(in super::super) fn make(data: &Path) -> anyhow::Result<()> {
    // One that is there keeps its mode.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.with_context(|| format!("the directory {} can't be made", data.display()))
}

/// The keys of the directory's demo; a new directory, or an empty one, gets fresh ones.
pub(super) fn open(data: &Path) -> anyhow::Result<KeyRing> {
    let shown = data.display();
    make(data)?;
    let mut entries = fs::read_dir(data).with_context(|| format!("{shown} can't be read as a directory"))?;
    let key_file = data.join("demo.keys");
    if key_file.exists() {
        let keys = KeyRing::read(&key_file)?;
        if !keys.is_demo() {
            bail!("{shown} holds keys that the demo did not make; name another directory with --data");
        }
        return Ok(keys);
    }
    if entries.next().is_some() {
        bail!("{shown} holds something else than a demo; name another directory with --data");
    }
    // The keys are the one thing that no seed may repeat.
    let keys = KeyRing::generate(&SystemChance, true);
    keys.write_new(&key_file)?;
    // SQLite would make it readable by all; what it makes beside it later has the same mode.
    let database = data.join("sunbeon.db");
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&database)
        .with_context(|| format!("{} can't be made", database.display()))?;
    Ok(keys)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_directory_is_made_once_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("a").join("b");
        let made = open(&data).unwrap();
        assert!(made.is_demo());
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(data.clone()), mode(data.join("sunbeon.db"))), (0o700, 0o600));
        let sealed = made.mac(crate::keys::Use::Csrf, b"same");
        assert_eq!(open(&data).unwrap().mac(crate::keys::Use::Csrf, b"same"), sealed);
    }

    #[test]
    fn what_is_not_a_demo_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("letter.txt"), "dear").unwrap();
        assert!(open(directory.path()).unwrap_err().to_string().contains("--data"));

        let directory = tempfile::tempdir().unwrap();
        KeyRing::generate(&SystemChance, false).write_new(&directory.path().join("demo.keys")).unwrap();
        assert!(open(directory.path()).unwrap_err().to_string().contains("did not make"));
    }
}
