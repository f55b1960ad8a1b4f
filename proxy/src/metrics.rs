//! The gateway's Prometheus metrics. Names are stable; every label has a short closed list of values.

mod door;
mod shared_cache;

use std::time::Duration;

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use aop_domain::guard::Action;
use aop_domain::record::CallStatus;
use aop_spool::Stats;

use crate::room::Scarce;
use crate::routing::States;
pub(crate) use door::{Cut, DoorMetrics};
pub(crate) use shared_cache::{Look, SharedCacheMetrics, Write};

const STATUSES: [CallStatus; 9] = [
    CallStatus::Ok,
    CallStatus::ClientError,
    CallStatus::RateLimited,
    CallStatus::Budget,
    CallStatus::Blocked,
    CallStatus::UpstreamError,
    CallStatus::Timeout,
    CallStatus::Cancelled,
    CallStatus::Internal,
];

const SECONDS: [f64; 16] =
    [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
const OVERHEAD_SECONDS: [f64; 12] =
    [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0];

pub(crate) struct Metrics {
    registry: Registry,
    calls: Vec<IntCounter>,
    attempts: Vec<IntCounter>,
    pub(crate) duration: Histogram,
    pub(crate) first_token: Histogram,
    pub(crate) overhead: Histogram,
    pub(crate) unrecorded_unknown: IntCounter,
    pub(crate) records_shed: IntCounter,
    pub(crate) records_refused: IntCounter,
    pub(crate) tls_renewal_failures: IntCounter,
    pub(crate) access_log_dropped: IntCounter,
    pub(crate) breakers_opened: IntCounter,
    pub(crate) in_flight_untold: IntCounter,
    pub(crate) killed: IntCounter,
    pub(crate) runaway_marks: IntCounter,
    deployments: [IntGauge; 3],
    pub(crate) limits: LimitMetrics,
    pub(crate) cache: CacheMetrics,
    guardrails: [IntCounter; 3],
    scarce: Vec<IntCounter>,
    pub(crate) door: DoorMetrics,
    connections: IntGauge,
    addresses: IntGauge,
    streams: IntGauge,
    services: ServiceMetrics,
    in_flight: IntGauge,
    buffered_bytes: IntGauge,
    snapshot_version: IntGauge,
    spool: SpoolGauges,
}

/// Counted where limits are decided; cheap to clone.
#[derive(Clone)]
pub(crate) struct LimitMetrics {
    pub(crate) shadow_refusals: IntCounter,
    pub(crate) unpriced: IntCounter,
    pub(crate) waits_timed_out: IntCounter,
    pub(crate) decided_alone: IntCounter,
    pub(crate) exchange_failures: IntCounter,
    pub(crate) counters: IntGauge,
}

/// Of the response cache, where it is turned on.
pub(crate) struct CacheMetrics {
    pub(crate) hits: IntCounter,
    pub(crate) misses: IntCounter,
    pub(crate) bypasses: IntCounter,
    pub(crate) waits: IntCounter,
    /// Of its second level.
    pub(crate) shared: SharedCacheMetrics,
    bytes: IntGauge,
}

struct SpoolGauges {
    bytes: IntGauge,
    segments: IntGauge,
    oldest_age_ms: IntGauge,
    appended: IntGauge,
    refused: IntGauge,
    quarantined: IntGauge,
    shipped: IntGauge,
    ship_failures: IntGauge,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let make = Maker(&registry);
        Ok(Self {
            calls: make.by_status("aop_proxy_calls_total", "Calls answered or refused, by status.")?,
            attempts: make.by_status("aop_proxy_attempts_total", "Upstream tries, by status.")?,
            duration: make.histogram(
                "aop_proxy_call_duration_seconds",
                "From request to last byte.",
                &SECONDS,
            )?,
            first_token: make.histogram("aop_proxy_first_token_seconds", "Time to first token.", &SECONDS)?,
            overhead: make.histogram(
                "aop_proxy_overhead_seconds",
                "Time in the gateway itself.",
                &OVERHEAD_SECONDS,
            )?,
            unrecorded_unknown: make.counter(
                "aop_proxy_unrecorded_unknown_calls_total",
                "Refused calls of unknown callers above the recorded rate.",
            )?,
            records_shed: make
                .counter("aop_proxy_records_shed_total", "Records kept without their bodies.")?,
            records_refused: make
                .counter("aop_proxy_records_refused_total", "Calls whose record did not fit.")?,
            access_log_dropped: make.counter(
                "aop_proxy_access_log_dropped_total",
                "Lines of the access log that were not written.",
            )?,
            tls_renewal_failures: make.counter(
                "aop_proxy_tls_renewal_failures_total",
                "New TLS certificates that could not be used.",
            )?,
            breakers_opened: make
                .counter("aop_proxy_breakers_opened_total", "Deployments that began to rest.")?,
            in_flight_untold: make.counter(
                "aop_proxy_in_flight_untold_total",
                "Batches of calls in flight that the collector did not take.",
            )?,
            killed: make
                .counter("aop_proxy_killed_calls_total", "Calls that the kill switch ended or refused.")?,
            runaway_marks: make
                .counter("aop_proxy_runaway_marks_total", "Rules of the runaway guard that calls met.")?,
            deployments: make.by_state()?,
            limits: LimitMetrics::new(&make)?,
            cache: CacheMetrics::new(&make)?,
            guardrails: make.by_action()?,
            scarce: make.by_scarce()?,
            door: DoorMetrics::new(&make)?,
            connections: make.gauge("aop_proxy_connections", "Client connections open.")?,
            addresses: make.gauge(
                "aop_proxy_client_addresses",
                "Addresses whose clients have something open and a bound on it.",
            )?,
            streams: make.gauge("aop_proxy_http2_streams", "Requests over HTTP/2 that hold a place.")?,
            services: ServiceMetrics::new(&make)?,
            in_flight: make.gauge("aop_proxy_calls_in_flight", "Calls being answered.")?,
            buffered_bytes: make.gauge("aop_proxy_buffered_bytes", "Bytes of bodies held in memory.")?,
            snapshot_version: make.gauge("aop_proxy_snapshot_version", "Version of the facts in use.")?,
            spool: SpoolGauges::new(&make)?,
            registry,
        })
    }

    pub(crate) fn count_call(&self, status: CallStatus) {
        self.calls[status as usize].inc();
    }

    pub(crate) fn count_attempt(&self, status: CallStatus) {
        self.attempts[status as usize].inc();
    }

    pub(crate) fn count_guardrail(&self, action: Action) {
        self.guardrails[action as usize].inc();
    }

    pub(crate) fn count_scarce(&self, scarce: Scarce) {
        self.scarce[scarce as usize].inc();
    }

    /// A service of a guardrail was asked. `None`: it gave no verdict.
    pub(crate) fn count_service(&self, found: Option<bool>, took: Duration) {
        let [pass, hit, failed] = &self.services.asked;
        match found {
            Some(false) => pass.inc(),
            Some(true) => hit.inc(),
            None => failed.inc(),
        }
        self.services.took.observe(took.as_secs_f64());
    }

    /// The text of `/metrics`.
    pub(crate) fn text(&self, now: &Now) -> Vec<u8> {
        self.in_flight.set(signed(now.in_flight as u64));
        self.connections.set(signed(now.connections as u64));
        self.addresses.set(signed(now.addresses as u64));
        self.streams.set(signed(now.streams as u64));
        self.buffered_bytes.set(signed(now.buffered_bytes as u64));
        self.snapshot_version.set(now.snapshot_version);
        self.cache.bytes.set(signed(now.cache_bytes));
        let States { closed, half_open, open } = now.deployments;
        for (gauge, count) in self.deployments.iter().zip([closed, half_open, open]) {
            gauge.set(signed(count));
        }
        self.spool.bytes.set(signed(now.spool.bytes));
        self.spool.segments.set(signed(now.spool.segments));
        self.spool.oldest_age_ms.set(signed(now.spool.oldest_age_ms));
        self.spool.appended.set(signed(now.spool.appended_records));
        self.spool.refused.set(signed(now.spool.refused_records));
        self.spool.quarantined.set(signed(now.spool.quarantined));
        self.spool.shipped.set(signed(now.spool.shipped_segments));
        self.spool.ship_failures.set(signed(now.spool.ship_failures));
        let mut text = Vec::with_capacity(8 << 10);
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be written");
        }
        text
    }
}

