//! Re-pricings: another price for calls that were metered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use aop_clickhouse::repricing::Repriced;
use aop_store::repricings as stored;

use crate::repricings::{Report, Sums};
use crate::wire::time::from_us;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepricingStatus {
    /// What it would change is being worked out; nothing is changed.
    Estimating,
    /// It waits for somebody who has seen the estimate.
    Estimated,
    Running,
    Done,
    /// What was changed until then stays changed; it can be started again and goes on from there.
    Cancelled,
    /// As `cancelled`; `error` says why.
    Failed,
}

impl RepricingStatus {
    fn of(text: &str) -> Self {
        match text {
            "estimating" => Self::Estimating,
            "estimated" => Self::Estimated,
            "running" => Self::Running,
            "done" => Self::Done,
            "cancelled" => Self::Cancelled,
            _ => Self::Failed,
        }
    }
}

/// Which calls get which price. It begins with an estimate and changes nothing until it is started.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRepricingRequest {
    /// The price that holds for all of them, whenever it is in force. Absent: for each call the price in force at its time, of
    /// those set until now.
    pub price_id: Option<Uuid>,
    /// As the price table or the team names it. Absent: the price's, or any.
    #[schema(max_length = 100)]
    pub provider: Option<String>,
    /// As providers name them, or as deployments ask for them. Empty: the price's, or any.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub models: Vec<String>,
    /// Absent: any.
    #[schema(max_length = 200)]
    pub deployment: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
    /// The calls of every team, not only this one's.
    #[serde(default)]
    pub all_teams: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Repricing {
    pub id: Uuid,
    pub all_teams: bool,
    pub price_id: Option<Uuid>,
    /// Absent: any.
    pub provider: Option<String>,
    pub models: Vec<String>,
    pub deployment: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub to: OffsetDateTime,
    pub status: RepricingStatus,
    /// Somebody wants it to end; it does after the calls that are being changed.
    pub cancel_requested: bool,
    /// Why it failed, or why it does not get on at the moment.
    pub error: Option<String>,
    /// What it would change, of the calls there were then.
    pub estimate: Option<RepricingReport>,
    /// What it has changed so far.
    pub result: Option<RepricingReport>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
}

/// Sums over calls that are meant. Costs are US dollars as decimal text, exact, of the calls whose cost is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepricingSums {
    pub calls: u64,
    /// Calls that get another cost.
    pub changed: u64,
    /// Calls whose cost was unknown.
    pub became_known: u64,
    pub still_unknown: u64,
    pub old_cost: String,
    pub new_cost: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RepricingLine {
    /// A model; a team's id; a day (UTC), `YYYY-MM-DD`. Empty: all beyond the first 500.
    pub name: String,
    pub sums: RepricingSums,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RepricingReport {
    pub sums: RepricingSums,
    /// Calls that the price has nothing for; they keep what they had.
    pub not_priced: u64,
    /// Calls of which nothing is known that a price could be applied to; they are in no sum.
    pub not_measured: u64,
    /// Changed calls whose service tier was not recorded, under a price that has tiers: taken for the default one.
    pub tier_assumed: u64,
    /// Largest change first.
    pub by_model: Vec<RepricingLine>,
    pub by_team: Vec<RepricingLine>,
    /// In order of time.
    pub by_day: Vec<RepricingLine>,
}

impl From<Sums> for RepricingSums {
    fn from(sums: Sums) -> Self {
        Self {
            calls: sums.calls,
            changed: sums.changed,
            became_known: sums.became_known,
            still_unknown: sums.still_unknown,
            old_cost: sums.old_cost.normalize().to_string(),
            new_cost: sums.new_cost.normalize().to_string(),
        }
    }
}

impl From<Report> for RepricingReport {
    fn from(report: Report) -> Self {
        let in_order = |lines: BTreeMap<String, Sums>| -> Vec<RepricingLine> {
            lines.into_iter().map(|(name, sums)| RepricingLine { name, sums: sums.into() }).collect()
        };
        let by_change = |lines: BTreeMap<String, Sums>| {
            let mut lines: Vec<_> = lines.into_iter().collect();
            lines.sort_by_key(|(_, sums)| std::cmp::Reverse((sums.new_cost - sums.old_cost).abs()));
            lines.into_iter().map(|(name, sums)| RepricingLine { name, sums: sums.into() }).collect()
        };
        Self {
            sums: report.sums.into(),
            not_priced: report.not_priced,
            not_measured: report.not_measured,
            tier_assumed: report.tier_assumed,
            by_model: by_change(report.by_model),
            by_team: by_change(report.by_team),
            by_day: in_order(report.by_day),
        }
    }
}

impl From<stored::Repricing> for Repricing {
    fn from(row: stored::Repricing) -> Self {
        let text = |text: String| (!text.is_empty()).then_some(text);
        let report = |stored: Option<serde_json::Value>| {
            stored.and_then(|stored| serde_json::from_value::<Report>(stored).ok()).map(RepricingReport::from)
        };
        Self {
            id: row.id,
            all_teams: row.scope.team_id().is_none(),
            price_id: row.price_id,
            provider: text(row.provider),
            models: row.models,
            deployment: text(row.deployment),
            from: row.from_at,
            to: row.to_at,
            status: RepricingStatus::of(&row.status),
            cancel_requested: row.cancel_requested && row.ended_at.is_none(),
            error: text(row.error),
            estimate: report(row.estimate),
            result: report(row.result),
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// A call's cost before and after one re-pricing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallRepricing {
    pub repricing_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// US dollars as decimal text; absent: it was unknown.
    pub old_cost: Option<String>,
    pub old_price_version: Option<u32>,
    pub new_cost: String,
    pub new_price_version: u32,
}

impl CallRepricing {
    /// `None`: an id that is none, which nobody writes.
    pub fn of(stored: Repriced) -> Option<Self> {
        Some(Self {
            repricing_id: stored.repricing.parse().ok()?,
            at: from_us(stored.made_at_us),
            old_price_version: stored.old_cost.is_some().then_some(stored.old_price_version),
            old_cost: stored.old_cost,
            new_cost: stored.new_cost,
            new_price_version: stored.new_price_version,
        })
    }
}
