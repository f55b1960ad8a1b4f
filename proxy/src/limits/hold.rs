//! What a call holds of its limits while it runs: taken before it is made, given back when it is over.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

use aop_domain::limits::{Ask, Asks, ColdCost, Kind, Learned, Refused, Sizes, Window};

use super::counter::{Counter, CounterKey};
use super::rules::{Rule, Subject, Touched};
use super::{LONGEST_WAIT, Limiter, Link, answer};
use crate::call::Call;
use crate::config::WhenAway;
use crate::refusal::Refusal;

/// A stream is looked at again after so many bytes of text.
const WATCH_EVERY_BYTES: u64 = 256;
const BYTES_A_TOKEN: u64 = 4;

/// One limit's part.
pub(super) struct Part {
    pub(super) rule: Arc<Rule>,
    pub(super) counter: Arc<Counter>,
    pub(super) hold: i64,
    pub(super) is_settled: bool,
}

/// Everything one call holds. What was not settled comes back when this is dropped.
pub(crate) struct Held {
    pub(super) limiter: Arc<Limiter>,
    pub(super) parts: Vec<Part>,
    pub(super) asks: Asks,
    pub(super) sizes: Sizes,
    pub(super) learned: Arc<Mutex<Learned>>,
    watched_to_bytes: u64,
    /// How often the request was read.
    asked: i64,
}

impl Held {
    /// Does a limit count what a call costs or how much it reads and writes?
    fn needs_estimate(touched: &[Touched<'_>]) -> (bool, bool) {
        let any = |kind: Kind| touched.iter().any(|touched| touched.rule.limit.kind == kind);
        (any(Kind::Tokens), any(Kind::Spend))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for part in self.parts.iter().filter(|part| !part.is_settled) {
            part.counter.slice.lock().settle(part.hold, 0);
        }
    }
}

/// A part of a limit's way to its decision.
enum Taken {
    Hold(i64),
    Refused(Refused),
    /// The ledger is away, and the setting says to refuse.
    Away,
}

impl Limiter {
    /// Takes what the call is likely to need of every limit it touches: all of it, or nothing. `cold_cost` gives prices
    /// where nothing was learned. `None`: no limit touches this call.
    pub(crate) async fn reserve(
        self: &Arc<Self>,
        subject: &Subject<'_>,
        sizes: Sizes,
        cold_cost: impl FnOnce() -> Option<ColdCost>,
    ) -> Result<Option<Held>, Refusal> {
        let rules = self.rules.load_full();
        let touched = rules.touched(subject);
        if touched.is_empty() {
            return Ok(None);
        }
        let (by_tokens, by_spend) = Held::needs_estimate(&touched);
        let learned = self.learned.of(subject.key_id, subject.model);
        let mut asks = Asks::default();
        if by_tokens || by_spend {
            let known = *learned.lock();
            let cold = if by_spend && !known.knows_cost() { cold_cost() } else { Some(ColdCost::default()) };
            if cold.is_none() {
                self.metrics.unpriced.inc();
            }
            asks = known.asks(sizes, cold.unwrap_or_default());
        }
        let mut held = Held {
            limiter: Arc::clone(self),
            parts: Vec::with_capacity(touched.len()),
            asks,
            sizes,
            learned,
            watched_to_bytes: WATCH_EVERY_BYTES,
            asked: 1,
        };
        // The clock of the wait is read only when there is one.
        let mut deadline = None;
        for one in &touched {
            let ask = match one.rule.limit.kind {
                Kind::Requests | Kind::Concurrency => Ask { low: 1, high: 1 },
                Kind::Tokens => asks.tokens,
                Kind::Spend => asks.spend,
            };
            let part = self.take(one, ask, &mut deadline).await?;
            held.parts.push(part);
        }
        Ok(Some(held))
    }

    async fn take(
        self: &Arc<Self>,
        touched: &Touched<'_>,
        ask: Ask,
        deadline: &mut Option<Instant>,
    ) -> Result<Part, Refusal> {
        let rule = touched.rule;
        loop {
            let now_us = self.clock.now_us();
            let counter = match &touched.bucket {
                Some(bucket) => self.counter(rule, bucket, now_us),
                None => self.lone_counter(rule, now_us),
            };
            counter.used_now(now_us);
            let part = |hold: i64, counter: Arc<Counter>| Part {
                rule: Arc::clone(rule),
                counter,
                hold,
                is_settled: false,
            };
            let taken = self.take_from(&counter, ask, deadline).await;
            match taken {
                Taken::Hold(hold) => return Ok(part(hold, counter)),
                Taken::Refused(Refused::Closed) => {}
                Taken::Refused(_) | Taken::Away if rule.limit.shadow => {
                    let hold = {
                        let mut slice = counter.slice.lock();
                        if slice.is_closed() {
                            continue;
                        }
                        slice.hold_anyway(ask)
                    };
                    self.metrics.shadow_refusals.inc();
                    return Ok(part(hold, counter));
                }
                Taken::Refused(why) => {
                    return Err(answer::refused(rule, &counter, why, ask, self.clock.now_us()));
                }
                Taken::Away => return Err(answer::away(rule)),
            }
        }
    }

