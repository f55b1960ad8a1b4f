//! The breaker of one deployment. Closed: everything passes. Too many failures in a window open it: the deployment rests.
//! After its rest one call at a time probes it; the first that succeeds closes the breaker, a failure opens it again.
//!
//! A closed breaker without a recent failure costs a call one atomic load.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use aop_domain::routing::BreakerPolicy;

/// A rest after rest upon rest grows by doubling, this often.
const LONGER_RESTS: u32 = 3;
/// Of what a provider asks for with `Retry-After`, so much is granted.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// Closed, and no failure lately.
const CALM: u8 = 0;
/// Closed, with failures in the window: successes are counted as well.
const WATCHED: u8 = 1;
const OPEN: u8 = 2;
/// Half-open: a probe is out.
const PROBED: u8 = 3;

pub(crate) struct Breaker {
    policy: BreakerPolicy,
    state: AtomicU8,
    /// Of the window, while it is watched.
    successes: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    failures: u64,
    window_began: Option<Instant>,
    rests_until: Option<Instant>,
    /// Openings since the last success.
    openings: u32,
    /// Counts the probes, so that a late one is not taken for the one that is out.
    probe: u64,
}

/// On which ground a call goes to the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permit {
    Free,
    /// The one call that finds out whether it works again.
    Probe(u64),
    /// Nothing else was left to ask.
    LastResort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Closed,
    HalfOpen,
    Open,
}

/// How long an open breaker stays so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// What the provider asked for.
    pub(crate) asked: Option<Duration>,
    /// 0 to 1, drawn: proxies and deployments do not come back all at once.
    pub(crate) jitter: f64,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            state: AtomicU8::new(CALM),
            successes: AtomicU64::new(0),
            inner: Mutex::new(Inner::default()),
        }
    }

    pub(crate) fn standing(&self) -> Standing {
        match self.state.load(Ordering::Relaxed) {
            CALM | WATCHED => Standing::Closed,
            OPEN => Standing::Open,
            _ => Standing::HalfOpen,
        }
    }

    /// `None`: a call may go there now, at least as a probe. Otherwise how long it still rests; zero: a probe is out.
    pub(crate) fn resting(&self, now: Instant) -> Option<Duration> {
        match self.state.load(Ordering::Acquire) {
            CALM | WATCHED => None,
            PROBED => Some(Duration::ZERO),
            _ => {
                let until = self.inner.lock().rests_until?;
                Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero())
            }
        }
    }

    /// `None`: it rests, or a probe is out.
    pub(crate) fn permit(&self, now: Instant) -> Option<Permit> {
        if self.state.load(Ordering::Acquire) <= WATCHED {
            return Some(Permit::Free);
        }
        let mut inner = self.inner.lock();
        match self.state.load(Ordering::Acquire) {
            CALM | WATCHED => Some(Permit::Free),
            OPEN if inner.rests_until.is_none_or(|until| until <= now) => {
                inner.probe += 1;
                self.state.store(PROBED, Ordering::Release);
                Some(Permit::Probe(inner.probe))
            }
            _ => None,
        }
    }

    /// The deployment answered. What was sent before the breaker opened says nothing of how it is now.
    pub(crate) fn succeeded(&self, permit: Permit) {
        match self.state.load(Ordering::Acquire) {
            CALM => {}
            WATCHED => {
                self.successes.fetch_add(1, Ordering::Relaxed);
            }
            _ if permit == Permit::Free => {}
            _ => {
                let mut inner = self.inner.lock();
                let probe = inner.probe;
                *inner = Inner { probe, ..Inner::default() };
                self.state.store(CALM, Ordering::Release);
            }
        }
    }

    /// The deployment failed. True: this opened the breaker.
    pub(crate) fn failed(&self, permit: Permit, now: Instant, rest: Rest) -> bool {
        if self.policy.failures == 0 {
            return false;
        }
        let mut inner = self.inner.lock();
        match self.state.load(Ordering::Acquire) {
            PROBED if permit == Permit::Probe(inner.probe) => {
                self.open(&mut inner, now, rest);
                true
            }
            OPEN | PROBED => {
                // It has said meanwhile how long it wants to be left alone.
                if let Some(asked) = rest.asked {
                    let until = now + asked.min(LONGEST_ASKED);
                    inner.rests_until = inner.rests_until.max(Some(until));
                }
                false
            }
            _ => {
                self.count(&mut inner, now);
                let opens = rest.asked.is_some_and(|asked| !asked.is_zero()) || self.is_too_much(&inner);
                if opens {
                    self.open(&mut inner, now, rest);
                }
                opens
            }
        }
    }

    /// The call ended without finding anything out: its client went away.
    pub(crate) fn released(&self, permit: Permit) {
        let Permit::Probe(number) = permit else { return };
        let inner = self.inner.lock();
        if self.state.load(Ordering::Acquire) == PROBED && inner.probe == number {
            self.state.store(OPEN, Ordering::Release);
        }
    }

    fn count(&self, inner: &mut Inner, now: Instant) {
        let window = Duration::from_millis(self.policy.window_ms.into());
        if inner.window_began.is_none_or(|began| now.saturating_duration_since(began) > window) {
            inner.window_began = Some(now);
            inner.failures = 0;
            self.successes.store(0, Ordering::Relaxed);
        }
        inner.failures += 1;
        self.state.store(WATCHED, Ordering::Release);
    }

    fn is_too_much(&self, inner: &Inner) -> bool {
        let calls = inner.failures + self.successes.load(Ordering::Relaxed);
        inner.failures >= u64::from(self.policy.failures)
            && inner.failures * 100 >= calls * u64::from(self.policy.failure_percent)
    }

    fn open(&self, inner: &mut Inner, now: Instant, rest: Rest) {
        let longer = 1u32 << inner.openings.min(LONGER_RESTS);
        let base = Duration::from_millis(self.policy.cooldown_ms.into()).saturating_mul(longer);
        let own = base.mul_f64(0.8 + 0.4 * rest.jitter.clamp(0.0, 1.0));
        let asked = rest.asked.unwrap_or_default().min(LONGEST_ASKED).mul_f64(1.0 + 0.1 * rest.jitter);
        inner.rests_until = Some(now + own.max(asked));
        inner.openings = inner.openings.saturating_add(1);
        inner.window_began = None;
        inner.failures = 0;
        self.state.store(OPEN, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
