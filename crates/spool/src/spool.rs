//! The spool itself: append on one side, sealed segments on the other.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use aop_domain::frame::{self, HEADER_BYTES, Header};
use aop_domain::record::RecordKind;
use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::active::{Active, Payload, wall_clock_us};
use crate::batch::{Batch, LARGEST_BATCH_BYTES, LARGEST_STAGED_BYTES, Staged};
use crate::config::Config;
use crate::dir::Dir;
use crate::error::{AppendError, OpenError};
use crate::recover::{self, Sealed};
use crate::sealer;
use crate::stats::{Counters, Stats, add};

/// Dropping it seals what was appended; nothing is lost when it is not dropped (kill -9).
#[derive(Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    sealer: Mutex<Option<JoinHandle<()>>>,
}

/// What the appenders, the sealer's thread and the shipper share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) dir: Dir,
    pub(crate) state: Mutex<State>,
    /// Wakes the sealer: something was appended, or must be sealed now.
    pub(crate) wake: Condvar,
    /// Wakes a shipper: a segment was sealed.
    pub(crate) sealed: Notify,
    pub(crate) counters: Counters,
    /// Less than the reserve is free on the disk.
    pub(crate) disk_low: AtomicBool,
    /// What the spools of other processes hold of the same bound.
    pub(crate) others_bytes: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) active: Active,
    /// Full, not yet renamed.
    pub(crate) retired: Vec<Arc<Active>>,
    pub(crate) sealed: BTreeMap<u64, Sealed>,
    /// Numbers that a shipper is sending.
    pub(crate) claimed: Vec<u64>,
    /// Sum of active, retired and sealed.
    pub(crate) bytes: u64,
    pub(crate) closing: bool,
    /// The sealer need not wait for its interval.
    pub(crate) urgent: bool,
}

