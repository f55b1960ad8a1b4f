//! The one statement behind the dashboard: sums over everything, by step, by model and by agent in a single pass,
//! because reading the sketches costs more than adding them up.

use clickhouse::Row;
use serde::Deserialize;

use super::{Rollup, UsageGroup, UsagePoint, UsageTotals};

/// Bits of `missing`, from the left: step, model, agent. A set bit says that the line is not of one step (model, agent).
pub(super) const ALL: u8 = 0b111;
pub(super) const BY_STEP: u8 = 0b011;
pub(super) const BY_MODEL: u8 = 0b101;
pub(super) const BY_AGENT: u8 = 0b110;

/// One line of the answer.
#[derive(Debug, Clone, Row, Deserialize)]
pub(super) struct Grouped {
    pub(super) missing: u8,
    started_at_us: i64,
    model_name: String,
    agent_name: String,
    calls: u64,
    errors: u64,
    in_uncached: u64,
    in_cache_read: u64,
    in_cache_write_5m: u64,
    in_cache_write_1h: u64,
    in_audio: u64,
    in_image: u64,
    out_text: u64,
    out_reasoning: u64,
    out_audio: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost: String,
    cost_known_calls: u64,
    estimated_calls: u64,
    attempts: u64,
    cache_hits: u64,
    cost_saved: String,
    duration_p50_us: u64,
    duration_p95_us: u64,
    duration_p99_us: u64,
    first_token_p50_us: u64,
    first_token_p95_us: u64,
}

/// One quantile of the merged sketches in whole microseconds; a quantile of nothing is NaN: 0.
macro_rules! duration {
    ($index:literal) => {
        concat!("toUInt64(ifNotFinite(quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(u.duration)[", $index, "], 0))")
    };
}
macro_rules! first_token {
    ($index:literal) => {
        concat!(
            "toUInt64(ifNotFinite(quantilesDDIfMerge(0.01, 0.5, 0.95, 0.99)(u.first_token)[",
            $index,
            "], 0))"
        )
    };
}
macro_rules! columns {
    ($table:literal) => {
        concat!(
            "SELECT
    toUInt8(grouping(started_at_us, u.model, u.agent)) AS missing,
    toInt64(toUnixTimestamp(toStartOfInterval(bucket, toIntervalSecond({step:UInt32})))) * 1000000 AS started_at_us,
    toString(u.model) AS model_name,
    toString(u.agent) AS agent_name,
    sum(u.calls) AS calls,
    sumIf(u.calls, status NOT IN ('ok', 'cancelled')) AS errors,
    sum(u.in_uncached) AS in_uncached, sum(u.in_cache_read) AS in_cache_read,
    sum(u.in_cache_write_5m) AS in_cache_write_5m, sum(u.in_cache_write_1h) AS in_cache_write_1h,
    sum(u.in_audio) AS in_audio, sum(u.in_image) AS in_image,
    sum(u.out_text) AS out_text, sum(u.out_reasoning) AS out_reasoning, sum(u.out_audio) AS out_audio,
    sum(u.in_uncached + u.in_cache_read + u.in_cache_write_5m + u.in_cache_write_1h + u.in_audio + u.in_image) AS input_tokens,
    sum(u.out_text + u.out_reasoning + u.out_audio) AS output_tokens,
    toString(sum(u.cost)) AS cost,
    sum(u.cost_known_calls) AS cost_known_calls, sum(u.estimated_calls) AS estimated_calls, sum(u.attempts) AS attempts,
    sum(u.cache_hits) AS cache_hits, toString(sum(u.cost_saved)) AS cost_saved,
    ",
            duration!(1),
            " AS duration_p50_us, ",
            duration!(2),
            " AS duration_p95_us, ",
            duration!(3),
            " AS duration_p99_us, ",
            first_token!(1),
            " AS first_token_p50_us, ",
            first_token!(2),
            " AS first_token_p95_us
FROM ",
            $table,
            " AS u"
        )
    };
}

/// What follows the conditions.
pub(super) const SETS: &str = "GROUP BY GROUPING SETS ((), (started_at_us), (u.model), (u.agent))
ORDER BY sum(u.calls) DESC, model_name, agent_name LIMIT 20000";

/// One statement per rollup, so that no table name is ever put into SQL at run time.
pub(super) fn statement(table: Rollup) -> &'static str {
    match table {
        Rollup::Minute => columns!("usage_1m"),
        Rollup::Hour => columns!("usage_1h"),
        Rollup::Day => columns!("usage_1d"),
    }
}

impl Grouped {
    pub(super) fn into_totals(self) -> UsageTotals {
        UsageTotals {
            calls: self.calls,
            errors: self.errors,
            in_uncached: self.in_uncached,
            in_cache_read: self.in_cache_read,
            in_cache_write_5m: self.in_cache_write_5m,
            in_cache_write_1h: self.in_cache_write_1h,
            in_audio: self.in_audio,
            in_image: self.in_image,
            out_text: self.out_text,
            out_reasoning: self.out_reasoning,
            out_audio: self.out_audio,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cost: self.cost,
            cost_known_calls: self.cost_known_calls,
            estimated_calls: self.estimated_calls,
            attempts: self.attempts,
            cache_hits: self.cache_hits,
            cost_saved: self.cost_saved,
            duration_p50_us: self.duration_p50_us,
            duration_p95_us: self.duration_p95_us,
            duration_p99_us: self.duration_p99_us,
            first_token_p50_us: self.first_token_p50_us,
            first_token_p95_us: self.first_token_p95_us,
        }
    }

    pub(super) fn into_point(self) -> UsagePoint {
        UsagePoint {
            started_at_us: self.started_at_us,
            calls: self.calls,
            errors: self.errors,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cost: self.cost,
            duration_p50_us: self.duration_p50_us,
            duration_p95_us: self.duration_p95_us,
        }
    }

    pub(super) fn into_model(mut self) -> UsageGroup {
        let name = std::mem::take(&mut self.model_name);
        self.into_group(name)
    }

    pub(super) fn into_agent(mut self) -> UsageGroup {
        let name = std::mem::take(&mut self.agent_name);
        self.into_group(name)
    }

    fn into_group(self, name: String) -> UsageGroup {
        UsageGroup {
            name,
            calls: self.calls,
            errors: self.errors,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            cost: self.cost,
            cost_known_calls: self.cost_known_calls,
            duration_p50_us: self.duration_p50_us,
            duration_p95_us: self.duration_p95_us,
        }
    }
}
