//! Small pieces of the wire that requests, answers and streams share.

use aop_domain::usage::Usage;
use serde_json::{Value, json};

use crate::chat::text;
use crate::form::{Content, Part, Response, StopReason, Thinking};

/// Reasoning that is encrypted as a whole and belongs to another dialect's provider: its id tells it apart from an item
/// whose summary is merely empty.
const REDACTED: &str = "rs_redacted_";

pub(super) fn stop(response: &Value, called: bool, refused: bool) -> StopReason {
    match (response["status"].as_str(), response["incomplete_details"]["reason"].as_str()) {
        (Some("incomplete"), Some("max_output_tokens") | None) => StopReason::Length,
        (Some("incomplete"), Some("content_filter")) => StopReason::ContentFilter,
        (Some("incomplete"), Some(other)) => StopReason::Other(other.to_owned()),
        _ if called => StopReason::ToolCalls,
        _ if refused => StopReason::Refusal,
        _ => StopReason::End,
    }
}

/// `status` and `incomplete_details`.
pub(super) fn status(stop: &StopReason) -> (&'static str, Value) {
    let incomplete = |reason: &str| ("incomplete", json!({"reason": reason}));
    match stop {
        StopReason::Length | StopReason::ContextFull => incomplete("max_output_tokens"),
        StopReason::ContentFilter => incomplete("content_filter"),
        StopReason::Other(reason) => incomplete(reason),
        _ => ("completed", Value::Null),
    }
}

pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input(),
        "input_tokens_details": {"cached_tokens": usage.in_cache_read},
        "output_tokens": usage.output(),
        "output_tokens_details": {"reasoning_tokens": usage.out_reasoning},
        "total_tokens": usage.total(),
    })
}

pub(super) fn id(provider: &str, ours: &str) -> String {
    if provider.is_empty() { format!("resp_{ours}") } else { provider.to_owned() }
}

/// A reasoning item, in requests and answers alike.
pub(super) fn read_reasoning(item: &Value) -> Part {
    let id = item["id"].as_str().map(str::to_owned);
    let proof = item["encrypted_content"].as_str().map(str::to_owned);
    if let (Some(data), true) = (&proof, id.as_deref().is_some_and(|id| id.starts_with(REDACTED))) {
        return Part::new(Content::RedactedThinking(data.clone()));
    }
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|part| text(&part["text"])).collect()
    };
    // The thinking itself where it is shown, else its summary.
    let mut pieces = texts(&item["content"]);
    if pieces.is_empty() {
        pieces = texts(&item["summary"]);
    }
    Part::new(Content::Thinking(Thinking { text: pieces.join("\n\n"), signature: proof, id }))
}

/// The item of a thinking part; `fallback` is its id where the provider gave none.
pub(super) fn write_reasoning(thinking: &Thinking, fallback: &str) -> Value {
    let summary = match thinking.text.as_str() {
        "" => json!([]),
        text => json!([{"type": "summary_text", "text": text}]),
    };
    let id = thinking.id.as_deref().unwrap_or(fallback);
    let mut item = json!({"type": "reasoning", "id": id, "summary": summary});
    if let Some(proof) = &thinking.signature {
        item["encrypted_content"] = proof.as_str().into();
    }
    item
}

pub(super) fn write_redacted(data: &str, number: usize) -> Value {
    json!({"type": "reasoning", "id": format!("{REDACTED}{number}"), "summary": [], "encrypted_content": data})
}

/// A response around its output. `status` of its own, because a stream tells it before it is known.
pub(super) fn envelope(id: &str, model: &str, created_s: i64, status: &str, output: &[Value]) -> Value {
    json!({
        "id": id,
        "object": "response",
        "created_at": created_s,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": null,
        "model": model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "store": false,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "truncation": "disabled",
        "usage": null,
        "metadata": {},
    })
}

/// What is known only at the end.
pub(super) fn close(envelope: &mut Value, response: &Response) {
    let (status, details) = status(&response.stop);
    envelope["status"] = status.into();
    envelope["incomplete_details"] = details;
    envelope["usage"] = response.usage.as_ref().map_or(Value::Null, usage);
    if let Some(tier) = &response.service_tier {
        envelope["service_tier"] = tier.as_str().into();
    }
}
