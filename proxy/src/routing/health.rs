//! What this proxy knows of one deployment, kept over changes of the configuration. A call that goes there holds a ticket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use prometheus::IntCounter;

use aop_domain::routing::BreakerPolicy;

use super::breaker::{Breaker, Permit, Rest};
use super::latency::Latency;

pub(crate) struct Health {
    name: String,
    begun: Instant,
    in_flight: AtomicU32,
    pub(super) breaker: Breaker,
    /// A whole answer begins when the last token is there, a stream with the first: two figures.
    of_streams: Latency,
    of_wholes: Latency,
    /// Openings of all deployments.
    opened: IntCounter,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health")
            .field("name", &self.name)
            .field("standing", &self.breaker.standing())
            .finish()
    }
}

impl Health {
    pub(crate) fn new(name: String, policy: BreakerPolicy, begun: Instant, opened: IntCounter) -> Self {
        Self {
            name,
            begun,
            in_flight: AtomicU32::new(0),
            breaker: Breaker::new(policy),
            of_streams: Latency::default(),
            of_wholes: Latency::default(),
            opened,
        }
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn believed_us(&self, streams: bool, now: Instant) -> Option<f64> {
        self.latency(streams).believed_us(self.seconds(now))
    }

    /// `None`: it rests.
    pub(crate) fn enter(self: &Arc<Self>, now: Instant) -> Option<Ticket> {
        self.breaker.permit(now).map(|permit| self.ticket(permit))
    }

    /// For a call that has nowhere else to go.
    pub(crate) fn enter_anyway(self: &Arc<Self>) -> Ticket {
        self.ticket(Permit::LastResort)
    }

    fn ticket(self: &Arc<Self>, permit: Permit) -> Ticket {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Ticket { health: Arc::clone(self), permit, is_open: true }
    }

    fn latency(&self, streams: bool) -> &Latency {
        if streams { &self.of_streams } else { &self.of_wholes }
    }

    fn seconds(&self, now: Instant) -> u32 {
        u32::try_from(now.saturating_duration_since(self.begun).as_secs()).unwrap_or(u32::MAX)
    }
}

/// One call at one deployment, from its sending to its end. What it finds out is told once; dropped before that, it
/// has found out nothing.
#[derive(Debug)]
pub(crate) struct Ticket {
    health: Arc<Health>,
    permit: Permit,
    is_open: bool,
}

impl Ticket {
    pub(crate) fn is_probe(&self) -> bool {
        matches!(self.permit, Permit::Probe(_))
    }

    /// The deployment began to answer. `took_us`: until its first byte, when that is a figure to choose by.
    pub(crate) fn answered(&mut self, took_us: Option<u64>, streams: bool, now: Instant) {
        self.is_open = false;
        self.health.breaker.succeeded(self.permit);
        if let Some(took_us) = took_us {
            self.health.latency(streams).tell(took_us, self.health.seconds(now));
        }
    }

    /// The deployment failed, before its answer or in the middle of it.
    pub(crate) fn failed(&mut self, asked: Option<Duration>, jitter: f64, now: Instant) {
        self.is_open = false;
        if self.health.breaker.failed(self.permit, now, Rest { asked, jitter }) {
            self.health.opened.inc();
            let rest_ms = self.health.breaker.resting(now).unwrap_or_default().as_millis();
            tracing::warn!(deployment = self.health.name, rest_ms, "a deployment failed too often and rests");
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.health.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.is_open {
            self.health.breaker.released(self.permit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::breaker::Standing;
    use super::*;

    fn health() -> Arc<Health> {
        let policy = BreakerPolicy { failures: 1, cooldown_ms: 1_000, ..BreakerPolicy::default() };
        let opened = IntCounter::new("opened", "opened").unwrap();
        Arc::new(Health::new("d".into(), policy, Instant::now(), opened))
    }

    #[test]
    fn calls_are_in_flight_until_their_tickets_are_gone() {
        let health = health();
        let now = Instant::now();
        let (mut one, two) = (health.enter(now).unwrap(), health.enter(now).unwrap());
        one.answered(Some(700), true, now);
        assert_eq!(health.in_flight(), 2, "an answer that has begun is still in flight");
        drop((one, two));
        assert_eq!(health.in_flight(), 0);
        assert_eq!((health.believed_us(true, now), health.believed_us(false, now)), (Some(700.0), None));
    }

    #[test]
    fn a_failure_in_the_middle_of_an_answer_counts_as_well() {
        let health = health();
        let now = Instant::now();
        let mut ticket = health.enter(now).unwrap();
        ticket.answered(None, true, now);
        ticket.failed(None, 0.5, now);
        assert_eq!((health.breaker.standing(), health.opened.get()), (Standing::Open, 1));
        assert!(health.enter(now).is_none());
        let later = now + Duration::from_secs(2);
        drop(health.enter(later).unwrap());
        assert!(health.enter(later).unwrap().is_probe(), "the probe before found out nothing");
    }
}
