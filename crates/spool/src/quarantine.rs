//! Bytes that could not be read, kept for a person to look at: as many as there is room for, the newest ones.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::dir::create;

#[derive(Debug)]
pub(crate) struct Quarantine {
    path: PathBuf,
    max_bytes: u64,
}

/// One piece that was set aside.
struct Kept {
    path: PathBuf,
    bytes: u64,
    since: SystemTime,
}

impl Quarantine {
    /// `path` is there.
    pub(crate) fn new(path: PathBuf, max_bytes: u64) -> Self {
        Self { path, max_bytes }
    }

    /// Sets a whole file aside.
    pub(crate) fn take_file(&self, from: &Path) -> io::Result<()> {
        fs::rename(from, self.path.join(from.file_name().unwrap_or_default()))?;
        self.make_room()
    }

    /// Sets a copy of damaged bytes aside.
    pub(crate) fn take_bytes(&self, number: u64, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let mut copy = create(&self.path.join(format!("{number:020}-at-{offset}.bad")))?;
        copy.write_all(bytes)?;
        copy.sync_all()?;
        self.make_room()
    }

    /// Takes the oldest pieces out until the rest fits. The newest one stays, however large it is.
    fn make_room(&self) -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let facts = entry.metadata()?;
            kept.push(Kept { path: entry.path(), bytes: facts.len(), since: facts.modified()? });
        }
        kept.sort_by(|one, other| (other.since, &other.path).cmp(&(one.since, &one.path)));
        let mut bytes = 0;
        for (i, piece) in kept.iter().enumerate() {
            bytes += piece.bytes;
            if i > 0 && bytes > self.max_bytes {
                fs::remove_file(&piece.path)?;
                tracing::warn!(file = %piece.path.display(), bytes = piece.bytes, "damaged bytes of earlier were deleted: there is no more room for them");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_newest_pieces_are_kept_and_there_is_never_more_than_fits() {
        let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let quarantine = Quarantine::new(dir.path().to_owned(), 100);
        let mut at = SystemTime::UNIX_EPOCH;
        let mut set_aside = |number: u64, bytes: usize| {
            at += Duration::from_secs(1);
            let file = outside.path().join(format!("{number}.open"));
            fs::write(&file, vec![0; bytes]).unwrap();
            fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
            quarantine.take_file(&file).unwrap();
        };
        (1..=3).for_each(|number| set_aside(number, 40));
        assert_eq!(names(dir.path()), ["2.open", "3.open"]);
        set_aside(4, 20);
        assert_eq!(names(dir.path()), ["2.open", "3.open", "4.open"]);
        set_aside(5, 1_000);
        assert_eq!(names(dir.path()), ["5.open"], "the newest one stays, however large it is");
        quarantine.take_bytes(6, 16, &[1; 30]).unwrap();
        assert_eq!(names(dir.path()), ["00000000000000000006-at-16.bad"]);
    }
}
