//! A whole answer, read. The wire does not tell the model.

use serde_json::Value;

use super::wire::{self, text};
use crate::Dialect;
use crate::dialect::AnswerError;
use crate::form::{Content, Foreign, Part, Response, Thinking, ToolCall};

pub(super) fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    let message = &answer["message"];
    let reason = answer["finish_reason"].as_str().unwrap_or_default();
    if !message.is_object() || reason.is_empty() {
        return Err(AnswerError("holds no finished message".to_owned()));
    }
    if wire::is_failure(reason) {
        return Err(AnswerError(format!("says that it failed ({reason})")));
    }
    Ok(Response {
        id: text(&answer["id"]),
        model: String::new(),
        created_s: None,
        parts: parts(message),
        stop: wire::stop(reason),
        usage: wire::usage(&answer["usage"]),
        logprobs: wire::logprobs(&answer["logprobs"]),
        service_tier: None,
    })
}

fn parts(message: &Value) -> Vec<Part> {
    let mut parts = Vec::new();
    let thought = |text: &str| Content::Thinking(Thinking { text: text.to_owned(), ..Thinking::default() });
    if let Some(plan) = message["tool_plan"].as_str().filter(|plan| !plan.is_empty()) {
        parts.push(thought(plan));
    }
    for piece in message["content"].as_array().into_iter().flatten() {
        match piece["type"].as_str() {
            Some("text") => parts.extend(
                piece["text"]
                    .as_str()
                    .filter(|text| !text.is_empty())
                    .map(|text| Content::Text(text.to_owned())),
            ),
            Some("thinking") => {
                parts.extend(piece["thinking"].as_str().filter(|text| !text.is_empty()).map(thought))
            }
            other => parts.push(Content::Foreign(Foreign {
                dialect: Dialect::Cohere,
                what: other.unwrap_or("content").to_owned(),
                value: piece.clone(),
            })),
        }
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let arguments =
            call["function"]["arguments"].as_str().filter(|text| !text.is_empty()).unwrap_or("{}");
        parts.push(Content::ToolCall(ToolCall {
            id: text(&call["id"]),
            name: text(&call["function"]["name"]),
            arguments: arguments.to_owned(),
        }));
    }
    parts.into_iter().map(Part::new).collect()
}
