//! The runaway guard: its policies, and the marks that calls carry.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use aop_domain::runaway as domain;

/// What is done when a rule is met: nothing; the record says so; the call waits as well, longer each time; it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunawayAction {
    Off,
    Flag,
    Slow,
    Stop,
}

impl From<RunawayAction> for domain::Action {
    fn from(action: RunawayAction) -> Self {
        match action {
            RunawayAction::Off => Self::Off,
            RunawayAction::Flag => Self::Flag,
            RunawayAction::Slow => Self::Slow,
            RunawayAction::Stop => Self::Stop,
        }
    }
}

impl From<domain::Action> for RunawayAction {
    fn from(action: domain::Action) -> Self {
        match action {
            domain::Action::Off => Self::Off,
            domain::Action::Flag => Self::Flag,
            domain::Action::Slow => Self::Slow,
            domain::Action::Stop => Self::Stop,
        }
    }
}

/// So many times is too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunawayTimes {
    pub action: RunawayAction,
    #[schema(minimum = 2, maximum = 1000)]
    pub times: u32,
}

/// More is too many. No limit: never met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunawayCap {
    pub action: RunawayAction,
    #[schema(minimum = 1)]
    pub limit: Option<u32>,
}

/// As much is too much. No limit: never met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunawayCostCap {
    pub action: RunawayAction,
    /// Dollars as decimal text.
    #[serde(with = "rust_decimal::serde::str_option")]
    #[schema(value_type = Option<String>)]
    pub limit: Option<Decimal>,
}

/// What is taken for a run that has lost its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunawayPolicy {
    /// The same call again and again within ten minutes.
    pub repeated_call: RunawayTimes,
    /// The same tool with the same arguments, in one run.
    pub repeated_tool: RunawayTimes,
    /// Calls of one run.
    pub run_calls: RunawayCap,
    /// Dollars of one run.
    pub run_cost: RunawayCostCap,
    /// Hand-overs below each other in one run.
    pub run_depth: RunawayCap,
    /// So many times the calls or the cost that such a run usually takes.
    pub growth: RunawayTimes,
}

impl From<RunawayPolicy> for domain::Policy {
    fn from(policy: RunawayPolicy) -> Self {
        let times = |rule: RunawayTimes| domain::Repeated { action: rule.action.into(), times: rule.times };
        let cap = |rule: RunawayCap| domain::Cap { action: rule.action.into(), limit: rule.limit };
        Self {
            repeated_call: times(policy.repeated_call),
            repeated_tool: times(policy.repeated_tool),
            run_calls: cap(policy.run_calls),
            run_cost: domain::CostCap { action: policy.run_cost.action.into(), limit: policy.run_cost.limit },
            run_depth: cap(policy.run_depth),
            growth: times(policy.growth),
        }
    }
}

impl From<domain::Policy> for RunawayPolicy {
    fn from(policy: domain::Policy) -> Self {
        let times = |rule: domain::Repeated| RunawayTimes { action: rule.action.into(), times: rule.times };
        let cap = |rule: domain::Cap| RunawayCap { action: rule.action.into(), limit: rule.limit };
        let domain::CostCap { action, limit } = policy.run_cost;
        Self {
            repeated_call: times(policy.repeated_call),
            repeated_tool: times(policy.repeated_tool),
            run_calls: cap(policy.run_calls),
            run_cost: RunawayCostCap { action: action.into(), limit: limit.map(|limit| limit.normalize()) },
            run_depth: cap(policy.run_depth),
            growth: times(policy.growth),
        }
    }
}

/// The policies in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct Runaway {
    pub team: RunawayPolicy,
    /// The team has none of its own.
    pub is_default: bool,
    /// Those of keys, which stand in place of the team's.
    pub keys: Vec<KeyRunaway>,
    pub defaults: RunawayPolicy,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRunaway {
    pub key_id: Uuid,
    pub key_name: String,
    pub policy: RunawayPolicy,
}

/// A rule that a call met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunawayMark {
    /// `repeated_call`, `repeated_tool`, `run_calls`, `run_cost`, `run_depth`, `growth_calls`, `growth_cost`.
    pub rule: String,
    /// `flag`, `slow`, `stop`.
    pub action: String,
    /// What was counted: a number, or dollars as decimal text.
    pub count: String,
    /// What it was compared with.
    pub limit: String,
}

impl From<domain::Mark> for RunawayMark {
    fn from(mark: domain::Mark) -> Self {
        Self { rule: mark.rule, action: mark.action, count: mark.count, limit: mark.limit }
    }
}
