//! Limits and budgets on the way of a call: what it touches, whether there is room, what it used (G5).
//!
//! A call never waits for Postgres as long as this gateway's slice of a limit has room. Slices are leased ahead in the
//! background ([`lease`]); only when one is empty and the ledger may have more does a call wait, once and not long.
//! What calls used is written to a journal before their answer ends ([`journal`]), so a killed gateway loses none of it.
//! The arithmetic itself is `aop_domain::limits`; `docs/limits.md` says what it promises.

mod answer;
mod counter;
mod hold;
mod journal;
mod learned;
mod lease;
mod quota;
mod rules;
mod settle;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

use aop_domain::limits::{Ledger, Limit, LimitScope};
use aop_service::clock::Clock;
use aop_store::Store;

pub use answer::LimitFacts;
pub(crate) use answer::{headers, put as put_headers};
pub(crate) use hold::{Held, asked_again, keep};
pub(crate) use journal::Journal;
pub(crate) use quota::answer as answer_quota;
pub(crate) use rules::{Run, Subject};
pub(crate) use settle::settle;

use crate::config::WhenAway;
use crate::metrics::LimitMetrics;
use counter::{Counter, CounterKey};
use learned::Learnings;
use rules::{Rule, Rules};

/// Longest time a call waits for a slice, all its limits together.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_millis(250);
/// Above this, runs, agents and tags that are new share one counter a limit: callers can name as many as they like.
const MOST_COUNTERS: usize = 100_000;
const SHARED_BUCKET: &str = "*more*";

/// Where the ledger is.
pub(crate) enum Link {
    /// In this process: a gateway that runs without Postgres.
    Local(Box<Mutex<HashMap<CounterKey, Ledger>>>),
    Postgres(Store),
}

pub(crate) struct Limiter {
    rules: ArcSwap<Rules>,
    counters: RwLock<HashMap<CounterKey, Arc<Counter>>>,
    learned: Learnings,
    link: OnceLock<Link>,
    when_away: WhenAway,
    /// The ledger could not be reached when it was last asked.
    is_away: AtomicBool,
    /// Counters a call waits for.
    urgent: Mutex<Vec<Arc<Counter>>>,
    wake: Notify,
    journal: Option<Journal>,
    clock: Clock,
    pub(crate) metrics: LimitMetrics,
}

impl Limiter {
    pub(crate) fn new(
        when_away: WhenAway,
        journal: Option<Journal>,
        learned_in: &Path,
        clock: Clock,
        metrics: LimitMetrics,
    ) -> Arc<Self> {
        Arc::new(Self {
            rules: ArcSwap::default(),
            counters: RwLock::default(),
            learned: Learnings::new(learned_in),
            link: OnceLock::new(),
            when_away,
            is_away: AtomicBool::new(false),
            urgent: Mutex::default(),
            wake: Notify::new(),
            journal,
            clock,
            metrics,
        })
    }

    /// Says where the ledger is. Until then it is away.
    pub(crate) fn attach(&self, link: Link) {
        if self.link.set(link).is_err() {
            tracing::error!("the ledger of limits was attached twice");
        }
        self.wake.notify_one();
    }

    pub(crate) fn local_link() -> Link {
        Link::Local(Box::default())
    }

    /// New rules are in force for the next call. What was counted under an id goes on being counted.
    pub(crate) fn take_rules(&self, limits: &[Arc<Limit>]) {
        self.rules.store(Arc::new(Rules::new(limits)));
        let amounts: HashMap<_, _> = limits.iter().map(|limit| (limit.id, limit.amount)).collect();
        for (key, counter) in &*self.counters.read() {
            if let Some(amount) = amounts.get(&key.limit_id) {
                counter.slice.lock().set_amount(*amount);
            }
        }
    }

    pub(crate) fn is_away(&self) -> bool {
        self.link.get().is_none() || self.is_away.load(Ordering::Relaxed)
    }

    /// The counter of this rule and bucket at this moment.
    fn counter(&self, rule: &Rule, bucket: &str, now_us: i64) -> Arc<Counter> {
        let now_s = now_us.div_euclid(1_000_000);
        if bucket.is_empty()
            && let Some(counter) = &*rule.current.load()
            && counter.key.span.holds(now_s)
            && !counter.is_closed()
        {
            return Arc::clone(counter);
        }
        let span = rule.limit.window.span(now_s);
        let mut key = CounterKey { limit_id: rule.limit.id, bucket: bucket.into(), span };
        if let Some(counter) = self.counters.read().get(&key).filter(|counter| !counter.is_closed()) {
            return Arc::clone(counter);
        }
        let mut counters = self.counters.write();
        if counters.len() >= MOST_COUNTERS
            && matches!(rule.limit.scope, LimitScope::Run | LimitScope::Agent | LimitScope::Tag)
        {
            key.bucket = SHARED_BUCKET.into();
        }
        if let Some(counter) = counters.get(&key).filter(|counter| !counter.is_closed()) {
            return Arc::clone(counter);
        }
        let counter = Arc::new(Counter::new(key.clone(), &rule.limit, self.journal.as_ref(), now_us));
        counters.insert(key, Arc::clone(&counter));
        if bucket.is_empty() {
            rule.current.store(Some(Arc::clone(&counter)));
        }
        counter
    }
}
