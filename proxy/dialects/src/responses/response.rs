//! A response: the answer as a whole, read and written.

use bytes::Bytes;
use serde_json::{Value, json};

use super::wire::{self, write_reasoning, write_redacted};
use crate::Dialect;
use crate::chat::{read_logprobs, text, write_logprobs};
use crate::dialect::{AnswerError, Answering};
use crate::form::{Content, Foreign, Part, Response, TokenLogprob, ToolCall};

pub fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    if value["status"] == "failed" {
        let message = text(&value["error"]["message"]);
        return Err(AnswerError(format!("failed: {message}")));
    }
    let Some(output) = value["output"].as_array() else {
        return Err(AnswerError("holds no output".to_owned()));
    };
    let mut parts = Vec::new();
    let mut logprobs = Vec::new();
    for item in output {
        read_item(item, &mut parts, &mut logprobs);
    }
    Ok(finished(&value, parts, logprobs))
}

/// The response around parts that are known.
pub(super) fn finished(value: &Value, parts: Vec<Part>, logprobs: Vec<TokenLogprob>) -> Response {
    let called = parts.iter().any(|part| matches!(part.content, Content::ToolCall(_)));
    let refused = parts.iter().any(|part| matches!(part.content, Content::Refusal(_)));
    Response {
        id: text(&value["id"]),
        model: text(&value["model"]),
        created_s: value["created_at"].as_f64().map(|created_s| created_s as i64),
        stop: wire::stop(value, called, refused),
        parts,
        usage: crate::usage::read(&value["usage"]),
        logprobs,
        service_tier: value["service_tier"].as_str().map(str::to_owned),
    }
}

fn read_item(item: &Value, parts: &mut Vec<Part>, logprobs: &mut Vec<TokenLogprob>) {
    let kind = text(&item["type"]);
    match kind.as_str() {
        "message" => {
            for part in item["content"].as_array().into_iter().flatten() {
                if let Some(refusal) = part["refusal"].as_str() {
                    parts.push(Part::new(Content::Refusal(refusal.to_owned())));
                } else {
                    parts.push(Part::text(text(&part["text"])));
                    logprobs.extend(read_logprobs(&part["logprobs"]));
                }
            }
        }
        "function_call" => parts.push(Part::new(Content::ToolCall(ToolCall {
            id: text(&item["call_id"]),
            name: text(&item["name"]),
            arguments: text(&item["arguments"]),
        }))),
        "reasoning" => parts.push(wire::read_reasoning(item)),
        _ => {
            let foreign = Foreign { dialect: Dialect::Responses, what: kind, value: item.clone() };
            parts.push(Part::new(Content::Foreign(foreign)));
        }
    }
}

pub fn write(response: &Response, answering: &Answering) -> Bytes {
    let id = wire::id(&response.id, &answering.id);
    let created_s = response.created_s.unwrap_or(answering.created_s);
    let mut items = Items::new(&answering.id);
    let mut logprobs = &response.logprobs[..];
    for part in &response.parts {
        let own = if matches!(part.content, Content::Text(_)) { std::mem::take(&mut logprobs) } else { &[] };
        items.add(&part.content, own);
    }
    let mut body =
        wire::envelope(&id, answering.model_of(&response.model), created_s, "completed", &items.output);
    wire::close(&mut body, response);
    Bytes::from(body.to_string())
}

/// Output items from parts: each text is a message of its own.
pub(super) struct Items {
    ours: String,
    pub(super) output: Vec<Value>,
}

impl Items {
    pub(super) fn new(ours: &str) -> Self {
        Self { ours: ours.to_owned(), output: Vec::new() }
    }

    /// The id of the item with this number.
    pub(super) fn id(&self, kind: &str, number: usize) -> String {
        format!("{kind}_{}{number:02}", self.ours)
    }

    pub(super) fn add(&mut self, content: &Content, logprobs: &[TokenLogprob]) {
        let number = self.output.len();
        let item = match content {
            Content::Text(_) | Content::Refusal(_) => {
                let part = message_part(content, logprobs);
                message(&self.id("msg", number), "completed", &[part])
            }
            Content::ToolCall(call) => function_call(&self.id("fc", number), call, "completed"),
            Content::Thinking(thinking) => write_reasoning(thinking, &self.id("rs", number)),
            Content::RedactedThinking(data) => write_redacted(data, number),
            Content::Foreign(Foreign { dialect: Dialect::Responses, value, .. }) => value.clone(),
            // What another provider's own tools left behind: asked for by nobody who speaks this dialect.
            _ => return,
        };
        self.output.push(item);
    }
}

pub(super) fn message(id: &str, status: &str, content: &[Value]) -> Value {
    json!({"type": "message", "id": id, "status": status, "role": "assistant", "content": content})
}

pub(super) fn message_part(content: &Content, logprobs: &[TokenLogprob]) -> Value {
    match content {
        Content::Refusal(refusal) => json!({"type": "refusal", "refusal": refusal}),
        Content::Text(text) => {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": write_logprobs(logprobs)})
        }
        _ => Value::Null,
    }
}

pub(super) fn function_call(id: &str, call: &ToolCall, status: &str) -> Value {
    json!({
        "type": "function_call",
        "id": id,
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "status": status,
    })
}
