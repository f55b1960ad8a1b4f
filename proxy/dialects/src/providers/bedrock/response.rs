//! A whole answer, read. The wire tells neither an id nor the model.

use serde_json::Value;

use super::wire::{self, text};
use crate::Dialect;
use crate::dialect::AnswerError;
use crate::form::{Content, Foreign, Part, Response, Thinking, ToolCall};

pub(super) fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    let Some(blocks) = answer["output"]["message"]["content"].as_array() else {
        return Err(AnswerError("holds no message".to_owned()));
    };
    let Some(reason) = answer["stopReason"].as_str() else {
        return Err(AnswerError("ends without a reason".to_owned()));
    };
    Ok(Response {
        id: String::new(),
        model: String::new(),
        created_s: None,
        parts: blocks.iter().filter_map(content).map(Part::new).collect(),
        stop: wire::stop(reason),
        usage: wire::usage(&answer["usage"]),
        logprobs: Vec::new(),
        service_tier: answer["serviceTier"]["type"].as_str().map(str::to_owned),
    })
}

fn content(block: &Value) -> Option<Content> {
    let (what, value) = block.as_object()?.iter().next()?;
    Some(match what.as_str() {
        "text" => Content::Text(value.as_str().filter(|text| !text.is_empty())?.to_owned()),
        "toolUse" => Content::ToolCall(ToolCall {
            id: text(&value["toolUseId"]),
            name: text(&value["name"]),
            arguments: if value["input"].is_null() { "{}".to_owned() } else { value["input"].to_string() },
        }),
        "reasoningContent" => match value["redactedContent"].as_str() {
            Some(data) => Content::RedactedThinking(wire::redacted(data)),
            None => Content::Thinking(Thinking {
                text: text(&value["reasoningText"]["text"]),
                signature: value["reasoningText"]["signature"].as_str().map(str::to_owned),
                id: None,
            }),
        },
        other => Content::Foreign(Foreign {
            dialect: Dialect::Bedrock,
            what: other.to_owned(),
            value: block.clone(),
        }),
    })
}
