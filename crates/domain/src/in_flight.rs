//! Calls in flight, as a gateway tells them: proxy → collector → api, best effort and beside the records. JSON, because
//! what is told here is shown as it is; nothing of it is kept.
//!
//! A gateway tells nothing until the collector says that somebody listens ([`Wanted`]). Then it sends a [`Batch`] now and
//! then; one that is silent for [`SILENCE_MS`] is taken for dead, and its calls with it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ExecutionId, KeyId, SpanId, TeamId, TraceId, UserId};
use crate::runaway::Mark;

/// A gateway that is listened to sends at least this often.
pub const HEARTBEAT_MS: u64 = 1_000;
/// After so long without a word, its calls are over for whoever listens.
pub const SILENCE_MS: u64 = 5_000;

/// A call that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    pub team_id: TeamId,
    pub trace_id: TraceId,
    pub call_id: Uuid,
    pub span_id: SpanId,
    pub started_at_us: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<ExecutionId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub crew: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub task: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// The token that it was made with in place of a key, and whom that proves; empty: a key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token_issuer: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token_subject: String,
    pub operation: String,
    pub requested_model: String,
    pub stream: bool,
    pub state: State,
    /// Of the try that is under way; empty before the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deployment: String,
    pub attempt_count: u32,
    /// Since the call began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_us: Option<u64>,
    /// So far, by the length of the text.
    pub output_tokens: u64,
    #[serde(default)]
    pub runaway: Vec<Mark>,
    /// The gateway it is at.
    pub node: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No token has come yet.
    Waiting,
    Answering,
}

/// A call that was told of and is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub team_id: TeamId,
    pub trace_id: TraceId,
    pub call_id: Uuid,
    #[serde(default)]
    pub agent: String,
    /// As in the call's record, or [`LOST`].
    pub status: String,
    #[serde(default)]
    pub error_code: String,
    pub duration_us: u64,
}

/// The status of a call whose gateway died or fell silent, or whose end was not heard.
pub const LOST: &str = "lost";

/// A piece of a running call's text, for whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub call_id: Uuid,
    pub text: String,
    /// Text before this piece that found no room.
    #[serde(default)]
    pub missed_bytes: u64,
}

/// What one gateway has to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// New with every start of the gateway.
    pub boot: Uuid,
    /// `calls` are all it has: any other is over.
    pub is_full: bool,
    /// Calls that are in flight and not told of, because there are too many.
    pub untold: u64,
    pub calls: Vec<InFlight>,
    pub ended: Vec<Ended>,
    pub texts: Vec<Text>,
}

/// The answer to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heard {
    /// The collector knows nothing of this gateway: it is to tell everything again.
    pub tell_all: bool,
}

/// What a gateway is asked to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Changes whenever the rest does.
    pub version: u64,
    pub listen: bool,
    /// Calls whose text somebody reads.
    pub texts: Vec<Uuid>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_without_what_is_not_known_of_it() {
        let call = InFlight {
            team_id: TeamId::NIL,
            trace_id: TraceId::NIL,
            call_id: Uuid::nil(),
            span_id: SpanId::NIL,
            started_at_us: 7,
            key_id: None,
            user_id: None,
            execution_id: None,
            session_id: String::new(),
            crew: String::new(),
            task: String::new(),
            agent: "Researcher".to_owned(),
            token_issuer: String::new(),
            token_subject: String::new(),
            operation: "chat_completions".to_owned(),
            requested_model: "m".to_owned(),
            stream: true,
            state: State::Waiting,
            provider: String::new(),
            deployment: String::new(),
            attempt_count: 0,
            first_token_us: None,
            output_tokens: 0,
            runaway: Vec::new(),
            node: "n".to_owned(),
        };
        let told = serde_json::to_value(&call).unwrap();
        assert_eq!(told["state"], "waiting");
        assert_eq!(told["agent"], "Researcher");
        for absent in ["key_id", "session_id", "provider", "first_token_us", "token_subject"] {
            assert!(told.get(absent).is_none(), "{absent}");
        }
        assert_eq!(serde_json::from_value::<InFlight>(told).unwrap(), call);
    }
}
