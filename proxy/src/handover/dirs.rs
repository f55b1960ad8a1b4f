//! Directories of spools. One belongs to one process at a time; while a process takes over, the one before it still
//! writes the calls it has, so there are a few of them: the spool's directory itself, and `beside-1` and on within it.
//! Each has its own writer's name in its segments, so nothing is taken for a copy of something else.

use std::path::{Path, PathBuf};

use aop_spool::{OpenError, Spool};

/// Processes that may be ending calls at the same time, the one that serves included.
pub(super) const MOST: usize = 8;

/// A spool that this process has.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) spool: Spool,
    pub(crate) dir: PathBuf,
}

pub(super) fn path(root: &Path, number: usize) -> PathBuf {
    if number == 0 { root.to_owned() } else { root.join(format!("beside-{number}")) }
}

/// The first directory that nobody has. `config` is for any of them but for its directory.
pub(crate) fn take(root: &Path, config: &aop_spool::Config) -> Result<Own, OpenError> {
    let mut taken = OpenError::Locked(root.to_owned());
    for number in 0..MOST {
        let dir = path(root, number);
        match Spool::open(aop_spool::Config { dir: dir.clone(), ..config.clone() }) {
            Ok(spool) => return Ok(Own { spool, dir }),
            Err(error @ OpenError::Locked(_)) => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

/// What the spools in all directories but this one hold.
pub(super) fn held_by_others_bytes(root: &Path, own: &Path) -> u64 {
    let others = (0..MOST).map(|number| path(root, number)).filter(|dir| dir != own);
    let entries = others.filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
    let segments = entries.filter(|entry| {
        let path = entry.path();
        path.extension().is_some_and(|extension| extension == "seg" || extension == "open")
    });
    // One that is shipped meanwhile holds nothing any more.
    segments.map(|entry| entry.metadata().map_or(0, |found| found.len())).sum()
}

/// Could there be records in it that nobody sends?
pub(super) fn has_leftovers(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        let bytes = entry.metadata().map_or(0, |found| found.len());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("seg") => true,
            Some("open") => bytes > aop_domain::frame::HEADER_BYTES as u64,
            Some("journal") => bytes > 0,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::record::RecordKind;

    #[test]
    fn a_second_process_writes_beside_the_first_and_what_it_leaves_is_seen() {
        let temp = tempfile::tempdir().unwrap();
        let config = aop_spool::Config::new(temp.path());
        let first = take(temp.path(), &config).unwrap();
        let second = take(temp.path(), &config).unwrap();
        assert_eq!(first.dir, temp.path());
        assert_eq!(second.dir, temp.path().join("beside-1"));
        assert!(!has_leftovers(&second.dir), "an empty segment is none");
        second.spool.append(RecordKind::Call, &[b"x"]).unwrap();
        let held = held_by_others_bytes(temp.path(), &first.dir);
        assert_eq!(held, second.spool.stats().bytes, "what the second one holds");
        assert_eq!(held_by_others_bytes(temp.path(), &second.dir), first.spool.stats().bytes);
        drop(second);
        assert!(has_leftovers(&temp.path().join("beside-1")));
        drop(first);
        assert_eq!(take(temp.path(), &config).unwrap().dir, temp.path(), "the first one is free again");
    }
}
