//! The background of limits: settles with the ledger, leases ahead, gives back what is not needed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use aop_domain::limits::{Exchange, Kind, Reply};
use aop_store::limit_leases::{self, Asked};

use super::counter::{Counter, CounterKey};
use super::{Journal, Limiter, Link};

const TICK: Duration = Duration::from_millis(500);
/// After the ledger could not be reached, it is left alone for so long.
const REST: Duration = Duration::from_millis(500);
const LONGEST_EXCHANGE: Duration = Duration::from_secs(2);
/// In one transaction.
const MOST_AT_ONCE: usize = 500;
/// A slice that nobody uses is given back after this, and its lease closed after that.
const IDLE_US: i64 = 1_000_000;
const FORGOTTEN_US: i64 = 60_000_000;
/// A window that is in use has the next one leased so long before it ends.
const BEFORE_NEXT_US: i64 = 1_500_000;
/// A lease that is not heard of for so long has lost its holder; calls at once are then free again.
const LEASE_S: f64 = 15.0;
const RENEW_US: i64 = 4_000_000;
const FORGET_EVERY: Duration = Duration::from_secs(300);
const FORGET_AT_ONCE: i64 = 10_000;

/// What goes to the ledger, and what its answer is for.
struct Sent {
    asked: Asked,
    to: To,
}

enum To {
    Counter(Arc<Counter>),
    /// A lease that is over; closed in the journal once the ledger knows.
    Closing(Option<u64>),
}

impl Limiter {
    pub(super) fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Until `stopping`; then everything is settled and given back.
    pub(crate) async fn run(self: &Arc<Self>, stopping: CancellationToken) {
        let mut closing: Vec<Sent> = Vec::new();
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut forgotten = Instant::now();
        let mut rest_until = Instant::now();
        loop {
            let is_sweep = tokio::select! {
                () = stopping.cancelled() => break,
                _ = tick.tick() => true,
                () = self.wake.notified() => false,
            };
            if Instant::now() < rest_until && !is_sweep {
                self.tell_waiting();
                continue;
            }
            let mut batch = self.urgent_batch();
            if is_sweep {
                self.close_recovered(&mut closing);
                self.sweep(&mut batch, &mut closing);
            }
            if !self.exchange_all(batch, &mut closing).await {
                rest_until = Instant::now() + REST;
            } else if forgotten.elapsed() > FORGET_EVERY {
                forgotten = Instant::now();
                self.forget_old().await;
            }
        }
        self.close_recovered(&mut closing);
        self.give_everything_back(closing).await;
    }

    /// Leases of a process that has gone.
    fn close_recovered(&self, closing: &mut Vec<Sent>) {
        let recovered = self.journal.as_ref().map(Journal::take_recovered).unwrap_or_default();
        closing.extend(recovered.into_iter().map(|(no, asked)| Sent { asked, to: To::Closing(Some(no)) }));
    }

    /// What a process that has gone had settled and not told, by the journal in its directory.
    pub(crate) fn settle_for(&self, dir: &std::path::Path) {
        let Some(journal) = &self.journal else { return };
        if let Err(error) = journal.take_over(dir) {
            tracing::error!(dir = %dir.display(), %error, "what an earlier process settled of limits cannot be read; its leases count as used");
        }
    }

    /// Those a call waits for.
    fn urgent_batch(&self) -> Vec<Sent> {
        let now_us = self.clock.now_us();
        let urgent = std::mem::take(&mut *self.urgent.lock());
        urgent
            .into_iter()
            .filter_map(|counter| {
                counter.is_queued.store(false, Ordering::Release);
                self.prepare(&counter, true, now_us)
            })
            .collect()
    }

    /// Wakes who waits without an answer: the ledger is away and not asked again yet.
    fn tell_waiting(&self) {
        for counter in std::mem::take(&mut *self.urgent.lock()) {
            counter.is_queued.store(false, Ordering::Release);
            counter.answered.notify_waiters();
        }
    }

