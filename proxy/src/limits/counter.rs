//! One limit in one window: this gateway's slice of it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use aop_domain::id::LimitId;
use aop_domain::limits::{Exchange, Kind, Limit, Slice, Span, Window};
use aop_store::limit_leases::Asked;

use super::journal::{Entry, Journal};

/// A window that has ended is kept in the ledger for so long: calls that began in it still settle there.
const KEPT_AFTER_END_S: i64 = 2 * 3_600;
/// What has no end is forgotten when nobody used it for so long: a run, a total of a key that is gone.
const KEPT_UNUSED_S: i64 = 400 * 86_400;
const RUN_KEPT_UNUSED_S: i64 = 30 * 86_400;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CounterKey {
    pub(crate) limit_id: LimitId,
    /// Which user, key, run, ...; empty where there is one only.
    pub(crate) bucket: Box<str>,
    pub(crate) span: Span,
}

pub(crate) struct Counter {
    pub(crate) key: CounterKey,
    pub(crate) kind: Kind,
    pub(crate) window: Window,
    pub(crate) slice: Mutex<Slice>,
    pub(crate) last_used_us: AtomicI64,
    pub(crate) last_exchange_us: AtomicI64,
    /// Told when the ledger has answered, or could not be reached.
    pub(crate) answered: Notify,
    pub(crate) is_queued: AtomicBool,
    /// Under which number its settlements stand in the journal.
    pub(crate) journal_no: Option<u64>,
    is_closed: AtomicBool,
}

impl Counter {
    pub(crate) fn new(key: CounterKey, limit: &Limit, journal: Option<&Journal>, now_us: i64) -> Self {
        let lease = Uuid::from_bytes(rand::random());
        let forget_at_s = forget_at_s(&key, limit.window, now_us);
        // What ends within a minute, or with its holder, needs no memory.
        let is_journaled = !matches!(limit.window, Window::Minute | Window::Now);
        let journal_no = journal.filter(|_| is_journaled).and_then(|journal| {
            journal.open(&Entry {
                lease,
                limit_id: key.limit_id,
                bucket: key.bucket.clone(),
                window_start_s: key.span.start_s,
                forget_at_s,
                spent: 0,
            })
        });
        Self {
            kind: limit.kind,
            window: limit.window,
            slice: Mutex::new(Slice::new(lease, limit.amount)),
            last_used_us: AtomicI64::new(now_us),
            last_exchange_us: AtomicI64::new(now_us),
            answered: Notify::new(),
            is_queued: AtomicBool::new(false),
            journal_no,
            is_closed: AtomicBool::new(false),
            key,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Gives everything back for good; `None` while calls hold some of it.
    pub(crate) fn close(&self) -> Option<Exchange> {
        let exchange = self.slice.lock().close()?;
        self.is_closed.store(true, Ordering::Release);
        Some(exchange)
    }

    pub(crate) fn used_now(&self, now_us: i64) {
        self.last_used_us.store(now_us, Ordering::Relaxed);
    }

    /// What a gateway leases beside what calls hold: large enough that the ledger is rarely asked, small enough
    /// that others find some.
    pub(crate) fn ahead(&self, amount: i64) -> i64 {
        let part = if self.kind == Kind::Concurrency { 8 } else { 16 };
        (amount / part).max(1)
    }

    pub(crate) fn asked(&self, amount: i64, exchange: Exchange, now_us: i64) -> Asked {
        Asked {
            limit_id: self.key.limit_id,
            bucket: self.key.bucket.to_string(),
            window_start_s: self.key.span.start_s,
            forget_at_s: forget_at_s(&self.key, self.window, now_us),
            amount,
            frees_expired: self.kind == Kind::Concurrency,
            exchange,
        }
    }
}

fn forget_at_s(key: &CounterKey, window: Window, now_us: i64) -> i64 {
    let now_s = now_us.div_euclid(1_000_000);
    match key.span.end_s {
        Some(end_s) => end_s.max(now_s) + KEPT_AFTER_END_S,
        None if window == Window::Run => now_s + RUN_KEPT_UNUSED_S,
        None => now_s + KEPT_UNUSED_S,
    }
}
