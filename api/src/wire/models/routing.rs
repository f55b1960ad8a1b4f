//! How a model chooses among its deployments, as the contract says it.

use aop_domain::routing as domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::mirrored::mirrored;

mirrored! {
    /// How deployments of the same priority are ordered: always the same way (`priority`, the heavier weight first), drawn by
    /// weight, fewest calls in flight, shortest time to the first byte lately, or cheapest for this call.
    Strategy = domain::Strategy { Priority, Weighted, LeastBusy, LowestLatency, LowestCost }
}

impl Default for Strategy {
    fn default() -> Self {
        domain::Strategy::default().into()
    }
}

mirrored! {
    /// What a model failed with. `any`: everything but a request that is wrong in itself.
    ErrorClass = domain::ErrorClass { Any, ContextTooLong, ContentFilter, RateLimited, Timeout }
}

/// Another model that answers when this one fails in this way. Its own fallbacks are not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    pub on: ErrorClass,
    #[schema(min_length = 1, max_length = 200)]
    pub model: String,
}

mirrored! {
    /// What becomes of fields that a target has no word for. `refuse`: the call is refused, and the field named. `caller_decides`:
    /// that, unless its caller asks with `x-aop-unsupported: drop` that they be left out. `drop`: they are left out and told,
    /// unless its caller asks with `x-aop-unsupported: refuse` for a refusal.
    Unsupported = domain::Unsupported { Refuse, CallerDecides, Drop }
}

impl Default for Unsupported {
    fn default() -> Self {
        domain::Unsupported::default().into()
    }
}

mirrored! {
    /// How a deployment is made to go on with an answer that another has begun: as its kind and model are known to (`auto`),
    /// not at all, by a last message of the assistant, by one that is marked with `prefix`, or with `continue_final_message`.
    Continues = domain::Continues { Auto, Never, LastMessage, Prefix, FinalMessage }
}

impl Default for Continues {
    fn default() -> Self {
        domain::Continues::default().into()
    }
}

/// When a deployment is passed over for a while: after `failures` in the window, if they are `failure_percent` of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// 0: never passed over.
    #[schema(maximum = 1000)]
    pub failures: u16,
    #[schema(minimum = 1, maximum = 100)]
    pub failure_percent: u8,
    #[schema(minimum = 1000, maximum = 3_600_000)]
    pub window_ms: u32,
    #[schema(minimum = 100, maximum = 3_600_000)]
    pub cooldown_ms: u32,
}

/// What becomes of a provider's answer when its client goes away: the provider is told by closing its connection and what
/// it used is estimated; the answer is read to its end; or as far as a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnAbortAction {
    #[default]
    Cancel,
    Drain,
    DrainToCap,
}

/// What becomes of a provider's answer when its client goes away. Bounds belong to `drain_to_cap`, which needs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbortPolicy {
    pub action: OnAbortAction,
    /// Bytes of the answer read after the client has gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_073_741_824)]
    pub max_bytes: Option<u32>,
    /// Time from the moment the client has gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3_600_000)]
    pub max_ms: Option<u32>,
}

impl From<domain::OnAbort> for AbortPolicy {
    fn from(on_abort: domain::OnAbort) -> Self {
        let action = match on_abort {
            domain::OnAbort::Cancel => OnAbortAction::Cancel,
            domain::OnAbort::Drain => OnAbortAction::Drain,
            domain::OnAbort::DrainToCap { .. } => OnAbortAction::DrainToCap,
        };
        let (max_bytes, max_ms) = on_abort.caps();
        Self { action, max_bytes, max_ms }
    }
}

impl From<domain::Fallback> for Fallback {
    fn from(fallback: domain::Fallback) -> Self {
        Self { on: fallback.on.into(), model: fallback.model }
    }
}

impl From<domain::BreakerPolicy> for Breaker {
    fn from(policy: domain::BreakerPolicy) -> Self {
        let domain::BreakerPolicy { failures, failure_percent, window_ms, cooldown_ms } = policy;
        Self { failures, failure_percent, window_ms, cooldown_ms }
    }
}
