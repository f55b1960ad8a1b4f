//! One call in full: the ledger row, its attempts and its content.

use std::collections::BTreeMap;

use aop_domain::correction::Line;
use aop_domain::hex::hex;
use aop_domain::id::{CallId, TeamId};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::content::{self, CallContent};
use super::{CallSummary, of_call, summary};
use crate::client::ClickHouse;
use crate::corrected::{self, hex_number, line};
use crate::error::Error;
use crate::read::Select;
use crate::repricing::{self, Repriced};

/// Everything that is known about one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallDetail {
    pub call: CallSummary,
    pub facts: CallFacts,
    /// Every upstream try, in order; empty for a refused call.
    pub attempts: Vec<Attempt>,
    /// Absent when content is not recorded or no longer kept.
    pub content: Option<CallContent>,
    /// What re-pricings made of its cost, oldest first.
    pub repricings: Vec<Repriced>,
}

/// What the list leaves out.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct CallFacts {
    pub route: String,
    pub tags: Vec<String>,
    /// Field of the identity to where it came from: `agent` → `aop_header`.
    pub identity_sources: BTreeMap<String, String>,
    pub trace_source: String,
    pub agent_rule: String,
    pub agent_confidence: u8,
    /// A correction gave the agent.
    pub agent_is_corrected: bool,
    /// As found or stated, before any correction.
    pub found_rule: String,
    pub found_confidence: u8,
    /// 16 hex digits; empty: none.
    pub agent_fingerprint: String,
    pub prompt_fingerprint: String,
    pub run_rule: String,
    pub run_confidence: u8,
    pub provider_response_id: String,
    pub upstream_us: u64,
    pub overhead_us: u32,
    pub queue_us: u32,
    pub connect_us: u32,
    pub in_uncached: u32,
    pub in_cache_read: u32,
    pub in_cache_write_5m: u32,
    pub in_cache_write_1h: u32,
    pub in_audio: u32,
    pub in_image: u32,
    pub out_text: u32,
    pub out_reasoning: u32,
    pub out_audio: u32,
    /// US dollars as decimal text; absent when the price is unknown.
    pub cost_input: Option<String>,
    pub cost_cache: Option<String>,
    pub cost_output: Option<String>,
    /// The part of the cost that tries beside the answer's may have cost; absent when none did.
    pub wasted_cost: Option<String>,
    pub price_version: u32,
    pub message_count: u16,
    pub request_bytes: u64,
    pub response_bytes: u64,
    pub body_truncated: bool,
    pub node: String,
    pub retention_days: u16,
    /// `full`, `redacted` or `metadata`.
    pub recording: String,
    pub redactions: u32,
    /// US dollars as decimal text; absent when the cache saved nothing.
    pub cost_saved: Option<String>,
    /// A JSON list, or empty.
    pub guardrails: String,
    /// A JSON list, or empty.
    pub hooks: String,
    /// Meter (`image_out#1024x1024`) to how many, as decimal text.
    pub units: BTreeMap<String, String>,
    /// Method and path of a call to a provider's own API.
    pub passed: String,
    /// Fields of the request that the provider was not sent.
    pub dropped_fields: Vec<String>,
    /// Its cost is not the one that it was metered at.
    pub is_repriced: bool,
}

