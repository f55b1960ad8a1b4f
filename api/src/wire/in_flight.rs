//! Calls in flight, and what the live WebSockets send of them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use aop_domain::in_flight as domain;

use crate::wire::absent;
use crate::wire::runaway::RunawayMark;
use crate::wire::time::from_us;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InFlightFilter {
    /// 32 hex digits.
    pub trace_id: Option<String>,
    pub execution_id: Option<Uuid>,
    pub agent: Option<String>,
    pub key_id: Option<Uuid>,
    /// Items at most, 1 to 1000; 200 when absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// The calls in flight now, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallsInFlight {
    pub items: Vec<InFlightCall>,
    /// All there are, also those beyond `limit`.
    pub total: u32,
    /// False: not every gateway was heard in time, or one has more calls than it tells.
    pub complete: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub as_of: OffsetDateTime,
}

/// Whether a token has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InFlightState {
    Waiting,
    Answering,
}

/// A call that has begun and not ended. Absent: not known or not applicable.
#[derive(Debug, Serialize, ToSchema)]
pub struct InFlightCall {
    pub call_id: Uuid,
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    pub key_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub execution_id: Option<Uuid>,
    pub session_id: Option<String>,
    pub crew: Option<String>,
    pub task: Option<String>,
    pub agent: Option<String>,
    /// The issuer (`iss`) of the token that it was made with. Absent: with a key.
    pub token_issuer: Option<String>,
    /// Whom that token proves (`sub`), unlike what the caller says of itself.
    pub token_subject: Option<String>,
    /// `chat_completions`, `completions`, `embeddings`, ...
    pub operation: String,
    pub requested_model: String,
    pub stream: bool,
    pub state: InFlightState,
    /// Of the try that is under way.
    pub provider: Option<String>,
    pub deployment: Option<String>,
    pub attempt_count: u32,
    /// Since the call began; absent before the first token.
    pub first_token_us: Option<u64>,
    /// So far, by the length of the text. Exact ones come with the stored call.
    pub output_tokens: u64,
    /// Rules of the runaway guard that the call met.
    pub runaway: Vec<RunawayMark>,
    /// The gateway it is at.
    pub node: String,
}

impl From<domain::InFlight> for InFlightCall {
    fn from(call: domain::InFlight) -> Self {
        Self {
            call_id: call.call_id,
            trace_id: call.trace_id.to_string(),
            span_id: call.span_id.to_string(),
            started_at: from_us(call.started_at_us),
            key_id: call.key_id.map(|id| id.0),
            user_id: call.user_id.map(|id| id.0),
            execution_id: call.execution_id.map(|id| id.0),
            session_id: absent::text(call.session_id),
            crew: absent::text(call.crew),
            task: absent::text(call.task),
            agent: absent::text(call.agent),
            token_issuer: absent::text(call.token_issuer),
            token_subject: absent::text(call.token_subject),
            operation: call.operation,
            requested_model: call.requested_model,
            stream: call.stream,
            state: match call.state {
                domain::State::Waiting => InFlightState::Waiting,
                domain::State::Answering => InFlightState::Answering,
            },
            provider: absent::text(call.provider),
            deployment: absent::text(call.deployment),
            attempt_count: call.attempt_count,
            first_token_us: call.first_token_us,
            output_tokens: call.output_tokens,
            runaway: call.runaway.into_iter().map(RunawayMark::from).collect(),
            node: call.node,
        }
    }
}
