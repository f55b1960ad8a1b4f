//! The spool's thread: fdatasync at an interval, sealing by age, and the slow part of every rotation.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::active::Active;
use crate::recover::Sealed;
use crate::spool::Shared;
use crate::stats::add;

/// How often an idle spool looks at the disk's free space.
const IDLE_CHECK: Duration = Duration::from_secs(1);
/// While this many sealed segments wait, age alone seals no other: a record in a new one would not arrive any sooner, and the
/// collector stores a few large segments far faster than many small ones.
const BACKLOG_SEGMENTS: usize = 2;

pub(crate) fn start(shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("spool-sealer".into()).spawn(move || while !turn(&shared) {})
}

fn turn(shared: &Shared) -> bool {
    let mut state = shared.state.lock();
    if !state.closing && state.active.records == 0 && state.retired.is_empty() {
        shared.wake.wait_for(&mut state, IDLE_CHECK);
    }
    if !state.closing && !state.urgent {
        shared.wake.wait_for(&mut state, shared.config.sync_every);
    }
    drop(state);
    round(shared)
}

/// One round of work. `true`: the spool is closing, and this was its last.
pub(crate) fn round(shared: &Shared) -> bool {
    let mut state = shared.state.lock();
    state.urgent = false;
    let closing = state.closing;
    let old = state.active.first_at.is_some_and(|(at, _)| at.elapsed() >= shared.config.seal_after);
    let waited_for = state.sealed.len() < BACKLOG_SEGMENTS;
    let due = (old && waited_for) || (closing && state.active.records > 0);
    if due && let Err(error) = shared.rotate(&mut state) {
        tracing::warn!(%error, "the next spool segment could not be made; the present one goes on");
    }
    // They stay in the state until they are sealed: at no moment does a record look shipped that is not.
    let retired = state.retired.clone();
    let to_sync = std::mem::take(&mut state.active.dirty).then(|| Arc::clone(&state.active.file));
    drop(state);

    if let Some(Err(error)) = to_sync.map(|file| file.sync_data()) {
        sync_failed(shared, &error);
    }
    seal(shared, &retired);
    check_disk(shared);
    // What could not be sealed when closing is sealed at the next start.
    closing
}

/// fdatasync, rename, make the names durable, and only then tell the shipper. What fails waits for the next round.
fn seal(shared: &Shared, retired: &[Arc<Active>]) {
    if retired.is_empty() {
        return;
    }
    let mut done = Vec::with_capacity(retired.len());
    for segment in retired {
        if let Err(error) = segment.file.sync_data() {
            sync_failed(shared, &error);
        }
        let number = segment.header.segment;
        match shared.dir.rename_sealed(number) {
            Ok(()) => {
                done.push((number, Sealed { bytes: segment.bytes, first_at_us: segment.first_at_us() }))
            }
            Err(error) => {
                tracing::error!(number, %error, "a spool segment could not be sealed");
            }
        }
    }
    if let Err(error) = shared.dir.sync() {
        sync_failed(shared, &error);
    }
    let mut state = shared.state.lock();
    for (number, sealed) in done {
        state.retired.retain(|segment| segment.header.segment != number);
        state.sealed.insert(number, sealed);
        shared.sealed.notify_one();
    }
}

/// The kernel may have dropped the pages: nothing can be written again here, but they can still be read and shipped.
fn sync_failed(shared: &Shared, error: &io::Error) {
    add(&shared.counters.sync_failures, 1);
    tracing::error!(%error, "the spool could not be written to the disk; records would not survive a power failure now");
}

pub(crate) fn check_disk(shared: &Shared) {
    let low = shared.dir.free_bytes().is_ok_and(|free| free < shared.config.reserve_bytes);
    if shared.disk_low.swap(low, Ordering::Relaxed) != low {
        tracing::warn!(low, "the disk of the spool has less free space than the spool's reserve");
    }
}