    async fn take_from(
        self: &Arc<Self>,
        counter: &Arc<Counter>,
        ask: Ask,
        deadline: &mut Option<Instant>,
    ) -> Taken {
        loop {
            // Made before the look, so that an answer between the two is not missed.
            let answered = counter.answered.notified();
            tokio::pin!(answered);
            let now_us = self.clock.now_us();
            let (taken, runs_low) = {
                let mut slice = counter.slice.lock();
                let taken = slice.hold(ask, now_us);
                let runs_low = slice.free() < counter.ahead(slice.amount()) / 4 && slice.unleased() > 0;
                (taken, runs_low)
            };
            match taken {
                Ok(hold) => {
                    if runs_low {
                        self.ask_soon(counter);
                    }
                    return Taken::Hold(hold);
                }
                Err(Refused::AskLedger) => {}
                Err(other) => return Taken::Refused(other),
            }
            if let Some(Link::Local(_)) = self.link.get() {
                self.exchange_locally(counter);
                continue;
            }
            answered.as_mut().enable();
            self.ask_soon(counter);
            if self.is_away() {
                return self.take_while_away(counter, ask);
            }
            let until = *deadline.get_or_insert_with(|| Instant::now() + LONGEST_WAIT);
            if timeout_at(until, answered).await.is_err() {
                self.metrics.waits_timed_out.inc();
                return if self.is_away() || !counter.slice.lock().is_known() {
                    self.take_while_away(counter, ask)
                } else {
                    Taken::Refused(Refused::Held)
                };
            }
            if self.is_away() {
                return self.take_while_away(counter, ask);
            }
        }
    }

    fn take_while_away(&self, counter: &Counter, ask: Ask) -> Taken {
        self.metrics.decided_alone.inc();
        let mut slice = counter.slice.lock();
        match (self.when_away, counter.kind) {
            (WhenAway::Refuse, _) | (WhenAway::RefuseSpend, Kind::Spend) => Taken::Away,
            (WhenAway::Allow, Kind::Spend) if !slice.is_closed() => Taken::Hold(slice.hold_anyway(ask)),
            _ => slice.hold_locally(ask).map_or_else(Taken::Refused, Taken::Hold),
        }
    }

    /// Has the ledger asked by the background task.
    pub(super) fn ask_soon(&self, counter: &Arc<Counter>) {
        if !counter.is_queued.swap(true, Ordering::AcqRel) {
            self.urgent.lock().push(Arc::clone(counter));
            self.wake.notify_one();
        }
    }

    /// A run of one call: nobody else counts in it, so it needs no ledger.
    fn lone_counter(&self, rule: &Rule, now_us: i64) -> Arc<Counter> {
        let span = rule.limit.window.span(now_us.div_euclid(1_000_000));
        let key = CounterKey { limit_id: rule.limit.id, bucket: "".into(), span };
        let counter = Counter::new(key, &rule.limit, None, now_us);
        {
            let mut slice = counter.slice.lock();
            let amount = slice.amount();
            let asked = slice.exchange(amount);
            let whole = aop_domain::limits::Reply { granted: amount, settled: 0, others: 0 };
            slice.take(&asked, &whole, now_us);
        }
        Arc::new(counter)
    }

    /// A part that runs over its hold takes more. `false`: there is no more.
    async fn extend(self: &Arc<Self>, part: &mut Part, so_far: i64) -> bool {
        let missing = so_far - part.hold;
        // Some ahead, so that the next look need not ask again; the missing alone when there is not so much.
        let generous = missing.saturating_add(part.hold / 4);
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            let answered = part.counter.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            let extended = {
                let now_us = self.clock.now_us();
                let mut slice = part.counter.slice.lock();
                if slice.extend(generous, now_us).is_ok() {
                    Ok(generous)
                } else {
                    slice.extend(missing, now_us).map(|()| missing)
                }
            };
            match extended {
                Ok(more) => {
                    part.hold += more;
                    return true;
                }
                Err(Refused::AskLedger) => {}
                Err(_) => return false,
            }
            match self.link.get() {
                Some(Link::Local(_)) => self.exchange_locally(&part.counter),
                _ if self.is_away() => return self.when_away == WhenAway::Allow,
                _ => {
                    self.ask_soon(&part.counter);
                    if timeout_at(deadline, answered).await.is_err() {
                        return false;
                    }
                }
            }
        }
    }
}

/// Another provider reads the whole request again, to go on with its answer. What that takes is looked at with the next
/// piece of the answer.
pub(crate) fn asked_again(call: &mut Call) {
    if let Some(held) = &mut call.held {
        held.asked += 1;
        held.watched_to_bytes = 0;
    }
}

/// A stream has come so far: does what it holds still cover it? A budget that is gone cuts the stream.
pub(crate) async fn keep(call: &mut Call, text_bytes: u64) -> Result<(), Refusal> {
    let Some(held) = &mut call.held else { return Ok(()) };
    if text_bytes < held.watched_to_bytes {
        return Ok(());
    }
    held.watched_to_bytes = text_bytes + WATCH_EVERY_BYTES;
    let output_tokens = i64::try_from(text_bytes / BYTES_A_TOKEN).unwrap_or(i64::MAX);
    let asks = held.asks;
    let spend = asks
        .input_spend
        .saturating_mul(held.asked)
        .saturating_add((output_tokens as f64 * asks.spend_per_output_token) as i64);
    let tokens = asks.input_tokens.saturating_mul(held.asked).saturating_add(output_tokens);
    let limiter = Arc::clone(&held.limiter);
    for part in &mut held.parts {
        let so_far = match part.counter.kind {
            Kind::Spend => spend,
            Kind::Tokens => tokens,
            Kind::Requests | Kind::Concurrency => continue,
        };
        if so_far <= part.hold || limiter.extend(part, so_far).await {
            continue;
        }
        if part.rule.limit.shadow || !cuts(part) {
            let missing = so_far - part.hold;
            part.counter.slice.lock().extend_anyway(missing);
            part.hold += missing;
            continue;
        }
        return Err(answer::cut(&part.rule, &part.counter, limiter.clock.now_us()));
    }
    Ok(())
}

/// A budget is worth a cut stream; a limit that is full again in a minute is not.
fn cuts(part: &Part) -> bool {
    part.counter.kind == Kind::Spend || matches!(part.counter.window, Window::Total | Window::Run)
}
