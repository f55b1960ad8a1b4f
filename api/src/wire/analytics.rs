//! Figures of a time range, read from rollups.

mod convert;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::wire::usage::TokenUsage;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewParams {
    /// RFC 3339; 24 hours ago when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    /// RFC 3339; now when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// The range asked for, widened to whole steps.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
    /// Seconds between two points of `series`.
    pub step_s: u32,
    pub totals: Figures,
    /// The same length of time right before.
    pub previous: Figures,
    /// Only steps with calls; an absent one is empty time.
    pub series: Vec<Point>,
    /// The 50 with the most calls; calls of no known agent stand under the empty name.
    pub by_model: Vec<Group>,
    pub by_agent: Vec<Group>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    pub calls: u64,
    /// Calls that ended neither `ok` nor `cancelled`.
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub usage: TokenUsage,
    /// Sum of the known costs, US dollars as decimal text.
    pub cost: String,
    /// Calls whose cost is unknown and so not in `cost`.
    pub unknown_cost_calls: u64,
    /// Calls whose tokens were counted by us.
    pub estimated_calls: u64,
    /// Upstream tries.
    pub attempts: u64,
    /// Calls answered from the response cache.
    pub cache_hits: u64,
    /// What they would have cost, US dollars as decimal text.
    pub cost_saved: String,
    /// Absent when there were no calls.
    pub duration_p50_us: Option<u64>,
    pub duration_p95_us: Option<u64>,
    pub duration_p99_us: Option<u64>,
    /// Absent when no token came.
    pub first_token_p50_us: Option<u64>,
    pub first_token_p95_us: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub calls: u64,
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// US dollars as decimal text.
    pub cost: String,
    pub duration_p50_us: Option<u64>,
    pub duration_p95_us: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// The model or agent; empty when none is known.
    pub name: String,
    pub calls: u64,
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Sum of the known costs, US dollars as decimal text.
    pub cost: String,
    pub unknown_cost_calls: u64,
    pub duration_p50_us: Option<u64>,
    pub duration_p95_us: Option<u64>,
}
