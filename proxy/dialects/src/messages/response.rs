//! A message: the answer as a whole, read and written.

use bytes::Bytes;
use serde_json::{Value, json};

use super::blocks::foreign;
use super::wire;
use super::write_blocks::answer_block;
use crate::chat::text;
use crate::dialect::{AnswerError, Answering};
use crate::form::{Content, Part, Response, Thinking, ToolCall};

pub fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    let Some(blocks) = value["content"].as_array() else {
        return Err(AnswerError("holds no content".to_owned()));
    };
    Ok(Response {
        id: text(&value["id"]),
        model: text(&value["model"]),
        created_s: None,
        parts: blocks.iter().map(|block| Part::new(block_content(block))).collect(),
        stop: wire::stop(value["stop_reason"].as_str(), value["stop_sequence"].as_str()),
        usage: crate::usage::read(&value["usage"]),
        logprobs: Vec::new(),
        service_tier: value["usage"]["service_tier"].as_str().map(str::to_owned),
    })
}

pub(super) fn block_content(block: &Value) -> Content {
    let kind = text(&block["type"]);
    match kind.as_str() {
        "text" => Content::Text(text(&block["text"])),
        "thinking" => Content::Thinking(Thinking {
            text: text(&block["thinking"]),
            signature: block["signature"].as_str().filter(|proof| !proof.is_empty()).map(str::to_owned),
            id: None,
        }),
        "redacted_thinking" => Content::RedactedThinking(text(&block["data"])),
        "tool_use" => Content::ToolCall(ToolCall {
            id: text(&block["id"]),
            name: text(&block["name"]),
            arguments: block["input"].to_string(),
        }),
        _ => foreign(kind, block.clone()),
    }
}

pub fn write(response: &Response, answering: &Answering) -> Result<Bytes, AnswerError> {
    let mut content = Vec::new();
    for part in &response.parts {
        match answer_block(&part.content) {
            Some(block) => content.push(block),
            None if matches!(part.content, Content::ToolCall(_)) => {
                return Err(AnswerError("calls a tool with arguments that are not a JSON object".to_owned()));
            }
            // What another provider's own tools left behind: asked for by nobody who speaks this dialect.
            None => {}
        }
    }
    let (stop_reason, stop_sequence) = wire::stop_reason(&response.stop);
    let mut usage = wire::usage(&response.usage.unwrap_or_default());
    if let Some(tier) = &response.service_tier {
        usage["service_tier"] = tier.as_str().into();
    }
    let body = json!({
        "id": wire::id(&response.id, &answering.id),
        "type": "message",
        "role": "assistant",
        "model": answering.model_of(&response.model),
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": stop_sequence,
        "usage": usage,
    });
    Ok(Bytes::from(body.to_string()))
}
