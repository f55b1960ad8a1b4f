//! Metrics of what gateways share behind their response caches.

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, Opts};

use super::Maker;

const SECONDS: [f64; 9] = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1];

/// What came of asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Hit,
    Miss,
    /// It is not there: nobody was asked.
    Away,
    /// Too many ask at once: nobody was asked.
    Busy,
    Late,
    Failed,
    /// What stands there was not put there by a gateway of this installation, or is too large.
    Unusable,
}

/// What came of keeping an answer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Kept,
    Away,
    /// Too much waits to be written.
    Full,
    TooLarge,
    Failed,
}

const LOOKS: [(Look, &str); 7] = [
    (Look::Hit, "hit"),
    (Look::Miss, "miss"),
    (Look::Away, "away"),
    (Look::Busy, "busy"),
    (Look::Late, "late"),
    (Look::Failed, "failed"),
    (Look::Unusable, "unusable"),
];
const WRITES: [(Write, &str); 5] = [
    (Write::Kept, "kept"),
    (Write::Away, "away"),
    (Write::Full, "full"),
    (Write::TooLarge, "too_large"),
    (Write::Failed, "failed"),
];

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct SharedCacheMetrics {
    looks: [IntCounter; LOOKS.len()],
    writes: [IntCounter; WRITES.len()],
    pub(crate) took: Histogram,
    pub(crate) connected: IntGauge,
}

impl SharedCacheMetrics {
    pub(super) fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            looks: by_outcome(
                make,
                "aop_proxy_cache_shared_looks_total",
                "Calls that asked the shared response cache, by outcome.",
                LOOKS.map(|(_, name)| name),
            )?,
            writes: by_outcome(
                make,
                "aop_proxy_cache_shared_writes_total",
                "Answers for the shared response cache, by outcome.",
                WRITES.map(|(_, name)| name),
            )?,
            took: make.histogram(
                "aop_proxy_cache_shared_look_seconds",
                "Time that the shared response cache took to answer.",
                &SECONDS,
            )?,
            connected: make
                .gauge("aop_proxy_cache_shared_connected", "1 while the shared response cache is there.")?,
        })
    }

    pub(crate) fn count_look(&self, look: Look) {
        self.looks[look as usize].inc();
    }

    pub(crate) fn count_write(&self, write: Write) {
        self.writes[write as usize].inc();
    }
}

fn by_outcome<const N: usize>(
    make: &Maker<'_>,
    name: &str,
    help: &str,
    outcomes: [&str; N],
) -> Result<[IntCounter; N], prometheus::Error> {
    let family = IntCounterVec::new(Opts::new(name, help), &["outcome"])?;
    make.0.register(Box::new(family.clone()))?;
    Ok(outcomes.map(|outcome| family.with_label_values(&[outcome])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_own_counter() {
        assert!(LOOKS.iter().enumerate().all(|(at, (look, _))| *look as usize == at));
        assert!(WRITES.iter().enumerate().all(|(at, (write, _))| *write as usize == at));
    }
}
