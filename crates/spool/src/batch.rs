//! Records that wait in memory for a moment, to be written with one system call. Whoever staged one waits for its batch.

use std::io;
use std::sync::{Arc, OnceLock};

use crate::error::AppendError;
use crate::spool::Shared;

/// A larger record is written at once: copying it would cost what a system call of its own costs.
pub(crate) const LARGEST_STAGED_BYTES: usize = 16 << 10;
/// What waits is written when it is this much.
pub(crate) const LARGEST_BATCH_BYTES: usize = 64 << 10;

/// What became of the records of one batch, once it is known.
#[derive(Debug, Default)]
pub(crate) struct Batch(OnceLock<Result<(), Failed>>);

/// Why none of them was taken.
#[derive(Debug, Clone, Copy)]
enum Failed {
    Full { used_bytes: u64 },
    Closed,
    Io(io::ErrorKind),
    Os(i32),
}

impl Batch {
    fn outcome(&self) -> Option<Result<(), AppendError>> {
        self.0.get().map(|outcome| outcome.map_err(AppendError::from))
    }

    /// Tells all who wait. The first word counts.
    pub(crate) fn end(&self, outcome: &Result<(), AppendError>) {
        let _ = self.0.set(outcome.as_ref().map_or_else(|error| Err(Failed::from(error)), |()| Ok(())));
    }
}

impl From<&AppendError> for Failed {
    fn from(error: &AppendError) -> Self {
        match error {
            AppendError::Full { used_bytes } => Self::Full { used_bytes: *used_bytes },
            AppendError::Closed => Self::Closed,
            AppendError::TooLarge { .. } => Self::Io(io::ErrorKind::InvalidInput),
            AppendError::Io(error) => error.raw_os_error().map_or(Self::Io(error.kind()), Self::Os),
        }
    }
}

impl From<Failed> for AppendError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Full { used_bytes } => Self::Full { used_bytes },
            Failed::Closed => Self::Closed,
            Failed::Io(kind) => Self::Io(kind.into()),
            Failed::Os(code) => Self::Io(io::Error::from_raw_os_error(code)),
        }
    }
}

/// A record that was taken but may not be written yet. Dropping it writes it too: it cannot be forgotten.
#[derive(Debug)]
#[must_use = "the record is safe once `commit` has returned"]
pub struct Staged {
    pub(crate) shared: Arc<Shared>,
    pub(crate) batch: Arc<Batch>,
}

impl Staged {
    /// Writes everything that waits, unless another of the batch has done so. When it returns, the record survives the
    /// death of this process.
    pub fn commit(self) -> Result<(), AppendError> {
        self.written()
    }

    fn written(&self) -> Result<(), AppendError> {
        if self.batch.outcome().is_none() {
            self.shared.write_staged();
        }
        // It is known by now: who writes the batch ends it under the lock.
        self.batch.outcome().unwrap_or(Err(AppendError::Closed))
    }
}

#[cfg(test)]
impl Staged {
    /// As a kill -9 does: nothing is written, nobody is told.
    pub(crate) fn forget(self) {
        self.batch.end(&Ok(()));
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Nobody is left to be told; the spool counts it.
        let _ = self.written();
    }
}

/// The frames that wait, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) frames: Vec<u8>,
    pub(crate) records: u32,
    /// `None`: nobody waits.
    pub(crate) batch: Option<Arc<Batch>>,
}

impl Waiting {
    /// The memory is kept for the next batch; its bound is [`LARGEST_BATCH_BYTES`].
    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.records = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs::File;

    use aop_domain::record::RecordKind;

    use super::*;
    use crate::{Config, Spool, Stats};

    fn spool(dir: &std::path::Path) -> Spool {
        Spool::open_without_thread(Config::new(dir)).unwrap()
    }

    fn stage(spool: &Spool, bytes: usize) -> Staged {
        spool.stage(RecordKind::Call, &[&vec![7; bytes]]).unwrap()
    }

    fn appended(spool: &Spool) -> u64 {
        spool.stats().appended_records
    }

    #[test]
    fn records_of_one_moment_are_written_when_the_first_of_them_asks() {
        let dir = tempfile::tempdir().unwrap();
        let spool = spool(dir.path());
        let staged: Vec<Staged> = (0..3).map(|_| stage(&spool, 100)).collect();
        assert_eq!(appended(&spool), 0, "they wait");
        let mut staged = staged.into_iter();
        staged.next().unwrap().commit().unwrap();
        assert_eq!(appended(&spool), 3);
        staged.next().unwrap().commit().unwrap();
        let of_next_batch = stage(&spool, 100);
        staged.next().unwrap().commit().unwrap();
        assert_eq!(appended(&spool), 3, "the third was written with the first: the fourth goes on waiting");
        drop(of_next_batch);
        assert_eq!(appended(&spool), 4, "dropping it writes it");
    }

    #[test]
    fn what_waits_comes_before_a_record_that_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let spool = spool(dir.path());
        let first = stage(&spool, 100);
        spool.append(RecordKind::Call, &[b"second"]).unwrap();
        assert_eq!(appended(&spool), 2);
        let large = stage(&spool, LARGEST_STAGED_BYTES + 1);
        assert_eq!(appended(&spool), 3, "a large one is not copied");
        first.commit().unwrap();
        large.commit().unwrap();
    }

    #[test]
    fn no_more_than_a_batch_waits() {
        let dir = tempfile::tempdir().unwrap();
        let spool = spool(dir.path());
        let staged: Vec<Staged> = (0..6).map(|_| stage(&spool, LARGEST_STAGED_BYTES)).collect();
        assert_eq!(appended(&spool), 3, "three fill the batch, three wait in the next");
        spool.close();
        staged.into_iter().for_each(|one| one.commit().unwrap());
        assert_eq!(appended(&spool), 6);
    }

    #[test]
    fn when_the_write_fails_each_of_its_writers_is_told_and_the_next_segment_takes_over() {
        let dir = tempfile::tempdir().unwrap();
        let spool = spool(dir.path());
        stage(&spool, 100).commit().unwrap();
        let staged = [stage(&spool, 100), stage(&spool, 100)];
        // A file that cannot be written to.
        spool.shared().state.lock().active.file = Arc::new(File::open("/dev/null").unwrap());
        for one in staged {
            assert!(matches!(one.commit(), Err(AppendError::Io(_))));
        }
        stage(&spool, 100).commit().unwrap();
        let Stats { appended_records, refused_records, .. } = spool.stats();
        assert_eq!((appended_records, refused_records), (2, 2));
    }
}
