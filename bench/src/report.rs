//! Turns measurements into the tables people read.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::load::Outcome;

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub stage: String,
    pub target: String,
    pub per_second: f64,
    /// CPU of the gateway's processes, microseconds per request. 0 for the direct call.
    pub cpu_us_per_call: f64,
    pub cpu_us_per_chunk: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub first_token_p50_us: f64,
    /// How long a chunk of a stream was on its way.
    pub chunk_p50_us: f64,
    pub chunk_p99_us: f64,
    pub peak_rss_mb: f64,
    pub whole: u64,
    pub failed: u64,
    pub answered_in_all: u64,
    pub complaint: String,
}

impl Row {
    pub fn new(stage: &str, target: &str, outcome: &Outcome) -> Self {
        let per = |total: u64, count: u64| if count == 0 { 0.0 } else { total as f64 / count as f64 };
        Self {
            stage: stage.to_owned(),
            target: target.to_owned(),
            per_second: outcome.whole as f64 / outcome.seconds.max(0.001),
            cpu_us_per_call: per(outcome.cpu_us, outcome.whole),
            cpu_us_per_chunk: per(outcome.cpu_us, outcome.chunks),
            p50_us: quantile_us(&outcome.latency, 0.5),
            p99_us: quantile_us(&outcome.latency, 0.99),
            first_token_p50_us: quantile_us(&outcome.first_token, 0.5),
            chunk_p50_us: quantile_us(&outcome.chunk_delay, 0.5),
            chunk_p99_us: quantile_us(&outcome.chunk_delay, 0.99),
            peak_rss_mb: outcome.peak_rss_bytes as f64 / 1e6,
            whole: outcome.whole,
            failed: outcome.failed,
            answered_in_all: outcome.answered_in_all,
            complaint: outcome.complaint.clone(),
        }
    }
}

fn quantile_us(histogram: &Histogram<u64>, at: f64) -> f64 {
    histogram.value_at_quantile(at) as f64 / 1000.0
}

/// The middle of several repeats of one measurement, figure by figure.
pub fn median(repeats: &[Row]) -> Option<Row> {
    let first = repeats.first()?.clone();
    let middle = |figure: fn(&Row) -> f64| {
        let mut values: Vec<f64> = repeats.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Some(Row {
        per_second: middle(|row| row.per_second),
        cpu_us_per_call: middle(|row| row.cpu_us_per_call),
        cpu_us_per_chunk: middle(|row| row.cpu_us_per_chunk),
        p50_us: middle(|row| row.p50_us),
        p99_us: middle(|row| row.p99_us),
        first_token_p50_us: middle(|row| row.first_token_p50_us),
        chunk_p50_us: middle(|row| row.chunk_p50_us),
        chunk_p99_us: middle(|row| row.chunk_p99_us),
        peak_rss_mb: repeats.iter().map(|row| row.peak_rss_mb).fold(0.0, f64::max),
        whole: repeats.iter().map(|row| row.whole).sum(),
        failed: repeats.iter().map(|row| row.failed).sum(),
        answered_in_all: repeats.iter().map(|row| row.answered_in_all).sum(),
        complaint: repeats
            .iter()
            .find(|row| !row.complaint.is_empty())
            .map_or(String::new(), |row| row.complaint.clone()),
        ..first
    })
}

/// A table of one stage, with ratios to the bare pingora of the same run and latencies above the direct call's.
pub fn table(stage: &str, rows: &[Row]) -> String {
    let of = |target: &str| rows.iter().find(|row| row.target == target);
    let base = of("pingora").map_or(0.0, |row| row.cpu_us_per_call);
    let direct = of("direct");
    let mut text = format!(
        "\n{stage}\n{:<9} {:>9} {:>10} {:>9} {:>10} {:>11} {:>11} {:>12} {:>11} {:>11} {:>8} {:>8} {:>7}\n",
        "target",
        "calls/s",
        "CPU µs",
        "x pingora",
        "µs/chunk",
        "+p50 µs",
        "+p99 µs",
        "+1st tok µs",
        "+ck p50 µs",
        "+ck p99 µs",
        "RSS MB",
        "whole",
        "failed"
    );
    for row in rows {
        let above = |mine: f64, theirs: Option<f64>| mine - theirs.unwrap_or(0.0);
        text.push_str(&format!(
            "{:<9} {:>9.0} {:>10.1} {:>9.2} {:>10.2} {:>11.0} {:>11.0} {:>12.0} {:>11.0} {:>11.0} {:>8.1} {:>8} {:>7}\n",
            row.target,
            row.per_second,
            row.cpu_us_per_call,
            if base > 0.0 { row.cpu_us_per_call / base } else { 0.0 },
            row.cpu_us_per_chunk,
            above(row.p50_us, direct.map(|row| row.p50_us)),
            above(row.p99_us, direct.map(|row| row.p99_us)),
            above(row.first_token_p50_us, direct.map(|row| row.first_token_p50_us)),
            above(row.chunk_p50_us, direct.map(|row| row.chunk_p50_us)),
            above(row.chunk_p99_us, direct.map(|row| row.chunk_p99_us)),
            row.peak_rss_mb,
            row.whole,
            row.failed,
        ));
        if row.failed > 0 {
            text.push_str(&format!("          first complaint: {}\n", row.complaint));
        }
    }
    text
}
