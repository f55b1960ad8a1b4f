//! What one run used.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use aop_clickhouse::analytics::RunUsage;

/// What a run used so far: all of it, and by agent and model.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunMetrics {
    pub execution_id: Uuid,
    /// From its start to its end, or to now while it runs; absent before it starts.
    pub duration_ms: Option<u64>,
    pub total: RunUse,
    /// Dearest first.
    pub by_agent_and_model: Vec<AgentModelUse>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RunUse {
    pub calls: u64,
    /// Calls that neither succeeded nor were cancelled.
    pub errors: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Sum of the known costs, US dollars as decimal text.
    #[schema(value_type = String)]
    pub cost: Decimal,
    /// Calls whose cost is unknown and so not in `cost`.
    pub unknown_cost_calls: u64,
    /// All calls together, one after the other.
    pub call_duration_ms: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgentModelUse {
    /// Empty when the call named none.
    pub agent: String,
    pub model: String,
    #[serde(flatten)]
    pub used: RunUse,
}

impl From<RunUsage> for AgentModelUse {
    fn from(row: RunUsage) -> Self {
        let used = RunUse {
            calls: row.calls,
            errors: row.errors,
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            // ClickHouse writes a Decimal(38, 12), which always reads as one.
            cost: row.cost.parse::<Decimal>().unwrap_or_default().normalize(),
            unknown_cost_calls: row.calls.saturating_sub(row.cost_known_calls),
            call_duration_ms: row.duration_us / 1000,
        };
        Self { agent: row.agent, model: row.model, used }
    }
}

impl RunUse {
    pub fn sum(rows: &[AgentModelUse]) -> Self {
        rows.iter().fold(Self::default(), |sum, row| Self {
            calls: sum.calls + row.used.calls,
            errors: sum.errors + row.used.errors,
            input_tokens: sum.input_tokens + row.used.input_tokens,
            output_tokens: sum.output_tokens + row.used.output_tokens,
            cost: (sum.cost + row.used.cost).normalize(),
            unknown_cost_calls: sum.unknown_cost_calls + row.used.unknown_cost_calls,
            call_duration_ms: sum.call_duration_ms + row.used.call_duration_ms,
        })
    }
}
