//! A request put together again from the pieces it was stored in, and the reasons why one cannot be.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::plan::{Plan, PlannedCall};

/// The shape of a request, and the path of the front door that takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    ChatCompletions,
    Messages,
    Responses,
}

impl Dialect {
    /// `None`: calls of this kind are no conversations.
    pub fn of_operation(operation: &str) -> Option<Self> {
        match operation {
            "chat_completions" => Some(Self::ChatCompletions),
            "messages" => Some(Self::Messages),
            "responses" => Some(Self::Responses),
            _ => None,
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
            Self::Responses => "/v1/responses",
        }
    }
}

/// Why a recorded call cannot be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "It is no conversation with a model: only chat completions, messages and responses are replayed."
    )]
    NotAConversation,
    #[error(
        "What it said was not recorded: recording is set to metadata only for its team or key, so there is nothing to send."
    )]
    NotRecorded,
    #[error("A part of what it said is no longer kept.")]
    NoLongerKept,
    #[error("Its request is not recorded whole: it was larger than what is kept of one, or no valid JSON.")]
    NotWhole,
    #[error("It went on from a conversation that its provider holds, which no other model knows.")]
    HeldByProvider,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAConversation => "not_a_conversation",
            Self::NotRecorded => "content_not_recorded",
            Self::NoLongerKept => "content_not_kept",
            Self::NotWhole => "request_not_whole",
            Self::HeldByProvider => "held_by_provider",
        }
    }
}

/// Whether everything that is needed to send the call is there.
pub fn check(plan: &Plan, call: &PlannedCall) -> Result<(), Refused> {
    let needed = call.input.iter().chain(&call.tools);
    if needed.clone().any(|piece| plan.role(piece) == "missing") {
        return Err(Refused::NoLongerKept);
    }
    if call.input.is_empty() || needed.clone().any(|piece| plan.role(piece) == "raw") {
        return Err(Refused::NotWhole);
    }
    let is_set = |name: &str| call.params.get(name).is_some_and(|value| !value.is_null());
    if is_set("previous_response_id") || is_set("conversation") {
        return Err(Refused::HeldByProvider);
    }
    Ok(())
}

/// What cannot be kept: an answer is read whole, and now.
const HOW_IT_IS_SENT: [&str; 3] = ["stream", "stream_options", "background"];

/// The request with this history. Everything else is as it was recorded, but for the model.
pub fn body(plan: &Plan, call: &PlannedCall, history: Vec<Value>) -> Value {
    let mut body = call.params.clone();
    for name in HOW_IT_IS_SENT {
        body.remove(name);
    }
    body.insert("model".to_owned(), json!(plan.model));
    if let Some(temperature) = plan.temperature {
        body.insert("temperature".to_owned(), json!(temperature));
    }
    match call.dialect {
        Dialect::ChatCompletions => {
            body.insert("messages".to_owned(), Value::Array(history));
        }
        Dialect::Messages => messages(&mut body, history),
        Dialect::Responses => responses(&mut body, history),
    }
    if let Some(tools) = call.tools.as_ref().and_then(|piece| plan.content(piece)) {
        let are_functions = call.dialect == Dialect::ChatCompletions && tools[0].get("type").is_none();
        let name = if are_functions { "functions" } else { "tools" };
        body.insert(name.to_owned(), tools.clone());
    }
    Value::Object(body)
}

fn is_system(message: &Value) -> bool {
    message["role"] == "system" && message.get("type").is_none()
}

fn messages(body: &mut Map<String, Value>, mut history: Vec<Value>) {
    if history.first().is_some_and(is_system) {
        body.insert("system".to_owned(), history.remove(0)["content"].take());
    }
    body.insert("messages".to_owned(), Value::Array(history));
}

fn responses(body: &mut Map<String, Value>, mut history: Vec<Value>) {
    // Instructions are stored as a message; an item of the input that is a system message says the same.
    let is_text = |message: &Value| message["content"].is_string();
    if history.first().is_some_and(|first| is_system(first) && is_text(first)) {
        body.insert("instructions".to_owned(), history.remove(0)["content"].take());
    }
    let input = match history.as_slice() {
        [Value::String(text)] => json!(text),
        _ => Value::Array(history),
    };
    body.insert("input".to_owned(), input);
}