/// Figures that are read when they are asked for.
pub(crate) struct Now {
    pub(crate) in_flight: usize,
    pub(crate) connections: usize,
    pub(crate) addresses: usize,
    pub(crate) streams: usize,
    pub(crate) buffered_bytes: usize,
    pub(crate) snapshot_version: i64,
    pub(crate) cache_bytes: u64,
    pub(crate) deployments: States,
    pub(crate) spool: Stats,
}

pub(crate) fn seconds(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Makes metrics and registers them.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
    fn by_status(&self, name: &str, help: &str) -> Result<Vec<IntCounter>, prometheus::Error> {
        let family = IntCounterVec::new(Opts::new(name, help), &["status"])?;
        self.0.register(Box::new(family.clone()))?;
        STATUSES.iter().map(|status| family.get_metric_with_label_values(&[status.as_str()])).collect()
    }

    /// Names of deployments are their teams' business: only how many stand how is told.
    fn by_state(&self) -> Result<[IntGauge; 3], prometheus::Error> {
        let opts = Opts::new("aop_proxy_deployments", "Deployments by the state of their breaker.");
        let family = IntGaugeVec::new(opts, &["state"])?;
        self.0.register(Box::new(family.clone()))?;
        let of = |state: &str| family.get_metric_with_label_values(&[state]);
        Ok([of("closed")?, of("half_open")?, of("open")?])
    }

    fn by_action(&self) -> Result<[IntCounter; 3], prometheus::Error> {
        let opts =
            Opts::new("aop_proxy_guardrail_findings_total", "Calls in which a guardrail found something.");
        let family = IntCounterVec::new(opts, &["action"])?;
        self.0.register(Box::new(family.clone()))?;
        let of = |action: Action| family.get_metric_with_label_values(&[action.as_str()]);
        Ok([of(Action::Block)?, of(Action::Mask)?, of(Action::Flag)?])
    }

    fn by_scarce(&self) -> Result<Vec<IntCounter>, prometheus::Error> {
        let opts =
            Opts::new("aop_proxy_overload_refusals_total", "What there was no room for, by what was scarce.");
        let family = IntCounterVec::new(opts, &["scarce"])?;
        self.0.register(Box::new(family.clone()))?;
        Scarce::ALL.iter().map(|(_, name)| family.get_metric_with_label_values(&[name])).collect()
    }

    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        let counter = IntCounter::new(name, help)?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
        let gauge = IntGauge::new(name, help)?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn histogram(&self, name: &str, help: &str, bounds: &[f64]) -> Result<Histogram, prometheus::Error> {
        let histogram = Histogram::with_opts(HistogramOpts::new(name, help).buckets(bounds.to_vec()))?;
        self.0.register(Box::new(histogram.clone()))?;
        Ok(histogram)
    }
}

