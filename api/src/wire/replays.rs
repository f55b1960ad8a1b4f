//! Replays: recorded calls that are sent again.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use aop_domain::replay as domain;
use aop_store::replays as stored;

use crate::replays::{Estimate, Prepared};

/// How much of a run is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayScope {
    /// One call.
    Call,
    /// The call and those after it in its conversation.
    Conversation,
    /// The call and all that started after it in its run.
    Run,
}

impl From<ReplayScope> for domain::Scope {
    fn from(scope: ReplayScope) -> Self {
        match scope {
            ReplayScope::Call => Self::Call,
            ReplayScope::Conversation => Self::Conversation,
            ReplayScope::Run => Self::Run,
        }
    }
}

/// What becomes of a conversation whose new answer asks the recorded tool for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherArguments {
    /// It ends there.
    #[default]
    Stop,
    /// The recorded result stands, and the call is marked.
    UseRecorded,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// The recorded call it begins at.
    pub call_id: Uuid,
    pub scope: ReplayScope,
    /// One of the team's models, for every call. Absent: the one the call asked for.
    #[schema(min_length = 1, max_length = 200)]
    pub model: Option<String>,
    /// In place of the recorded system prompt, in every call that had the same one.
    pub system: Option<String>,
    /// In place of the call's last message, here and wherever it comes back as history.
    pub message: Option<String>,
    #[schema(minimum = 0, maximum = 2)]
    pub temperature: Option<f64>,
    #[serde(default)]
    pub other_arguments: OtherArguments,
    /// Dollars as decimal text: no further call is sent once so much is spent.
    #[schema(value_type = Option<String>)]
    pub max_cost: Option<Decimal>,
    /// A key of the caller's (of the team's, for an owner), whose limits hold too. A key that asks is always the one.
    pub key_id: Option<Uuid>,
}

