//! The second level of the cache: a Redis that several gateways share (G6).
//!
//! Memory stays the first level, and single flight stays: only who goes first asks here, once, for a short time that is
//! set. Nobody waits for a connection, and a Redis that is away, slow or full of something else is a counted miss
//! ([`link`]). What is kept there is sealed, so that whoever can read or write that Redis can neither read an answer nor
//! put one in its place ([`value`]); it is written behind the call, from a queue bounded by bytes.

mod link;
mod value;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_service::keys::DerivedKey;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{Entry, Key};
use crate::config::SharedCache;
use crate::error::StartError;
use crate::metrics::{Look, SharedCacheMetrics, Write};
use link::{Failed, Link};

/// Questions under way at once; each may hold a value.
const LOOKS_AT_ONCE: usize = 64;
/// Answers that wait to be written: how many, and their bytes together.
const WAITING: usize = 1_024;
const WAITING_BYTES: usize = 32 << 20;
const WRITES_AT_ONCE: usize = 8;
/// Larger ones are kept in memory only: the body as it is, and the value as it is stored.
const LARGEST_BODY_BYTES: usize = 4 << 20;
const LARGEST_VALUE_BYTES: usize = 1 << 20;
/// Packing and sealing more than that leaves the thread that serves calls.
const LARGE_BYTES: usize = 64 << 10;

pub(crate) struct Second {
    link: Link,
    key: DerivedKey,
    looks: Semaphore,
    room: Arc<Semaphore>,
    waiting: mpsc::Sender<Waiting>,
    /// Taken by whoever writes.
    queue: Mutex<Option<mpsc::Receiver<Waiting>>>,
    metrics: SharedCacheMetrics,
}

struct Waiting {
    key: Key,
    entry: Arc<Entry>,
    kept_at_ms: i64,
    _room: OwnedSemaphorePermit,
}

impl Second {
    pub(crate) fn new(
        config: &SharedCache,
        key: DerivedKey,
        metrics: SharedCacheMetrics,
    ) -> Result<Self, StartError> {
        let (waiting, queue) = mpsc::channel(WAITING);
        Ok(Self {
            link: Link::new(config)?,
            key,
            looks: Semaphore::new(LOOKS_AT_ONCE),
            room: Arc::new(Semaphore::new(WAITING_BYTES)),
            waiting,
            queue: Mutex::new(Some(queue)),
            metrics,
        })
    }

    /// An answer no older than that, for at most as long as the link's time out.
    pub(super) async fn find(&self, key: &Key, longest_age: Duration, now_ms: i64) -> Option<Entry> {
        let (look, entry) = self.look(key, longest_age, now_ms).await;
        self.metrics.count_look(look);
        entry
    }

    async fn look(&self, key: &Key, longest_age: Duration, now_ms: i64) -> (Look, Option<Entry>) {
        let Some(live) = self.link.live() else { return (Look::Away, None) };
        let Ok(_turn) = self.looks.try_acquire() else { return (Look::Busy, None) };
        let name = value::name(&self.key, key);
        let began = Instant::now();
        let got = live.get(&name, LARGEST_VALUE_BYTES).await;
        self.metrics.took.observe(began.elapsed().as_secs_f64());
        let sealed = match got {
            Ok(sealed) if sealed.is_empty() => return (Look::Miss, None),
            Ok(sealed) if sealed.len() > LARGEST_VALUE_BYTES => return (Look::Unusable, None),
            Ok(sealed) => sealed,
            Err(Failed::Late) => return (Look::Late, None),
            Err(Failed::OtherKind) => return (Look::Unusable, None),
            Err(Failed::Other) => return (Look::Failed, None),
        };
        let size = sealed.len();
        let seal = self.key.clone();
        let opened = apart(size, move || value::open(&seal, &name, &sealed, LARGEST_BODY_BYTES)).await;
        let Some(kept) = opened.flatten() else { return (Look::Unusable, None) };
        match kept.entry(longest_age, now_ms, Instant::now()) {
            Some(entry) => (Look::Hit, Some(entry)),
            None => (Look::Miss, None),
        }
    }

    /// Has it written behind the call, if there is room.
    pub(super) fn keep(&self, key: Key, entry: Arc<Entry>, kept_at_ms: i64) {
        if entry.body.len() > LARGEST_BODY_BYTES {
            return self.metrics.count_write(Write::TooLarge);
        }
        if self.link.live().is_none() {
            return self.metrics.count_write(Write::Away);
        }
        let bytes = u32::try_from(entry.weight()).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok().is_some_and(|room| {
            self.waiting.try_send(Waiting { key, entry, kept_at_ms, _room: room }).is_ok()
        });
        if !taken {
            self.metrics.count_write(Write::Full);
        }
    }

    /// Keeps the connection and writes what waits, until it is dropped.
    pub(crate) async fn run(&self) {
        let Some(mut queue) = self.queue.lock().take() else { return };
        let write = async {
            let mut writes = FuturesUnordered::new();
            loop {
                tokio::select! {
                    Some(waiting) = queue.recv(), if writes.len() < WRITES_AT_ONCE => {
                        writes.push(self.write(waiting));
                    }
                    Some(wrote) = writes.next(), if !writes.is_empty() => self.metrics.count_write(wrote),
                    else => return,
                }
            }
        };
        tokio::join!(self.link.stay(&self.metrics.connected), write);
    }

    async fn write(&self, waiting: Waiting) -> Write {
        let Some(live) = self.link.live() else { return Write::Away };
        let name = value::name(&self.key, &waiting.key);
        let (seal, entry, bound_to) = (self.key.clone(), Arc::clone(&waiting.entry), name.clone());
        let kept_at_ms = waiting.kept_at_ms;
        let nonce = rand::random();
        let sealed =
            apart(entry.body.len(), move || value::seal(&seal, &bound_to, &entry, kept_at_ms, nonce)).await;
        let Some(sealed) = sealed.flatten() else { return Write::Failed };
        if sealed.len() > LARGEST_VALUE_BYTES {
            return Write::TooLarge;
        }
        match live.set(&name, &sealed, waiting.entry.ttl).await {
            Ok(()) => Write::Kept,
            Err(_) => Write::Failed,
        }
    }
}

/// Runs it here when it is small, and on a thread for what blocks when it is not.
async fn apart<T: Send + 'static>(bytes: usize, run: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if bytes <= LARGE_BYTES {
        return Some(run());
    }
    tokio::task::spawn_blocking(run).await.ok()
}
