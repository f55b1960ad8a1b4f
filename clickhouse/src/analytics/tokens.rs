//! What the calls of a range used, in groups of which any price card has one price each: by model, service tier and how long
//! the input was, as far as somebody's prices tell lengths apart.

use aop_domain::correction::Line;
use aop_domain::id::TeamId;
use aop_domain::price::Classes;
use clickhouse::Row;
use serde::Deserialize;

use crate::client::ClickHouse;
use crate::corrected::{self, agent_name, numbers};
use crate::error::Error;
use crate::read::{Select, TimeRange};

/// More groups than any real range has: models times tiers times lengths.
const MOST_GROUPS: usize = 5_000;

/// Which calls; a field that is absent narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct TokensFilter {
    pub agent: Option<String>,
    pub route: Option<String>,
    pub model: Option<String>,
    pub corrections: Vec<Line>,
}

/// Sums over calls that were alike.
#[derive(Debug, Clone, PartialEq, Row, Deserialize)]
pub struct TokensGroup {
    /// The one that answered, else the one asked for.
    pub answered_by: String,
    /// As the price table knows it, where that was recorded.
    pub told_provider: String,
    pub tier: String,
    /// Only tokens were used, and they are known: only such calls can be compared.
    pub is_comparable: bool,
    pub calls: u64,
    /// Input of the longest, in tokens; there is no threshold between their lengths.
    pub longest: u64,
    pub uncached: u64,
    pub cache_read: u64,
    pub cache_write_5m: u64,
    pub cache_write_1h: u64,
    pub audio_in: u64,
    pub image_in: u64,
    pub text_out: u64,
    pub reasoning_out: u64,
    pub audio_out: u64,
    /// Calls whose tokens we counted ourselves.
    pub estimated: u64,
    pub known: u64,
    /// US dollars as decimal text, of the calls whose cost is known; without what other tries may have cost.
    pub dollars: String,
    /// How many thresholds lie below its lengths.
    pub thresholds_below: u32,
}

impl TokensGroup {
    pub fn classes(&self) -> Classes {
        Classes {
            in_uncached: self.uncached,
            in_cache_read: self.cache_read,
            in_cache_write_5m: self.cache_write_5m,
            in_cache_write_1h: self.cache_write_1h,
            in_audio: self.audio_in,
            in_image: self.image_in,
            out_text: self.text_out,
            out_reasoning: self.reasoning_out,
            out_audio: self.audio_out,
        }
    }
}

macro_rules! input_tokens {
    () => {
        "(toUInt64(in_uncached) + in_cache_read + in_cache_write_5m + in_cache_write_1h + in_audio + in_image)"
    };
}

macro_rules! model {
    () => {
        "if(response_model = '', requested_model, response_model)"
    };
}

const GROUPS: &str = concat!(
    "SELECT toString(",
    model!(),
    ") AS answered_by, toString(if(price_provider = '', provider, price_provider)) AS told_provider,
    toString(service_tier) AS tier, usage_source != 'none' AND empty(mapKeys(units)) AS is_comparable, count() AS calls,
    max",
    input_tokens!(),
    " AS longest,
    sum(llm_calls.in_uncached) AS uncached, sum(llm_calls.in_cache_read) AS cache_read,
    sum(llm_calls.in_cache_write_5m) AS cache_write_5m, sum(llm_calls.in_cache_write_1h) AS cache_write_1h,
    sum(llm_calls.in_audio) AS audio_in, sum(llm_calls.in_image) AS image_in, sum(llm_calls.out_text) AS text_out,
    sum(llm_calls.out_reasoning) AS reasoning_out, sum(llm_calls.out_audio) AS audio_out,
    countIf(usage_source IN ('estimated', 'partial')) AS estimated, countIf(cost_known) AS known,
    toString(sum(toDecimal128(llm_calls.cost, 12) - toDecimal128(llm_calls.wasted_cost, 12))) AS dollars,
    arrayCount(threshold -> threshold < ",
    input_tokens!(),
    ", {thresholds:Array(UInt64)}) AS thresholds_below
FROM llm_calls"
);

/// `thresholds`: lengths, in tokens, above which some price is another. `None`: too many groups for one answer.
pub async fn tokens(
    clickhouse: &ClickHouse,
    team: TeamId,
    range: TimeRange,
    filter: &TokensFilter,
    thresholds: &[u32],
) -> Result<Option<Vec<TokensGroup>>, Error> {
    let groups: Vec<TokensGroup> = corrected::with(Select::of_team(GROUPS, team), &filter.corrections)
        .within(range)
        .and("provider != ''")
        .and("cache != 'hit'")
        .list("thresholds", numbers(thresholds.iter().map(|threshold| u64::from(*threshold))))
        .and_if(concat!(agent_name!(), " = {agent:String}"), "agent", filter.agent.as_ref())
        .and_if("route = {route:String}", "route", filter.route.as_ref())
        .and_if(concat!(model!(), " = {model:String}"), "model", filter.model.as_ref())
        .param("limit", MOST_GROUPS + 1)
        .then("GROUP BY answered_by, told_provider, tier, is_comparable, thresholds_below ORDER BY ALL LIMIT {limit:UInt32}")
        .all(clickhouse)
        .await?;
    Ok((groups.len() <= MOST_GROUPS).then_some(groups))
}