/// What a replay would send, and what it may cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayPlan {
    pub source_trace_id: String,
    pub model: String,
    /// The team has a model of that name.
    pub model_exists: bool,
    pub calls: Vec<PlannedCall>,
    /// Calls within the scope that cannot be sent.
    pub left_out: Vec<LeftOutCall>,
    /// The run has more calls than one replay sends; the first of them are sent.
    pub truncated: bool,
    /// Secrets and personal data that were taken out when the calls were recorded: they are sent as recorded.
    pub redactions: u64,
    /// The system prompt; absent: there is none, or it holds more than text and cannot be edited.
    pub system: Option<String>,
    /// The last message of the first call; absent: as above.
    pub message: Option<String>,
    pub temperature: Option<f64>,
    /// Tokens of the recorded calls.
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// What those would cost at the model's price, dollars as decimal text; absent when the price is not known.
    #[schema(value_type = Option<String>)]
    pub estimated_cost: Option<Decimal>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedCall {
    pub call_id: Uuid,
    pub agent: Option<String>,
    pub model: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOutCall {
    pub call_id: Uuid,
    /// `not_a_conversation`, `content_not_recorded`, `content_not_kept`, `request_not_whole`, `held_by_provider`.
    pub code: String,
    pub reason: String,
}

impl ReplayPlan {
    pub fn of(prepared: Prepared, estimate: Option<Estimate>) -> Self {
        let first = prepared.plan.calls.first();
        Self {
            source_trace_id: prepared.source_trace.to_string(),
            model_exists: estimate.is_some(),
            left_out: prepared
                .left_out
                .into_iter()
                .map(|left| LeftOutCall {
                    call_id: left.call.0,
                    code: left.code.to_owned(),
                    reason: left.reason,
                })
                .collect(),
            truncated: prepared.truncated,
            redactions: prepared.redactions,
            temperature: first.and_then(|call| call.params.get("temperature")?.as_f64()),
            system: prepared.editable.system,
            message: prepared.editable.message,
            input_tokens: prepared.calls.iter().map(|call| call.input_tokens).sum(),
            output_tokens: prepared.calls.iter().map(|call| call.output_tokens).sum(),
            estimated_cost: estimate.and_then(|estimate| estimate.cost),
            calls: prepared
                .calls
                .into_iter()
                .filter_map(|call| {
                    let agent = Some(call.agent).filter(|agent| !agent.is_empty());
                    Some(PlannedCall {
                        call_id: call.call_id.parse().ok()?,
                        agent,
                        model: call.requested_model,
                    })
                })
                .collect(),
            model: prepared.plan.model,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Replay {
    pub id: Uuid,
    /// The run it is from, and the call it begins at.
    pub source_trace_id: String,
    pub source_call_id: Uuid,
    /// The run of the new calls.
    pub trace_id: String,
    /// `call`, `conversation`, `run`.
    pub scope: String,
    pub model: String,
    /// What was said otherwise: `system`, `message`, `temperature`.
    pub edits: Vec<String>,
    #[schema(value_type = Option<String>)]
    pub max_cost: Option<Decimal>,
    /// `pending`, `running`, `completed` (every call was answered), `stopped` (some were not), `failed`, `cancelled`.
    pub status: String,
    /// Why it ended before its last call: a stable word, and a sentence.
    pub reason: Option<String>,
    pub message: Option<String>,
    pub created_by: Option<Uuid>,
    pub key_id: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    pub cancel_requested: bool,
    pub calls: i64,
    pub answered: i64,
    /// Dollars as decimal text, of the calls whose cost is known.
    #[schema(value_type = String)]
    pub cost: Decimal,
    /// Answered calls whose cost is unknown and so not in `cost`.
    pub unknown_cost_calls: i64,
}

impl From<stored::Replay> for Replay {
    fn from(replay: stored::Replay) -> Self {
        Self {
            id: replay.id.0,
            source_trace_id: replay.source_trace.to_string(),
            source_call_id: replay.source_call.0,
            trace_id: replay.trace.to_string(),
            scope: replay.scope,
            model: replay.model,
            edits: replay.edits,
            max_cost: replay.max_cost.map(|cost| cost.normalize()),
            status: replay.status,
            reason: replay.reason,
            message: replay.message,
            created_by: replay.created_by.map(|user| user.0),
            key_id: replay.key.map(|key| key.0),
            created_at: replay.created_at,
            started_at: replay.started_at,
            ended_at: replay.ended_at,
            cancel_requested: replay.cancel_requested,
            calls: replay.calls,
            answered: replay.answered,
            cost: replay.cost.normalize(),
            unknown_cost_calls: replay.unknown_cost_calls,
        }
    }
}

/// A replay with its calls, in the order they are sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayDetail {
    #[serde(flatten)]
    pub replay: Replay,
    pub steps: Vec<ReplayStep>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayStep {
    pub source_call_id: Uuid,
    /// The new call; absent: none was recorded.
    pub call_id: Option<Uuid>,
    /// `waiting`, `sending`, `answered`, `failed`, `not_sent`.
    pub status: String,
    /// Why it was not sent, or failed, or nothing can follow it: `not_followed`, `other_tools`, `other_arguments`, ...
    pub reason: Option<String>,
    pub message: Option<String>,
    /// `other_arguments` (a recorded result stands for what was asked otherwise), `as_recorded` (its history holds none of
    /// the new answers), `left_out: ...` (the model's provider has no words for that).
    pub notes: Vec<String>,
    /// Dollars as decimal text; absent when unknown.
    #[schema(value_type = Option<String>)]
    pub cost: Option<Decimal>,
}

impl From<stored::ReplayCall> for ReplayStep {
    fn from(call: stored::ReplayCall) -> Self {
        Self {
            source_call_id: call.source_call.0,
            call_id: call.call.map(|call| call.0),
            status: call.status,
            reason: call.reason,
            message: call.message,
            notes: call.notes,
            cost: call.cost.map(|cost| cost.normalize()),
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReplayFilter {
    /// Items per page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Replays of this run, or the one that made it.
    pub trace_id: Option<String>,
    /// Replays of this call, or the one that made it.
    pub call_id: Option<Uuid>,
}
