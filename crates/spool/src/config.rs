//! How a spool behaves. Defaults are for production; tests make everything smaller.

use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Config {
    pub dir: PathBuf,
    /// All segments together. Above `max_bytes - reserve_bytes` only ledger records are taken, above `max_bytes` nothing.
    pub max_bytes: u64,
    /// Room kept for [`crate::Spool::append_ledger`], of `max_bytes` and of the disk's free space.
    pub reserve_bytes: u64,
    /// A segment is closed when it has this many bytes ...
    pub segment_bytes: u64,
    /// ... or this many records ...
    pub segment_records: u32,
    /// ... or when its first record is this old and the collector is not behind.
    pub seal_after: Duration,
    /// How long a record may wait for fdatasync: what a crash of the machine can cost.
    pub sync_every: Duration,
    /// Damaged bytes that are kept for a person to look at. Beyond that the oldest are deleted.
    pub quarantine_max_bytes: u64,
}

impl Config {
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            max_bytes: 4 * 1024 * 1024 * 1024,
            reserve_bytes: 64 * 1024 * 1024,
            segment_bytes: 8 * 1024 * 1024,
            segment_records: 20_000,
            seal_after: Duration::from_millis(500),
            sync_every: Duration::from_millis(50),
            quarantine_max_bytes: 256 * 1024 * 1024,
        }
    }
}
