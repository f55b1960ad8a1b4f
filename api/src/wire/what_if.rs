//! What recorded calls would have cost on other models.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use aop_clickhouse::TimeRange;

use crate::what_if as found;
use crate::wire::calls::CostParts;
use crate::wire::time::from_us;
use crate::wire::usage::TokenUsage;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhatIfParams {
    /// RFC 3339; 24 hours ago when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    /// RFC 3339; now when absent. A range has at most 92 days.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    /// Only calls of this agent, by its name.
    pub agent: Option<String>,
    /// Only calls that this route answered.
    pub route: Option<String>,
    /// Only calls that this model answered.
    pub model: Option<String>,
    /// `provider/model`, separated by commas, as the price table names them; 100 at most. Absent: those of the team's deployments.
    pub models: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WhatIf {
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
    /// Calls that are compared: those that used tokens and nothing else, of which the tokens are known.
    pub calls: u64,
    /// Calls that a model worked on and that cannot be compared; they are in nothing here.
    pub left_out_calls: u64,
    /// Compared calls whose tokens were counted by us.
    pub estimated_calls: u64,
    pub usage: TokenUsage,
    /// What was recorded for the compared calls, US dollars as decimal text, without tries beside the answer's.
    pub recorded_cost: String,
    /// Compared calls whose recorded cost is unknown and so not in `recorded_cost`.
    pub unknown_cost_calls: u64,
    /// The cheapest first, those without a price last.
    pub models: Vec<WhatIfModel>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WhatIfModel {
    pub provider: String,
    pub model: String,
    /// At the prices in force now, US dollars as decimal text. Absent: there is no price for it, or none for something that
    /// was used.
    pub cost: Option<String>,
    pub costs: Option<CostParts>,
    /// It has a price, if not for everything.
    pub has_price: bool,
    /// Calls for which the same number of tokens is assumed, though another tokenizer counted them.
    pub assumed_calls: u64,
    /// It answered some of the calls.
    pub was_used: bool,
}

impl WhatIf {
    pub fn of(range: TimeRange, found: found::WhatIf) -> Self {
        let mut models = found.models;
        models.sort_by_key(|one| {
            (one.cost.is_none(), one.cost.map(|cost| cost.total()), one.candidate.clone())
        });
        Self {
            from: from_us(range.from_us),
            to: from_us(range.to_us),
            calls: found.calls,
            left_out_calls: found.left_out_calls,
            estimated_calls: found.estimated_calls,
            usage: found.tokens.into(),
            recorded_cost: found.recorded_cost.normalize().to_string(),
            unknown_cost_calls: found.unknown_cost_calls,
            models: models.into_iter().map(WhatIfModel::of).collect(),
        }
    }
}

impl WhatIfModel {
    fn of(one: found::Compared) -> Self {
        let text = |amount: rust_decimal::Decimal| amount.normalize().to_string();
        Self {
            provider: one.candidate.provider,
            model: one.candidate.model,
            cost: one.cost.map(|cost| text(cost.total())),
            costs: one.cost.map(|cost| CostParts {
                input: text(cost.input),
                cache: text(cost.cache),
                output: text(cost.output),
            }),
            has_price: one.has_price,
            assumed_calls: one.assumed_calls,
            was_used: one.was_used,
        }
    }
}