const FACTS: &str = concat!(
    "SELECT
    route, tags, identity_sources, trace_source, agent_rule, agent_confidence, ",
    line!(),
    " != 0 AS agent_is_corrected, found_rule, found_confidence, ",
    hex_number!("agent_fingerprint"),
    " AS agent_fingerprint, ",
    hex_number!("prompt_fingerprint"),
    " AS prompt_fingerprint, run_rule, run_confidence,
    provider_response_id,
    upstream_us, overhead_us, queue_us, connect_us,
    in_uncached, in_cache_read, in_cache_write_5m, in_cache_write_1h, in_audio, in_image, out_text, out_reasoning, out_audio,
    if(cost_known, toString(cost_input), NULL) AS cost_input,
    if(cost_known, toString(cost_cache), NULL) AS cost_cache,
    if(cost_known, toString(cost_output), NULL) AS cost_output,
    if(cost_known AND wasted_cost > 0, toString(wasted_cost), NULL) AS wasted_cost,
    price_version, message_count, request_bytes, response_bytes, body_truncated, node, retention_days,
    if(recording = '', 'full', recording) AS recording, redactions,
    if(cost_saved > 0, toString(cost_saved), NULL) AS cost_saved,
    guardrails, hooks,
    mapApply((meter, count) -> (toString(meter), toString(count)), units) AS units, passed, dropped_fields,
    repricing != toFixedString('', 16) AS is_repriced
FROM llm_calls"
);

/// One try at one deployment.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub struct Attempt {
    pub span_id: String,
    pub started_at_us: i64,
    pub duration_us: u64,
    pub provider: String,
    pub model: String,
    /// `completed`, `failed` or `cancelled`.
    pub status: String,
    pub error_code: String,
    pub error_message: String,
    /// `deployment`, `http_status`, `connect_us`, `first_byte_us`, `reason`; `strategy` and `considered` where there was a choice;
    /// `may_be_billed`, `usage_source`, `input_tokens`, `output_tokens` and `cost` where it used something.
    pub attributes: BTreeMap<String, String>,
}

const ATTEMPTS: &str = "SELECT
    lower(hex(span_id)) AS span_id,
    toUnixTimestamp64Micro(ts) AS started_at_us,
    toUInt64(greatest(0, toUnixTimestamp64Micro(ended_at) - toUnixTimestamp64Micro(ts))) AS duration_us,
    provider, model, status, error_code, error_message, attributes
FROM spans FINAL";

/// Attempts start with their call or after it, and a call lasts a day at most.
const DAY_US: i64 = 86_400_000_000;

/// One call of this team; `None` when it has no such call.
pub async fn find(
    clickhouse: &ClickHouse,
    team: TeamId,
    call: CallId,
    corrections: &[Line],
) -> Result<Option<CallDetail>, Error> {
    let call_hex = hex(call.as_bytes());
    let facts = corrected::with(of_call(FACTS, team, &call_hex), corrections);
    let (summary, facts) = tokio::try_join!(
        summary(clickhouse, team, &call_hex, corrections),
        facts.one::<CallFacts>(clickhouse)
    )?;
    let (Some(summary), Some(facts)) = (summary, facts) else { return Ok(None) };
    let attempts = attempts(team, &call_hex, summary.started_at_us);
    let repriced = async {
        match facts.is_repriced {
            true => repricing::of_call(clickhouse, team, call, summary.started_at_us).await,
            false => Ok(Vec::new()),
        }
    };
    let (attempts, content, repricings) = tokio::try_join!(
        attempts.all::<Attempt>(clickhouse),
        content::find(clickhouse, team, &call_hex, summary.started_at_us, facts.retention_days),
        repriced,
    )?;
    Ok(Some(CallDetail { call: summary, facts, attempts, content, repricings }))
}

fn attempts(team: TeamId, call_hex: &str, started_at_us: i64) -> Select {
    Select::of_team(ATTEMPTS, team)
        .and("call_id = toFixedString(unhex({call:String}), 16)")
        .and("span_type = 'attempt'")
        .and("toStartOfHour(ts) >= toStartOfHour(fromUnixTimestamp64Micro({from_us:Int64}, 'UTC'))")
        .and("ts >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')")
        .and("ts < fromUnixTimestamp64Micro({to_us:Int64}, 'UTC')")
        .param("call", call_hex)
        .param("from_us", started_at_us)
        .param("to_us", started_at_us.saturating_add(DAY_US))
        .then("ORDER BY spans.ts, spans.span_id LIMIT 100")
}