    fn prepare(&self, counter: &Arc<Counter>, leases_ahead: bool, now_us: i64) -> Option<Sent> {
        let mut slice = counter.slice.lock();
        if slice.is_closed() {
            return None;
        }
        let ahead = if leases_ahead { counter.ahead(slice.amount()) } else { 0 };
        let exchange = slice.exchange(ahead);
        let asked = counter.asked(slice.amount(), exchange, now_us);
        Some(Sent { asked, to: To::Counter(Arc::clone(counter)) })
    }

    /// Every counter: what has to be told, leased, given back or closed.
    fn sweep(&self, batch: &mut Vec<Sent>, closing: &mut Vec<Sent>) {
        let now_us = self.clock.now_us();
        let all: Vec<Arc<Counter>> = self.counters.read().values().cloned().collect();
        // One exchange a lease and transaction: a second one could take back what the first was given for.
        let asked: HashSet<_> = batch.iter().map(|sent| sent.asked.exchange.lease).collect();
        self.metrics.counters.set(i64::try_from(all.len()).unwrap_or(i64::MAX));
        let mut next = Vec::new();
        let mut gone = Vec::new();
        for counter in &all {
            let idle_us = now_us - counter.last_used_us.load(Ordering::Relaxed);
            let ends_in_us = counter.key.span.end_s.map_or(i64::MAX, |end_s| end_s * 1_000_000 - now_us);
            if ends_in_us <= 0 || idle_us > FORGOTTEN_US {
                if let Some(exchange) = counter.close() {
                    closing.push(self.closed(counter, exchange, now_us));
                    gone.push(counter.key.clone());
                    continue;
                }
            } else if ends_in_us < BEFORE_NEXT_US && idle_us < 10 * IDLE_US {
                next.push(Arc::clone(counter));
            }
            let is_asked = asked.contains(&counter.slice.lock().lease());
            if !is_asked && self.is_due(counter, idle_us, now_us) {
                batch.extend(self.prepare(counter, idle_us < IDLE_US, now_us));
            }
        }
        self.remove(&gone);
        for counter in next {
            batch.extend(self.lease_next_window(&counter, now_us));
        }
        if let Some(journal) = &self.journal {
            journal.compact();
        }
    }

    fn is_due(&self, counter: &Counter, idle_us: i64, now_us: i64) -> bool {
        let slice = counter.slice.lock();
        let runs_low = slice.free() < counter.ahead(slice.amount()) / 2 && slice.unleased() > 0;
        let since_us = now_us - counter.last_exchange_us.load(Ordering::Relaxed);
        let must_renew = counter.kind == Kind::Concurrency && slice.has_any() && since_us > RENEW_US;
        slice.is_unreported()
            || must_renew
            || (idle_us < IDLE_US && runs_low)
            || (idle_us >= IDLE_US && slice.has_spare())
    }

    /// The window after this one, so that its first call finds a slice.
    fn lease_next_window(&self, counter: &Arc<Counter>, now_us: i64) -> Option<Sent> {
        let start_s = counter.key.span.end_s?;
        let rules = self.rules.load();
        let rule = rules.by_id(counter.key.limit_id)?;
        let next = self.counter(rule, &counter.key.bucket, start_s * 1_000_000);
        if next.slice.lock().is_known() {
            return None;
        }
        self.prepare(&next, true, now_us)
    }

    fn closed(&self, counter: &Counter, exchange: Exchange, now_us: i64) -> Sent {
        let amount = counter.slice.lock().amount();
        Sent { asked: counter.asked(amount, exchange, now_us), to: To::Closing(counter.journal_no) }
    }

    fn remove(&self, gone: &[CounterKey]) {
        let mut counters = self.counters.write();
        for key in gone {
            // Its successor may stand there already.
            if counters.get(key).is_some_and(|counter| counter.is_closed()) {
                counters.remove(key);
            }
        }
    }

    /// `false`: the ledger is away. What was to be closed stays in `closing` until the ledger knows.
    async fn exchange_all(&self, batch: Vec<Sent>, closing: &mut Vec<Sent>) -> bool {
        let mut all = batch;
        all.append(closing);
        let mut reached = true;
        while !all.is_empty() {
            let rest = all.split_off(all.len().min(MOST_AT_ONCE));
            let sent = std::mem::replace(&mut all, rest);
            let replies = if reached { self.ask_ledger(&sent).await } else { None };
            reached = replies.is_some();
            self.is_away.store(!reached, Ordering::Relaxed);
            match replies {
                Some(replies) => self.take_replies(sent, &replies),
                None => {
                    for one in sent {
                        match &one.to {
                            To::Counter(counter) => counter.answered.notify_waiters(),
                            To::Closing(_) => closing.push(one),
                        }
                    }
                }
            }
        }
        reached
    }

