//! Files that are whole or not there: made under another name, on disk before they get their own.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// What the operating system did not do.
#[derive(Debug, Error)]
#[error("{} can't be {deed}", path.display())]
pub struct FolderError {
    path: PathBuf,
    deed: &'static str,
    source: io::Error,
}

impl FolderError {
    /// For `map_err`: `path` can't be `deed`.
    pub(super) fn of(path: &Path, deed: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { path, deed, source }
    }
}

/// `path` with `ending` after its name.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A directory or file that is in the making, and is removed unless it is finished.
pub(super) struct Unfinished {
    paths: Vec<PathBuf>,
}

impl Unfinished {
    /// Makes the directory, which must not exist, for its owner only.
    pub(super) fn directory(path: &Path) -> Result<Self, FolderError> {
        DirBuilder::new().mode(0o700).create(path).map_err(FolderError::of(path, "made"))?;
        Ok(Self { paths: vec![path.to_owned()] })
    }

    /// Files that are about to be made.
    pub(super) fn files(paths: Vec<PathBuf>) -> Self {
        Self { paths }
    }

    /// It is whole: nothing is removed.
    pub(super) fn finish(mut self) {
        self.paths.clear();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.paths {
            // What can't be removed keeps its unfinished name, which the next attempt tells of.
            drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
        }
    }
}

/// Makes a file that did not exist, readable by its owner only.
pub(super) fn new_file(path: &Path) -> Result<File, FolderError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(FolderError::of(path, "made"))
}

/// Writes a new private file and waits until it is on disk.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), FolderError> {
    let mut file = new_file(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(FolderError::of(path, "written"))
}

/// Size and SHA-256 of a file; what is read goes to `copy` too.
pub(super) fn measure(path: &Path, copy: &mut dyn Write) -> Result<(u64, String), FolderError> {
    let mut file = File::open(path).map_err(FolderError::of(path, "read"))?;
    let (mut bytes, mut hash, mut piece) = (0, Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        let length = file.read(&mut piece).map_err(FolderError::of(path, "read"))?;
        if length == 0 {
            return Ok((bytes, HEXLOWER.encode(&hash.finalize())));
        }
        hash.update(&piece[..length]);
        copy.write_all(&piece[..length]).map_err(FolderError::of(path, "copied"))?;
        bytes += length as u64;
    }
}

/// Waits until a file, or the names in a directory, are on disk.
pub(super) fn sync(path: &Path) -> Result<(), FolderError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(FolderError::of(path, "written to disk"))
}

/// The directory a path lies in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
