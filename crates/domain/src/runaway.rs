//! The runaway guard's policy: what is taken for a run that has lost its way, and what is done about it. Chosen by people
//! for a team or a key, judged by the gateway.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is done when a rule is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing, and nothing is recorded.
    Off,
    /// The call's record says so.
    Flag,
    /// As `Flag`, and the call waits, longer each time.
    Slow,
    /// The call is refused.
    Stop,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Flag => "flag",
            Self::Slow => "slow",
            Self::Stop => "stop",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    RepeatedCall,
    RepeatedTool,
    RunCalls,
    RunCost,
    RunDepth,
    GrowthCalls,
    GrowthCost,
}

impl Rule {
    pub const ALL: [Self; 7] = [
        Self::RepeatedCall,
        Self::RepeatedTool,
        Self::RunCalls,
        Self::RunCost,
        Self::RunDepth,
        Self::GrowthCalls,
        Self::GrowthCost,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedCall => "repeated_call",
            Self::RepeatedTool => "repeated_tool",
            Self::RunCalls => "run_calls",
            Self::RunCost => "run_cost",
            Self::RunDepth => "run_depth",
            Self::GrowthCalls => "growth_calls",
            Self::GrowthCost => "growth_cost",
        }
    }
}

/// So many times the same is too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    pub action: Action,
    pub times: u32,
}

/// More than so many are too many; no limit: the rule is never met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub action: Action,
    pub limit: Option<u32>,
}

/// More than so many dollars are too many; no limit: the rule is never met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostCap {
    pub action: Action,
    #[serde(with = "rust_decimal::serde::str_option")]
    pub limit: Option<Decimal>,
}

/// Everything the guard looks at. The default only flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// The same call again and again within ten minutes.
    pub repeated_call: Repeated,
    /// The same tool with the same arguments, in one run.
    pub repeated_tool: Repeated,
    /// Calls of one run.
    pub run_calls: Cap,
    /// Dollars of one run.
    pub run_cost: CostCap,
    /// Hand-overs below each other in one run.
    pub run_depth: Cap,
    /// So many times the calls or the cost of what such a run usually takes.
    pub growth: Repeated,
}

impl Default for Policy {
    fn default() -> Self {
        let flag = Action::Flag;
        Self {
            repeated_call: Repeated { action: flag, times: 10 },
            repeated_tool: Repeated { action: flag, times: 6 },
            run_calls: Cap { action: flag, limit: Some(1_000) },
            run_cost: CostCap { action: flag, limit: Some(Decimal::from(20)) },
            run_depth: Cap { action: flag, limit: Some(12) },
            growth: Repeated { action: flag, times: 10 },
        }
    }
}

const TIMES: std::ops::RangeInclusive<u32> = 2..=1_000;
const MOST_CALLS: u32 = 10_000_000;
const MOST_DEPTH: u32 = 1_000;
const MOST_DOLLARS: u32 = 1_000_000_000;

/// A policy that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be {expected}")]
pub struct BadPolicy {
    pub field: &'static str,
    pub expected: &'static str,
}

impl Policy {
    /// Are its numbers possible?
    pub fn check(&self) -> Result<(), BadPolicy> {
        let times = "between 2 and 1000";
        let repeated = [
            ("repeated_call.times", self.repeated_call),
            ("repeated_tool.times", self.repeated_tool),
            ("growth.times", self.growth),
        ];
        for (field, rule) in repeated {
            if !TIMES.contains(&rule.times) {
                return Err(BadPolicy { field, expected: times });
            }
        }
        if self.run_calls.limit.is_some_and(|limit| limit == 0 || limit > MOST_CALLS) {
            return Err(BadPolicy { field: "run_calls.limit", expected: "between 1 and 10000000, or null" });
        }
        if self.run_depth.limit.is_some_and(|limit| limit == 0 || limit > MOST_DEPTH) {
            return Err(BadPolicy { field: "run_depth.limit", expected: "between 1 and 1000, or null" });
        }
        let dollars = |limit: Decimal| limit > Decimal::ZERO && limit <= Decimal::from(MOST_DOLLARS);
        if self.run_cost.limit.is_some_and(|limit| !dollars(limit)) {
            return Err(BadPolicy {
                field: "run_cost.limit",
                expected: "more than 0 and at most 1000000000 dollars, or null",
            });
        }
        Ok(())
    }

    /// What is done when `rule` is met.
    pub fn action(&self, rule: Rule) -> Action {
        match rule {
            Rule::RepeatedCall => self.repeated_call.action,
            Rule::RepeatedTool => self.repeated_tool.action,
            Rule::RunCalls => self.run_calls.action,
            Rule::RunCost => self.run_cost.action,
            Rule::RunDepth => self.run_depth.action,
            Rule::GrowthCalls | Rule::GrowthCost => self.growth.action,
        }
    }
}

/// A rule that a call met, as its record keeps it.
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct Mark {
    /// [`Rule::as_str`]
    #[prost(string, tag = "1")]
    pub rule: String,
    /// [`Action::as_str`]
    #[prost(string, tag = "2")]
    pub action: String,
    /// What was counted: a number, or dollars as decimal text.
    #[prost(string, tag = "3")]
    pub count: String,
    /// What it was compared with.
    #[prost(string, tag = "4")]
    pub limit: String,
}

impl Mark {
    pub fn new(rule: Rule, action: Action, count: &impl ToString, limit: &impl ToString) -> Self {
        Self {
            rule: rule.as_str().to_owned(),
            action: action.as_str().to_owned(),
            count: count.to_string(),
            limit: limit.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_possible_and_stops_nothing() {
        let policy = Policy::default();
        assert_eq!(policy.check(), Ok(()));
        assert!(Rule::ALL.into_iter().all(|rule| policy.action(rule) == Action::Flag));
    }

    #[test]
    fn a_policy_is_read_as_it_is_written() {
        let mut policy = Policy::default();
        policy.run_cost.limit = Some(Decimal::new(125, 2));
        policy.run_calls.limit = None;
        let text = serde_json::to_string(&policy).unwrap();
        assert!(text.contains(r#""limit":"1.25""#), "{text}");
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
    }

    #[test]
    fn numbers_that_cannot_be_meant_are_named() {
        let field = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.check().unwrap_err().field
        };
        assert_eq!(field(|policy| policy.repeated_call.times = 1), "repeated_call.times");
        assert_eq!(field(|policy| policy.growth.times = 1_001), "growth.times");
        assert_eq!(field(|policy| policy.run_calls.limit = Some(0)), "run_calls.limit");
        assert_eq!(field(|policy| policy.run_cost.limit = Some(Decimal::ZERO)), "run_cost.limit");
        assert_eq!(field(|policy| policy.run_depth.limit = Some(1_001)), "run_depth.limit");
    }
}
