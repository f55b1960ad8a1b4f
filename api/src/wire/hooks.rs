//! Hooks: what is done with calls that fit a filter, and the messages that leave because of it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use aop_domain::hook as domain;
use aop_domain::id::KeyId;
use aop_store::hook_deliveries;

use crate::wire::calls::CallStatus;
use crate::wire::guardrails::GuardrailCheck;

/// Before anybody is asked, after the answer is over, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookPoint {
    Before,
    After,
    Around,
}

impl From<HookPoint> for domain::Point {
    fn from(point: HookPoint) -> Self {
        match point {
            HookPoint::Before => Self::Before,
            HookPoint::After => Self::After,
            HookPoint::Around => Self::Around,
        }
    }
}

impl From<domain::Point> for HookPoint {
    fn from(point: domain::Point) -> Self {
        match point {
            domain::Point::Before => Self::Before,
            domain::Point::After => Self::After,
            domain::Point::Around => Self::Around,
        }
    }
}

/// Which calls. An empty list allows every value; all lists must allow the call.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HookFilter {
    /// Names or patterns of models that are asked for.
    #[schema(max_items = 100)]
    pub models: Vec<String>,
    /// Names or patterns of agents.
    #[schema(max_items = 100)]
    pub agents: Vec<String>,
    #[schema(max_items = 100)]
    pub keys: Vec<Uuid>,
    /// Any of these tags.
    #[schema(max_items = 100)]
    pub tags: Vec<String>,
    /// Only with `after`, to tag or to tell.
    pub statuses: Vec<CallStatus>,
    /// Codes of errors, or patterns of them. Only with `after`, to tag or to tell.
    #[schema(max_items = 100)]
    pub errors: Vec<String>,
}

/// What is done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HookAct {
    /// The call carries these tags too. Before the answer they count for limits of tags.
    Tag {
        #[schema(min_items = 1, max_items = 10)]
        tags: Vec<String>,
    },
    /// What a check finds is replaced, as a guardrail does it.
    Mask { check: GuardrailCheck },
    /// The call ends with an error. Only with `before`.
    Reject {
        #[schema(min_length = 1, max_length = 300)]
        message: String,
    },
    /// Somebody is told, once the call is recorded.
    Webhook {
        #[schema(max_length = 2000)]
        url: String,
        /// With what was said, as far as it is recorded: the request with `before`, the answer with `after`, both with `around`.
        #[serde(default)]
        content: bool,
    },
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Hook {
    pub id: Uuid,
    pub name: String,
    pub point: HookPoint,
    pub filter: HookFilter,
    pub act: HookAct,
    pub is_active: bool,
    /// Messages that found no room: more than 10,000 waited.
    pub dropped: i64,
    /// What messages are signed with. Shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutHookRequest {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub point: HookPoint,
    #[serde(default)]
    pub filter: HookFilter,
    pub act: HookAct,
    /// Absent: in force.
    pub is_active: Option<bool>,
    /// Of a change: messages are signed with a new secret from now on, which the answer shows.
    #[serde(default)]
    pub new_secret: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookDeliveryState {
    Waiting,
    Delivered,
    Failed,
}

/// One message of a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookDelivery {
    pub id: Uuid,
    /// Absent: a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<Uuid>,
    pub state: HookDeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// Of one that waits: when it is tried next.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub next_at: Option<OffsetDateTime>,
    /// What the receiver answered last; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Why the last try failed; empty when it did not.
    pub error: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
}

/// What one hook did in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HookOutcome {
    pub name: String,
    /// `before`, `after` or `around`.
    pub point: String,
    /// `tag`, `mask`, `reject` or `webhook`.
    pub act: String,
    /// The tags, what was masked and how often, why it was rejected.
    pub detail: String,
}

impl From<HookFilter> for domain::Filter {
    fn from(filter: HookFilter) -> Self {
        Self {
            models: filter.models,
            agents: filter.agents,
            keys: filter.keys.into_iter().map(KeyId).collect(),
            tags: filter.tags,
            statuses: filter.statuses.into_iter().map(|status| status.as_str().to_owned()).collect(),
            errors: filter.errors,
        }
    }
}

impl From<domain::Filter> for HookFilter {
    fn from(filter: domain::Filter) -> Self {
        Self {
            models: filter.models,
            agents: filter.agents,
            keys: filter.keys.into_iter().map(|key| key.0).collect(),
            tags: filter.tags,
            statuses: filter.statuses.iter().map(|status| CallStatus::parse(status)).collect(),
            errors: filter.errors,
        }
    }
}

impl From<domain::Act> for HookAct {
    fn from(act: domain::Act) -> Self {
        match act {
            domain::Act::Tag { tags } => Self::Tag { tags },
            domain::Act::Mask { check } => Self::Mask { check: check.into() },
            domain::Act::Reject { message } => Self::Reject { message },
            domain::Act::Webhook { url, content, .. } => Self::Webhook { url, content },
        }
    }
}

impl Hook {
    /// `secret`: one that was made just now.
    pub fn of(kept: aop_store::hooks::Kept, secret: Option<String>) -> Self {
        let hook = kept.hook;
        Self {
            id: hook.id.0,
            name: hook.name,
            point: hook.point.into(),
            filter: hook.filter.into(),
            act: hook.act.into(),
            is_active: kept.is_active,
            dropped: kept.dropped,
            secret,
            created_at: kept.created_at,
            updated_at: kept.updated_at,
        }
    }
}

impl From<hook_deliveries::Delivery> for HookDelivery {
    fn from(kept: hook_deliveries::Delivery) -> Self {
        let state = match kept.state.as_str() {
            "delivered" => HookDeliveryState::Delivered,
            "failed" => HookDeliveryState::Failed,
            _ => HookDeliveryState::Waiting,
        };
        Self {
            id: kept.id,
            call_id: kept.call_id,
            state,
            attempts: kept.attempts.unsigned_abs(),
            next_at: (state == HookDeliveryState::Waiting).then_some(kept.next_at),
            http_status: kept.http_status.and_then(|status| u16::try_from(status).ok()),
            error: kept.error,
            created_at: kept.created_at,
            ended_at: kept.ended_at,
        }
    }
}
