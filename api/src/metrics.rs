//! Prometheus metrics of this process. Labels are route templates and status classes, never anything a caller chooses.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use aop_store::hook_deliveries::Outcome;

use crate::state::AppState;

/// Upper bounds of the duration histogram, in seconds.
const DURATION_BUCKETS_S: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    /// Live records that slow subscribers missed.
    pub live_missed: IntCounter,
    /// Open live WebSockets.
    pub live_subscribers: IntGauge,
    hook_tries: IntCounterVec,
}

impl Metrics {
    pub fn new() -> Result<Self, prometheus::Error> {
        let made = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("aop_api_requests_total", "Requests answered, by route and status class"),
                &["method", "route", "status"],
            )?,
            durations: HistogramVec::new(
                HistogramOpts::new("aop_api_request_duration_seconds", "Time to answer, by route")
                    .buckets(DURATION_BUCKETS_S.to_vec()),
                &["route"],
            )?,
            live_missed: IntCounter::new(
                "aop_api_live_missed_total",
                "Live records that slow subscribers missed",
            )?,
            live_subscribers: IntGauge::new("aop_api_live_subscribers", "Open live WebSockets")?,
            hook_tries: IntCounterVec::new(
                Opts::new("aop_api_hook_tries_total", "Webhooks sent, by how it ended"),
                &["outcome"],
            )?,
        };
        made.registry.register(Box::new(made.requests.clone()))?;
        made.registry.register(Box::new(made.durations.clone()))?;
        made.registry.register(Box::new(made.live_missed.clone()))?;
        made.registry.register(Box::new(made.live_subscribers.clone()))?;
        made.registry.register(Box::new(made.hook_tries.clone()))?;
        Ok(made)
    }

    /// A webhook was sent, or not.
    pub fn count_hook(&self, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Delivered { .. } => "delivered",
            Outcome::Later { .. } => "later",
            Outcome::Failed { .. } => "failed",
        };
        self.hook_tries.with_label_values(&[outcome]).inc();
    }

    /// The text that Prometheus scrapes.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Middleware that counts and times every answer.
pub async fn measure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = matched.as_deref().unwrap_or("other");
    let method = method_label(request.method());
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let status = format!("{}xx", response.status().as_u16() / 100);
    state.metrics.requests.with_label_values(&[method, route, status.as_str()]).inc();
    state.metrics.durations.with_label_values(&[route]).observe(started.elapsed().as_secs_f64());
    response
}

/// A caller may invent methods; a label must not.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        _ => "other",
    }
}