/// Services that judge what is said.
pub(crate) struct ServiceMetrics {
    /// `pass`, `found`, `failed`.
    asked: [IntCounter; 3],
    took: Histogram,
}

impl ServiceMetrics {
    fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        let opts =
            Opts::new("aop_proxy_guardrail_services_total", "Services of guardrails asked, by verdict.");
        let family = IntCounterVec::new(opts, &["verdict"])?;
        make.0.register(Box::new(family.clone()))?;
        let of = |verdict: &str| family.get_metric_with_label_values(&[verdict]);
        Ok(Self {
            asked: [of("pass")?, of("found")?, of("failed")?],
            took: make.histogram(
                "aop_proxy_guardrail_service_seconds",
                "Time that services of guardrails took.",
                &SECONDS,
            )?,
        })
    }
}

impl LimitMetrics {
    fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            shadow_refusals: make.counter(
                "aop_proxy_limit_shadow_refusals_total",
                "Calls a limit in shadow mode would have refused.",
            )?,
            unpriced: make.counter(
                "aop_proxy_limit_unpriced_calls_total",
                "Calls under a budget whose model has no price: they count as free.",
            )?,
            waits_timed_out: make.counter(
                "aop_proxy_limit_waits_timed_out_total",
                "Calls that waited for a slice of a limit in vain.",
            )?,
            decided_alone: make.counter(
                "aop_proxy_limit_decided_alone_total",
                "Limits decided while the ledger was away.",
            )?,
            exchange_failures: make.counter(
                "aop_proxy_limit_exchange_failures_total",
                "Exchanges with the ledger that failed.",
            )?,
            counters: make.gauge("aop_proxy_limit_counters", "Limits being counted, by window.")?,
        })
    }
}

