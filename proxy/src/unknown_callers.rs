//! Refused calls of callers nobody knows are recorded at a bounded rate per source address and for all together, so
//! that a stranger cannot fill the spool. What is not recorded is counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use parking_lot::Mutex;

/// Sources remembered at once; more share the common bucket only.
const MOST_SOURCES: usize = 4096;
/// A bucket holds this many seconds of its rate.
const BURST_S: f64 = 10.0;

pub(crate) struct UnknownCallers {
    per_s: f64,
    state: Mutex<State>,
    total_per_s: f64,
}

struct State {
    sources: HashMap<IpAddr, Bucket>,
    all: Option<Bucket>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn full(per_s: f64, now: Instant) -> Self {
        Self { tokens: per_s * BURST_S, at: now }
    }

    fn refill(&mut self, per_s: f64, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * per_s).min(per_s * BURST_S);
        self.at = now;
    }
}

impl UnknownCallers {
    pub(crate) fn new(per_s: f64, total_per_s: f64) -> Self {
        Self { per_s, total_per_s, state: Mutex::new(State { sources: HashMap::new(), all: None }) }
    }

    /// May one more call of this source be recorded?
    pub(crate) fn admit(&self, source: Option<IpAddr>, now: Instant) -> bool {
        let mut state = self.state.lock();
        let mut all = state.all.unwrap_or_else(|| Bucket::full(self.total_per_s, now));
        all.refill(self.total_per_s, now);
        state.all = Some(all);
        if all.tokens < 1.0 {
            return false;
        }
        if let Some(source) = source {
            if state.sources.len() >= MOST_SOURCES && !state.sources.contains_key(&source) {
                let full = self.per_s * BURST_S;
                state.sources.retain(|_, bucket| {
                    bucket.refill(self.per_s, now);
                    bucket.tokens < full
                });
            }
            if state.sources.len() < MOST_SOURCES || state.sources.contains_key(&source) {
                let bucket = state.sources.entry(source).or_insert_with(|| Bucket::full(self.per_s, now));
                bucket.refill(self.per_s, now);
                if bucket.tokens < 1.0 {
                    return false;
                }
                bucket.tokens -= 1.0;
            }
        }
        if let Some(all) = state.all.as_mut() {
            all.tokens -= 1.0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn source(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn one_source_cannot_use_up_what_others_may_record() {
        let callers = UnknownCallers::new(1.0, 50.0);
        let now = Instant::now();
        let admitted = (0..1000).filter(|_| callers.admit(source(1), now)).count();
        assert_eq!(admitted, 10);
        assert!(callers.admit(source(2), now));
        assert!(callers.admit(source(1), now + Duration::from_secs(1)));
        assert!(!callers.admit(source(1), now + Duration::from_secs(1)));
    }

    #[test]
    fn all_sources_together_are_bounded_too() {
        let callers = UnknownCallers::new(1.0, 5.0);
        let now = Instant::now();
        let admitted =
            (0..20_000u32).filter(|n| callers.admit(Some(IpAddr::from(n.to_be_bytes())), now)).count();
        assert_eq!(admitted, 50);
    }
}
