//! Limits and budgets, with what is used of them now.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::mirrored::mirrored;
use aop_domain::limits as domain;
use aop_store::limits::Use;

mirrored! {
    /// Whose use is counted.
    BudgetScope = domain::LimitScope { Organisation, Team, User, Key, Model, Tag, Run, Agent }
}
mirrored! {
    /// What is counted: requests, tokens, calls at once, or dollars.
    BudgetKind = domain::Kind { Requests, Tokens, Concurrency, Spend }
}
mirrored! {
    /// In which window of the calendar, in UTC. `run` goes with the scope `run`, `now` with `concurrency`.
    BudgetWindow = domain::Window { Minute, Hour, Day, Week, Month, Total, Run, Now }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Budget {
    pub id: Uuid,
    /// Absent: the whole installation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Uuid>,
    pub name: String,
    pub scope: BudgetScope,
    /// An id, a name, or a pattern with `*` whose matches are counted together. Absent: each one has the limit for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub kind: BudgetKind,
    pub window: BudgetWindow,
    /// Dollars for spend, a whole number for the rest; decimal text.
    #[schema(value_type = String)]
    pub amount: Decimal,
    /// Counted and reported, never enforced.
    pub shadow: bool,
    pub is_active: bool,
    pub current: BudgetUse,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// What is used in the current window, by the one that used most.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetUse {
    /// Settled; decimal text, as the amount.
    #[schema(value_type = String)]
    pub used: Decimal,
    /// Held by gateways beside that: by calls in flight, and ahead of calls to come.
    #[schema(value_type = String)]
    pub held: Decimal,
    /// Which user, key, run, ... used most, where each has the limit for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How many have used any.
    pub counted: i64,
    /// Absent: the window does not end.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<OffsetDateTime>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutBudgetRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub scope: BudgetScope,
    #[schema(max_length = 200)]
    pub subject: Option<String>,
    pub kind: BudgetKind,
    pub window: BudgetWindow,
    /// Decimal text.
    #[schema(value_type = String)]
    pub amount: Decimal,
    #[serde(default)]
    pub shadow: bool,
    /// Absent: in force.
    pub is_active: Option<bool>,
    /// For the whole installation; only an administrator may. The scope `organisation` is always so.
    #[serde(default)]
    pub for_all_teams: bool,
}

impl Budget {
    pub fn new(
        budget: aop_store::limits::Budget,
        used: Option<Use>,
        resets_at: Option<OffsetDateTime>,
    ) -> Self {
        let settings = budget.settings;
        let used = used.unwrap_or(Use { bucket: String::new(), settled: 0, held: 0, buckets: 0 });
        Self {
            id: budget.id.0,
            team_id: budget.owner.team_id().map(|team| team.0),
            name: settings.name,
            scope: settings.scope.into(),
            subject: settings.subject,
            kind: settings.kind.into(),
            window: settings.window.into(),
            amount: settings.amount,
            shadow: settings.shadow,
            is_active: settings.is_active,
            current: BudgetUse {
                used: settings.kind.amount(used.settled),
                held: settings.kind.amount(used.held),
                of: Some(used.bucket).filter(|bucket| !bucket.is_empty()),
                counted: used.buckets,
                resets_at,
            },
            created_at: budget.created_at,
            updated_at: budget.updated_at,
        }
    }
}
