//! Figures of the collector, in Prometheus' text form at `GET /metrics`.

use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::rows::Rows;

/// In the order of [`Metrics::count`].
const TABLES: [&str; 9] = [
    "llm_calls",
    "messages",
    "call_bodies",
    "spans",
    "logs",
    "handovers",
    "trace_links",
    "agent_links",
    "hook_events",
];
/// Of a segment that came.
const RESULTS: [&str; 4] = ["stored", "again", "unreadable", "failed"];

#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) rows: IntCounterVec,
    pub(crate) segments: IntCounterVec,
    pub(crate) dead_letters: IntCounter,
    pub(crate) damaged: IntCounter,
    pub(crate) segment_bytes: IntCounter,
    pub(crate) store_seconds: Histogram,
    pub(crate) lag_seconds: Histogram,
    pub(crate) live_listeners: IntGauge,
    pub(crate) settled: IntCounter,
    pub(crate) settle_dropped: IntCounter,
    pub(crate) repriced: IntCounter,
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let rows = Opts::new("aop_collector_rows_total", "Rows stored, by table");
        let segments = Opts::new("aop_collector_segments_total", "Segments received, by result");
        let buckets = vec![0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0, 3600.0];
        let store = HistogramOpts::new("aop_collector_store_seconds", "Time to store one segment")
            .buckets(buckets.clone());
        let lag = HistogramOpts::new(
            "aop_collector_lag_seconds",
            "From a record's end to its being stored, oldest of each segment",
        )
        .buckets(buckets);
        let counter = IntCounter::new;
        let metrics = Self {
            rows: IntCounterVec::new(rows, &["table"])?,
            segments: IntCounterVec::new(segments, &["result"])?,
            dead_letters: counter(
                "aop_collector_dead_letters_total",
                "Frames that hold no record we know, kept on disk",
            )?,
            damaged: counter("aop_collector_damaged_total", "Damaged places in segments, kept on disk")?,
            segment_bytes: counter("aop_collector_segment_bytes_total", "Bytes of segments stored")?,
            store_seconds: Histogram::with_opts(store)?,
            lag_seconds: Histogram::with_opts(lag)?,
            live_listeners: IntGauge::new("aop_collector_live_listeners", "Subscribers of the live stream")?,
            settled: counter(
                "aop_collector_settled_links_total",
                "Links between what several gateways recorded of one run",
            )?,
            settle_dropped: counter(
                "aop_collector_settle_dropped_total",
                "Calls and links that settling between gateways could not take or write",
            )?,
            repriced: counter(
                "aop_collector_repriced_calls_total",
                "Calls given another cost by re-pricings",
            )?,
            registry,
        };
        metrics.register()?;
        // Each series is there from the start, so that its first count is a step and not a beginning.
        TABLES.iter().for_each(|table| drop(metrics.rows.with_label_values(&[table])));
        RESULTS.iter().for_each(|result| drop(metrics.segments.with_label_values(&[result])));
        Ok(metrics)
    }

    fn register(&self) -> Result<(), prometheus::Error> {
        let registry = &self.registry;
        registry.register(Box::new(self.rows.clone()))?;
        registry.register(Box::new(self.segments.clone()))?;
        registry.register(Box::new(self.dead_letters.clone()))?;
        registry.register(Box::new(self.damaged.clone()))?;
        registry.register(Box::new(self.segment_bytes.clone()))?;
        registry.register(Box::new(self.store_seconds.clone()))?;
        registry.register(Box::new(self.lag_seconds.clone()))?;
        registry.register(Box::new(self.live_listeners.clone()))?;
        registry.register(Box::new(self.settled.clone()))?;
        registry.register(Box::new(self.settle_dropped.clone()))?;
        registry.register(Box::new(self.repriced.clone()))
    }

    /// Counts what one stored segment brought.
    pub(crate) fn count(&self, rows: &Rows) {
        let counts = [
            rows.calls.len(),
            rows.messages.len(),
            rows.bodies.len(),
            rows.spans.len(),
            rows.logs.len(),
            rows.handovers.len(),
            rows.trace_links.len(),
            rows.agent_links.len(),
            rows.hook_events.len(),
        ];
        for (table, count) in TABLES.iter().zip(counts) {
            self.rows.with_label_values(&[table]).inc_by(count as u64);
        }
    }

    /// Prometheus' text form.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