impl CacheMetrics {
    fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            hits: make.counter("aop_proxy_cache_hits_total", "Calls answered from the response cache.")?,
            misses: make.counter("aop_proxy_cache_misses_total", "Calls whose answer was not in it.")?,
            bypasses: make.counter(
                "aop_proxy_cache_bypasses_total",
                "Calls that wanted nothing of it or could not use it.",
            )?,
            waits: make
                .counter("aop_proxy_cache_waits_total", "Calls that waited for the same call under way.")?,
            shared: SharedCacheMetrics::new(make)?,
            bytes: make.gauge("aop_proxy_cache_bytes", "Bytes of the answers in it.")?,
        })
    }
}

impl SpoolGauges {
    fn new(make: &Maker<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            bytes: make.gauge("aop_proxy_spool_bytes", "Bytes that wait for the collector.")?,
            segments: make.gauge("aop_proxy_spool_segments", "Sealed segments that wait.")?,
            oldest_age_ms: make
                .gauge("aop_proxy_spool_oldest_age_ms", "Age of the oldest record that waits.")?,
            appended: make.gauge("aop_proxy_spool_appended_records", "Records appended since start.")?,
            refused: make
                .gauge("aop_proxy_spool_refused_records", "Records the spool did not take since start.")?,
            quarantined: make
                .gauge("aop_proxy_spool_quarantined", "Damaged pieces set aside since start.")?,
            shipped: make.gauge("aop_proxy_spool_shipped_segments", "Segments shipped since start.")?,
            ship_failures: make
                .gauge("aop_proxy_spool_ship_failures", "Shipments that failed since start.")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_status_under_a_stable_name() {
        let metrics = Metrics::new().unwrap();
        metrics.count_call(CallStatus::Ok);
        metrics.count_call(CallStatus::Internal);
        let now = Now {
            in_flight: 2,
            connections: 3,
            addresses: 2,
            streams: 0,
            buffered_bytes: 0,
            snapshot_version: 7,
            cache_bytes: 0,
            deployments: States { closed: 4, half_open: 0, open: 1 },
            spool: Stats::default(),
        };
        let text = String::from_utf8(metrics.text(&now)).unwrap();
        assert!(text.contains("aop_proxy_calls_total{status=\"ok\"} 1"), "{text}");
        assert!(text.contains("aop_proxy_calls_total{status=\"internal\"} 1"));
        assert!(text.contains("aop_proxy_snapshot_version 7"));
        assert!(text.contains("aop_proxy_deployments{state=\"open\"} 1"));
    }

    #[test]
    fn everything_scarce_has_its_own_counter() {
        for (at, (scarce, _)) in Scarce::ALL.iter().enumerate() {
            assert_eq!(*scarce as usize, at);
        }
    }

    #[test]
    fn every_status_has_its_own_counter() {
        for (at, status) in STATUSES.iter().enumerate() {
            assert_eq!(*status as usize, at);
        }
    }
}
