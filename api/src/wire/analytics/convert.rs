//! From what ClickHouse gives to what the contract shows.

use aop_clickhouse::analytics as stored;

use crate::wire::absent::nonzero;
use crate::wire::analytics::{Figures, Group, Overview, Point};
use crate::wire::time::from_us;
use crate::wire::usage::TokenUsage;

impl Overview {
    /// The range asked for beside the one of the same length before it.
    pub fn of(overview: stored::Overview, previous: stored::UsageTotals) -> Self {
        Self {
            from: from_us(overview.from_us),
            to: from_us(overview.to_us),
            step_s: overview.step_s,
            totals: overview.totals.into(),
            previous: previous.into(),
            series: overview.series.into_iter().map(Point::from).collect(),
            by_model: overview.by_model.into_iter().map(Group::from).collect(),
            by_agent: overview.by_agent.into_iter().map(Group::from).collect(),
        }
    }
}

impl From<stored::UsageTotals> for Figures {
    fn from(totals: stored::UsageTotals) -> Self {
        Self {
            calls: totals.calls,
            errors: totals.errors,
            input_tokens: totals.input_tokens,
            output_tokens: totals.output_tokens,
            usage: TokenUsage {
                in_uncached: totals.in_uncached,
                in_cache_read: totals.in_cache_read,
                in_cache_write_5m: totals.in_cache_write_5m,
                in_cache_write_1h: totals.in_cache_write_1h,
                in_audio: totals.in_audio,
                in_image: totals.in_image,
                out_text: totals.out_text,
                out_reasoning: totals.out_reasoning,
                out_audio: totals.out_audio,
            },
            cost: totals.cost,
            unknown_cost_calls: totals.calls.saturating_sub(totals.cost_known_calls),
            estimated_calls: totals.estimated_calls,
            attempts: totals.attempts,
            cache_hits: totals.cache_hits,
            cost_saved: totals.cost_saved,
            duration_p50_us: nonzero(totals.duration_p50_us),
            duration_p95_us: nonzero(totals.duration_p95_us),
            duration_p99_us: nonzero(totals.duration_p99_us),
            first_token_p50_us: nonzero(totals.first_token_p50_us),
            first_token_p95_us: nonzero(totals.first_token_p95_us),
        }
    }
}

impl From<stored::UsagePoint> for Point {
    fn from(point: stored::UsagePoint) -> Self {
        Self {
            at: from_us(point.started_at_us),
            calls: point.calls,
            errors: point.errors,
            input_tokens: point.input_tokens,
            output_tokens: point.output_tokens,
            cost: point.cost,
            duration_p50_us: nonzero(point.duration_p50_us),
            duration_p95_us: nonzero(point.duration_p95_us),
        }
    }
}

impl From<stored::UsageGroup> for Group {
    fn from(group: stored::UsageGroup) -> Self {
        Self {
            name: group.name,
            calls: group.calls,
            errors: group.errors,
            input_tokens: group.input_tokens,
            output_tokens: group.output_tokens,
            unknown_cost_calls: group.calls.saturating_sub(group.cost_known_calls),
            cost: group.cost,
            duration_p50_us: nonzero(group.duration_p50_us),
            duration_p95_us: nonzero(group.duration_p95_us),
        }
    }
}
