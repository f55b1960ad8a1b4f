//! The spool's directory: names, permissions, the lock, durable renames.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::error::OpenError;
use crate::quarantine::Quarantine;

/// Owns the directory until dropped.
#[derive(Debug)]
pub(crate) struct Dir {
    path: PathBuf,
    quarantine: Quarantine,
    _lock: Flock<File>,
}

/// A segment file found in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) number: u64,
    pub(crate) sealed: bool,
}

impl Dir {
    pub(crate) fn open(path: &Path, quarantine_max_bytes: u64) -> Result<Self, OpenError> {
        let failed = |error| OpenError::Io { path: path.to_owned(), error };
        let aside = path.join("quarantine");
        for dir in [path, &aside] {
            DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
        }
        let lock = create(&path.join("lock")).map_err(failed)?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock)
            .map_err(|_| OpenError::Locked(path.to_owned()))?;
        Ok(Self {
            path: path.to_owned(),
            quarantine: Quarantine::new(aside, quarantine_max_bytes),
            _lock: lock,
        })
    }

    pub(crate) fn open_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:020}.open"))
    }

    pub(crate) fn sealed_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:020}.seg"))
    }

    /// Segment files, lowest number first. Anything else in the directory is left alone.
    pub(crate) fn list(&self) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let parsed = name.to_str().and_then(|name| name.split_once('.'));
            let Some((Ok(number), extension)) = parsed.map(|(stem, extension)| (stem.parse(), extension))
            else {
                continue;
            };
            match extension {
                "open" => found.push(Found { number, sealed: false }),
                "seg" => found.push(Found { number, sealed: true }),
                _ => {}
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    pub(crate) fn create_open(&self, number: u64) -> io::Result<File> {
        OpenOptions::new().create_new(true).append(true).mode(0o600).open(self.open_path(number))
    }

    /// From active to sealed. Durable only after [`Dir::sync`].
    pub(crate) fn rename_sealed(&self, number: u64) -> io::Result<()> {
        fs::rename(self.open_path(number), self.sealed_path(number))
    }

    /// Makes names durable: what was created, renamed or deleted.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Sets a whole file aside.
    pub(crate) fn quarantine_file(&self, from: &Path) -> io::Result<()> {
        self.quarantine.take_file(from)?;
        self.sync()
    }

    /// Sets a copy of damaged bytes aside.
    pub(crate) fn quarantine_bytes(&self, number: u64, offset: usize, bytes: &[u8]) -> io::Result<()> {
        self.quarantine.take_bytes(number, offset, bytes)
    }

    /// Free bytes of the file system, as far as we may use them.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let stat = nix::sys::statvfs::statvfs(&self.path)?;
        Ok(stat.blocks_available() as u64 * stat.fragment_size() as u64)
    }
}

pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)
}
