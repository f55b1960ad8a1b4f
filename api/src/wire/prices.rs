//! Prices of models: the table we ship, and what administrators put over it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Who set a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceSource {
    /// Set by an administrator for this team; wins over every other.
    Team,
    /// Set by an administrator for every team.
    Installation,
    /// Shipped with the product.
    Shipped,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Price {
    /// Absent for a shipped price.
    pub id: Option<Uuid>,
    pub provider: String,
    pub model: String,
    pub source: PriceSource,
    /// Counts from 1 for a price people set; the date of its import, `YYYYMMDD`, for a shipped one.
    pub version: u32,
    /// Absent for a shipped price. In the future for one that is not in force yet.
    #[serde(with = "time::serde::rfc3339::option")]
    pub effective_from: Option<OffsetDateTime>,
    /// US dollars per unit as decimal text, by `meter[#variant][>tokens][@tier]`, e.g. `{"input": "0.0000025"}`.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub card: serde_json::Value,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PriceFilter {
    /// Items per page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Part of a model's name, in any case.
    pub q: Option<String>,
    /// The provider, as the price table names it.
    pub provider: Option<String>,
}

/// Puts a price over the shipped one, from now or from a given time on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPriceRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub provider: String,
    #[schema(min_length = 1, max_length = 200)]
    pub model: String,
    /// Absent: now.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub effective_from: Option<OffsetDateTime>,
    /// US dollars per unit as decimal text, by `meter[#variant][>tokens][@tier]`, e.g. `{"input": "0.0000025"}`.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub card: serde_json::Value,
    /// For every team, not only this one.
    #[serde(default)]
    pub shared: bool,
}

impl Price {
    /// A price that people set.
    pub fn of(price: aop_store::prices::Price) -> Self {
        let is_team = price.scope.team_id().is_some();
        Self {
            id: Some(price.id),
            provider: price.provider,
            model: price.model,
            source: if is_team { PriceSource::Team } else { PriceSource::Installation },
            version: price.version.unsigned_abs(),
            effective_from: Some(price.effective_from),
            card: price.card,
        }
    }
}
