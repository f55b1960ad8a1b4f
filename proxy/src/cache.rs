//! The response cache: an answer that was whole and good, given again to the same question (G6).
//!
//! It lives in this gateway's memory, bounded by bytes, and is asked only where a team, a key or a route turned it on.
//! Several gateways may share a second level behind it ([`second`]).
//! Of callers who ask the same at the same time, one goes to the provider and the others wait for its answer
//! ([`flight`]). What is kept is what the client got, so that a stream is given again as the same stream.

mod canonical;
mod control;
mod entry;
mod filling;
mod flight;
mod question;
mod second;

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache as Memory;

pub(crate) use control::Control;
pub(crate) use entry::Entry;
pub(crate) use filling::{Filling, feed, fill};
pub(crate) use flight::{Flights, Turn};
pub(crate) use question::{Key, Question};
pub(crate) use second::Second;

/// One answer may take so much of the room.
const LARGEST_SHARE: u64 = 8;

/// Shared by every call of this process.
pub(crate) struct Cache {
    answers: Memory<Key, Arc<Entry>>,
    flights: Flights,
    second: Option<Second>,
    pub(crate) largest_entry_bytes: usize,
}

impl Cache {
    /// With no bytes it keeps nothing.
    pub(crate) fn new(max_bytes: u64, second: Option<Second>) -> Arc<Self> {
        let answers = Memory::builder()
            .max_capacity(max_bytes)
            .weigher(|_: &Key, entry: &Arc<Entry>| u32::try_from(entry.weight()).unwrap_or(u32::MAX))
            .expire_after(OwnTime)
            .build();
        Arc::new(Self {
            answers,
            flights: Flights::default(),
            second: second.filter(|_| max_bytes > 0),
            largest_entry_bytes: usize::try_from(max_bytes / LARGEST_SHARE).unwrap_or(usize::MAX),
        })
    }

    /// An answer no older than that.
    pub(crate) fn find(&self, key: &Key, longest_age: Duration, now: Instant) -> Option<Arc<Entry>> {
        self.answers.get(key).filter(|entry| entry.age(now) <= longest_age)
    }

    /// Goes first, waits for whoever did, or takes what has landed since the caller last looked.
    pub(crate) fn turn(self: &Arc<Self>, key: Key, longest_age: Duration, now: Instant) -> Turn {
        self.flights.turn(self, key, || self.find(&key, longest_age, now))
    }

    /// Asks the second level, if there is one, and keeps what it has in memory.
    pub(crate) async fn find_elsewhere(
        &self,
        key: Key,
        longest_age: Duration,
        now_ms: i64,
    ) -> Option<Arc<Entry>> {
        let entry = Arc::new(self.second.as_ref()?.find(&key, longest_age, now_ms).await?);
        self.answers.insert(key, Arc::clone(&entry));
        Some(entry)
    }

    fn keep(&self, key: Key, entry: Arc<Entry>, now_ms: i64) {
        if let Some(second) = &self.second {
            second.keep(key, Arc::clone(&entry), now_ms);
        }
        self.answers.insert(key, entry);
    }

    /// What the second level does beside the calls.
    pub(crate) async fn run(&self) {
        if let Some(second) = &self.second {
            second.run().await;
        }
    }

    /// Bytes in use; what has expired may still be among them for a moment.
    pub(crate) fn weight_bytes(&self) -> u64 {
        self.answers.run_pending_tasks();
        self.answers.weighted_size()
    }
}

/// Each answer lives as long as the policy it was kept under says.
struct OwnTime;

impl Expiry<Key, Arc<Entry>> for OwnTime {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry>, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}