/// A sealed segment in the hands of a shipper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl Spool {
    /// Takes the directory, recovers what an earlier process left, starts the sealer's thread.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let spool = Self::open_without_thread(config)?;
        let shared = Arc::clone(&spool.shared);
        let thread = sealer::start(shared)
            .map_err(|error| OpenError::Io { path: spool.shared.config.dir.clone(), error })?;
        *spool.sealer.lock() = Some(thread);
        Ok(spool)
    }

    /// A spool whose sealer's rounds somebody else makes: the model test, one by one.
    pub(crate) fn open_without_thread(config: Config) -> Result<Self, OpenError> {
        let dir = Dir::open(&config.dir, config.quarantine_max_bytes)?;
        let failed = |error| OpenError::Io { path: config.dir.clone(), error };
        let recovered = recover::recover(&dir, Uuid::now_v7(), wall_clock_us()).map_err(failed)?;
        let active = Active::create(&dir, recovered.next).map_err(failed)?;
        dir.sync().map_err(failed)?;
        let sealed: BTreeMap<u64, Sealed> = recovered.sealed.into_iter().collect();
        let bytes = active.bytes + sealed.values().map(|sealed| sealed.bytes).sum::<u64>();
        let counters = Counters::default();
        add(&counters.quarantined, recovered.quarantined);
        let state = State {
            active,
            retired: Vec::new(),
            sealed,
            claimed: Vec::new(),
            bytes,
            closing: false,
            urgent: false,
        };
        let shared = Arc::new(Shared {
            config,
            dir,
            state: Mutex::new(state),
            wake: Condvar::new(),
            sealed: Notify::new(),
            counters,
            disk_low: AtomicBool::new(false),
            others_bytes: AtomicU64::new(0),
        });
        sealer::check_disk(&shared);
        Ok(Self { shared, sealer: Mutex::new(None) })
    }

    /// Whether a new call may be taken: its record, bodies included, would find room now. A gateway that must not lose
    /// bodies refuses calls when this is false; records of calls already taken still find the reserve.
    pub fn has_room(&self) -> bool {
        !self.shared.disk_low.load(Ordering::Relaxed)
            && self.shared.state.lock().bytes < self.shared.soft_limit()
    }

    /// [`Self::has_room`], if the spools of other processes held nothing.
    pub fn has_room_alone(&self) -> bool {
        let limit = self.shared.config.max_bytes.saturating_sub(self.shared.config.reserve_bytes);
        !self.shared.disk_low.load(Ordering::Relaxed) && self.shared.state.lock().bytes < limit
    }

    /// Other spools hold so many bytes of the bound that is one for all of them. The reserve stays each one's own.
    pub fn share_bound(&self, others_bytes: u64) {
        self.shared.others_bytes.store(others_bytes, Ordering::Relaxed);
    }

    /// Appends one record, given in parts that follow each other. When it returns, the record survives the death of
    /// this process. Blocks for one `write` to the page cache; may be called from any thread.
    ///
    /// `Full` means that only the reserve is left: shed the bodies and call [`Spool::append_ledger`].
    pub fn append(&self, kind: RecordKind, parts: &[&[u8]]) -> Result<(), AppendError> {
        self.take(self.limit_with_bodies(), kind, parts, Shared::append)
    }

    /// Appends a record without its bodies: it may use the reserve. Counted as shed.
    pub fn append_ledger(&self, kind: RecordKind, parts: &[&[u8]]) -> Result<(), AppendError> {
        self.take(self.shared.hard_limit(), kind, parts, Shared::append)?;
        add(&self.shared.counters.shed_records, 1);
        Ok(())
    }

    /// As [`Self::append`], for a writer that expects other records in this moment: they share one `write`. The record is
    /// safe once [`Staged::commit`] has returned.
    pub fn stage(&self, kind: RecordKind, parts: &[&[u8]]) -> Result<Staged, AppendError> {
        let batch = self.take(self.limit_with_bodies(), kind, parts, Shared::stage)?;
        Ok(Staged { shared: Arc::clone(&self.shared), batch })
    }

    fn limit_with_bodies(&self) -> u64 {
        if self.shared.disk_low.load(Ordering::Relaxed) { 0 } else { self.shared.soft_limit() }
    }

    fn take<T>(
        &self,
        limit: u64,
        kind: RecordKind,
        parts: &[&[u8]],
        into: fn(&Shared, u64, &Payload<'_>) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        // The long part, outside the lock.
        let checksum = frame::payload_checksum(parts)
            .ok_or_else(|| AppendError::TooLarge { bytes: parts.iter().map(|part| part.len()).sum() });
        let result =
            checksum.and_then(|checksum| into(&self.shared, limit, &Payload { kind, parts, checksum }));
        if result.is_err() {
            add(&self.shared.counters.refused_records, 1);
        }
        result
    }

    pub fn stats(&self) -> Stats {
        let state = self.shared.state.lock();
        let unsealed = || state.retired.iter().map(Arc::as_ref).chain([&state.active]);
        let oldest_unsealed = unsealed().filter_map(|segment| Some(segment.first_at?.1)).min();
        let oldest_sealed = state.sealed.values().map(|sealed| sealed.first_at_us).min();
        let oldest = oldest_sealed.into_iter().chain(oldest_unsealed).min();
        let age_us = oldest.map_or(0, |first_at_us| wall_clock_us() - first_at_us);
        Stats {
            bytes: state.bytes,
            segments: state.sealed.len() as u64,
            unsealed_records: unsealed().map(|segment| u64::from(segment.records)).sum(),
            oldest_age_ms: u64::try_from(age_us / 1_000).unwrap_or(0),
            ..self.shared.counters.snapshot()
        }
    }

    /// Seals what was appended and waits until it is on the disk. The spool takes nothing afterwards.
    pub fn close(&self) {
        let Some(thread) = self.sealer.lock().take() else { return };
        self.shared.begin_close();
        self.shared.wake.notify_all();
        if thread.join().is_err() {
            tracing::error!(
                "the spool's sealing thread died; what it left unsealed is recovered at the next start"
            );
        }
    }

    /// The oldest sealed segment that nobody is sending.
    pub(crate) fn claim(&self) -> Option<Claimed> {
        let mut state = self.shared.state.lock();
        let number = state.sealed.keys().copied().find(|number| !state.claimed.contains(number))?;
        state.claimed.push(number);
        Some(Claimed { number, path: self.shared.dir.sealed_path(number) })
    }

    /// Gives a claim back, to be sent again.
    pub(crate) fn release(&self, number: u64) {
        self.shared.state.lock().claimed.retain(|claimed| *claimed != number);
    }

    /// The collector has stored it: the segment is deleted. A deletion that a crash undoes is sent again, and stored once.
    pub(crate) fn acknowledge(&self, claimed: &Claimed) -> io::Result<()> {
        let removed = std::fs::remove_file(&claimed.path);
        self.forget(claimed.number);
        add(&self.shared.counters.shipped_segments, 1);
        removed
    }

    /// The collector says that it can never read it: the segment is set aside.
    pub(crate) fn quarantine(&self, claimed: &Claimed) -> io::Result<()> {
        let moved = self.shared.dir.quarantine_file(&claimed.path);
        self.forget(claimed.number);
        add(&self.shared.counters.quarantined, 1);
        moved
    }

    fn forget(&self, number: u64) {
        let mut state = self.shared.state.lock();
        state.claimed.retain(|claimed| *claimed != number);
        if let Some(sealed) = state.sealed.remove(&number) {
            state.bytes -= sealed.bytes;
        }
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn count_ship_failure(&self) {
        add(&self.shared.counters.ship_failures, 1);
    }

    /// Returns when a segment may have been sealed since the last call.
    pub(crate) async fn wait_sealed(&self) {
        self.shared.sealed.notified().await;
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn soft_limit(&self) -> u64 {
        self.left_by_others().saturating_sub(self.config.reserve_bytes)
    }

    fn hard_limit(&self) -> u64 {
        self.left_by_others().max(self.config.reserve_bytes)
    }

    fn left_by_others(&self) -> u64 {
        self.config.max_bytes.saturating_sub(self.others_bytes.load(Ordering::Relaxed))
    }

    fn append(&self, limit: u64, payload: &Payload<'_>) -> Result<(), AppendError> {
        let mut state = self.state.lock();
        self.make_room(&mut state, limit, payload)?;
        self.write(&mut state, Some(payload))
    }

    fn stage(&self, limit: u64, payload: &Payload<'_>) -> Result<Arc<Batch>, AppendError> {
        let mut state = self.state.lock();
        self.make_room(&mut state, limit, payload)?;
        let length = payload.checksum.length();
        if length > LARGEST_STAGED_BYTES {
            self.write(&mut state, Some(payload))?;
            let written = Batch::default();
            written.end(&Ok(()));
            return Ok(Arc::new(written));
        }
        if state.active.waiting.frames.len() + length > LARGEST_BATCH_BYTES {
            // Whoever waits is told of a failure.
            let _ = self.write(&mut state, None);
        }
        Ok(state.active.stage(payload))
    }

    /// Is there room for the record, and a segment to hold it?
    fn make_room(&self, state: &mut State, limit: u64, payload: &Payload<'_>) -> Result<(), AppendError> {
        if state.closing {
            return Err(AppendError::Closed);
        }
        let used_bytes = state.bytes + state.active.waiting.frames.len() as u64;
        if used_bytes + payload.frame_bytes() > limit {
            return Err(AppendError::Full { used_bytes });
        }
        let full = state.active.bytes_in_all() >= self.config.segment_bytes
            || state.active.records_in_all() >= self.config.segment_records
            || state.active.broken;
        if full {
            let rotated = self.rotate(state);
            self.wake.notify_one();
            if let (Err(error), true) = (rotated, state.active.broken) {
                return Err(AppendError::Io(error));
            }
        }
        Ok(())
    }

    /// Writes the records that wait.
    pub(crate) fn write_staged(&self) {
        let mut state = self.state.lock();
        // Each of its writers is told.
        let _ = self.write(&mut state, None);
    }

    /// Writes what waits, and a last record behind it; whoever waits is told.
    fn write(&self, state: &mut State, last: Option<&Payload<'_>>) -> Result<(), AppendError> {
        let batch = state.active.waiting.batch.take();
        if batch.is_none() && last.is_none() {
            return Ok(());
        }
        let others = u64::from(state.active.waiting.records);
        let was_empty = state.active.records == 0;
        let result = match state.active.write(last) {
            Ok(written) => {
                state.bytes += written.bytes;
                if was_empty {
                    self.wake.notify_one();
                }
                add(&self.counters.appended_records, written.records.into());
                add(&self.counters.appended_bytes, written.bytes);
                Ok(())
            }
            Err(error) => {
                add(&self.counters.refused_records, others);
                Err(if is_no_space(&error) {
                    AppendError::Full { used_bytes: state.bytes }
                } else {
                    AppendError::Io(error)
                })
            }
        };
        if let Some(batch) = batch {
            batch.end(&result);
        }
        result
    }

    /// What waits is written; nothing is taken any more.
    fn begin_close(&self) {
        let mut state = self.state.lock();
        // Each of its writers is told.
        let _ = self.write(&mut state, None);
        state.closing = true;
    }

    /// Begins the next segment; the present one waits for the sealer, with all that belongs into it. On an error nothing
    /// changes.
    pub(crate) fn rotate(&self, state: &mut State) -> io::Result<()> {
        // Each of its writers is told of a failure.
        let _ = self.write(state, None);
        let header = Header {
            writer: state.active.header.writer,
            segment: state.active.header.segment + 1,
            created_at_us: wall_clock_us(),
            first_seq: state.active.next_seq,
        };
        let mut next = Active::create(&self.dir, header)?;
        std::mem::swap(&mut next.waiting, &mut state.active.waiting);
        state.bytes += HEADER_BYTES as u64;
        state.retired.push(Arc::new(std::mem::replace(&mut state.active, next)));
        state.urgent = true;
        Ok(())
    }
}

fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