    fn take_replies(&self, sent: Vec<Sent>, replies: &[Reply]) {
        let now_us = self.clock.now_us();
        for (one, reply) in sent.into_iter().zip(replies) {
            match one.to {
                To::Counter(counter) => {
                    counter.slice.lock().take(&one.asked.exchange, reply, now_us);
                    counter.last_exchange_us.store(now_us, Ordering::Relaxed);
                    counter.answered.notify_waiters();
                }
                To::Closing(no) => {
                    if let (Some(no), Some(journal)) = (no, &self.journal) {
                        journal.close(no);
                    }
                }
            }
        }
    }

    async fn ask_ledger(&self, sent: &[Sent]) -> Option<Vec<Reply>> {
        let asked: Vec<Asked> = sent.iter().map(|one| one.asked.clone()).collect();
        let outcome = match self.link.get()? {
            Link::Local(ledgers) => {
                let mut ledgers = ledgers.lock();
                return Some(sent.iter().map(|one| local_exchange(&mut ledgers, one)).collect());
            }
            Link::Postgres(store) => {
                timeout(LONGEST_EXCHANGE, limit_leases::exchange(store, &asked, LEASE_S)).await
            }
        };
        let was_away = self.is_away.load(Ordering::Relaxed);
        let error = match outcome {
            Ok(Ok(replies)) => {
                if was_away {
                    tracing::info!("the ledger of limits answers again");
                }
                return Some(replies);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it did not answer in time".to_owned(),
        };
        self.metrics.exchange_failures.inc();
        if !was_away {
            tracing::warn!(%error, "the ledger of limits cannot be reached; known slices are used up meanwhile");
        }
        None
    }

    /// Without Postgres the ledger is at hand.
    pub(super) fn exchange_locally(&self, counter: &Arc<Counter>) {
        let now_us = self.clock.now_us();
        let Some(Link::Local(ledgers)) = self.link.get() else { return };
        // The ledger first and the slice inside: the order of the background task would be the same.
        let mut ledgers = ledgers.lock();
        if let Some(sent) = self.prepare(counter, true, now_us) {
            let reply = local_exchange(&mut ledgers, &sent);
            counter.slice.lock().take(&sent.asked.exchange, &reply, now_us);
        }
    }

    async fn forget_old(&self) {
        if let Some(Link::Postgres(store)) = self.link.get()
            && let Err(error) = limit_leases::forget_old(store, FORGET_AT_ONCE).await
        {
            tracing::debug!(%error, "old windows of limits stay for now");
        }
    }

    /// At shutdown, when no call is left: the ledger is told everything. What cannot be told is in the journal.
    async fn give_everything_back(&self, mut closing: Vec<Sent>) {
        let now_us = self.clock.now_us();
        let all: Vec<Arc<Counter>> = self.counters.write().drain().map(|(_, counter)| counter).collect();
        let mut batch = Vec::new();
        for counter in all {
            match counter.close() {
                Some(exchange) => closing.push(self.closed(&counter, exchange, now_us)),
                None => batch.extend(self.prepare(&counter, false, now_us)),
            }
        }
        self.exchange_all(batch, &mut closing).await;
        if !closing.is_empty() {
            tracing::warn!(
                leases = closing.len(),
                "the ledger of limits is away; it is told at the next start"
            );
        }
    }
}

fn local_exchange(ledgers: &mut HashMap<CounterKey, aop_domain::limits::Ledger>, one: &Sent) -> Reply {
    let asked = &one.asked;
    let key = CounterKey {
        limit_id: asked.limit_id,
        bucket: asked.bucket.as_str().into(),
        span: aop_domain::limits::Span { start_s: asked.window_start_s, end_s: None },
    };
    ledgers.entry(key).or_default().exchange(asked.amount, &asked.exchange)
}
