//! Figures about a spool, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// A snapshot. Counters run since the spool was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// On disk, waiting for the collector, the active segment included.
    pub bytes: u64,
    /// Sealed segments that wait.
    pub segments: u64,
    /// Records that are not in a sealed segment yet. With no segment and none of these, everything was shipped.
    pub unsealed_records: u64,
    /// Age of the oldest record that waits, in milliseconds; 0 when none does.
    pub oldest_age_ms: u64,
    pub appended_records: u64,
    pub appended_bytes: u64,
    /// Ledger records that went in without their bodies.
    pub shed_records: u64,
    /// Records that were not taken because the spool was full or the disk refused.
    pub refused_records: u64,
    /// Damaged places and unreadable segments that were set aside.
    pub quarantined: u64,
    pub shipped_segments: u64,
    pub ship_failures: u64,
    pub sync_failures: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) appended_records: AtomicU64,
    pub(crate) appended_bytes: AtomicU64,
    pub(crate) shed_records: AtomicU64,
    pub(crate) refused_records: AtomicU64,
    pub(crate) quarantined: AtomicU64,
    pub(crate) shipped_segments: AtomicU64,
    pub(crate) ship_failures: AtomicU64,
    pub(crate) sync_failures: AtomicU64,
}

impl Counters {
    pub(crate) fn snapshot(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            appended_records: read(&self.appended_records),
            appended_bytes: read(&self.appended_bytes),
            shed_records: read(&self.shed_records),
            refused_records: read(&self.refused_records),
            quarantined: read(&self.quarantined),
            shipped_segments: read(&self.shipped_segments),
            ship_failures: read(&self.ship_failures),
            sync_failures: read(&self.sync_failures),
            ..Stats::default()
        }
    }
}

pub(crate) fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}
