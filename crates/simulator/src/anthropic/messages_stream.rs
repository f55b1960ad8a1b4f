//! A message as named events, in the order Anthropic sends them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::messages::{blocks, head, stop_reason, usage};
use super::request::Request;
use crate::script::Answer;
use crate::text::pieces;

pub(super) fn events(request: &Request, answer: &Answer) -> Vec<Bytes> {
    let mut start = head(request);
    let usage = usage(request, answer);
    if let Some(usage) = &usage {
        // At the start the input is known and one token of output is already there.
        start["usage"] = usage.clone();
        start["usage"]["output_tokens"] = Value::from(1);
    }
    let mut events = vec![event(&json!({ "type": "message_start", "message": start }))];
    for (at, block) in blocks(answer).iter().enumerate() {
        events.extend(block_events(at, block));
        if at == 0 {
            events.insert(2, event(&json!({ "type": "ping" })));
        }
    }
    let delta = json!({ "stop_reason": stop_reason(answer.finish), "stop_sequence": null });
    let mut end = json!({ "type": "message_delta", "delta": delta });
    if let Some(usage) = usage {
        end["usage"] = json!({ "output_tokens": usage["output_tokens"] });
    }
    events.push(event(&end));
    events.push(event(&json!({ "type": "message_stop" })));
    events
}

fn block_events(at: usize, block: &Value) -> Vec<Bytes> {
    let text = |field: &str| block.get(field).and_then(Value::as_str).unwrap_or_default();
    let (empty, deltas) = match text("type") {
        "thinking" => {
            let thoughts = pieces(text("thinking"));
            let mut deltas: Vec<Value> =
                thoughts.iter().map(|piece| json!({ "type": "thinking_delta", "thinking": piece })).collect();
            deltas.push(json!({ "type": "signature_delta", "signature": block["signature"] }));
            (json!({ "type": "thinking", "thinking": "", "signature": "" }), deltas)
        }
        "tool_use" => {
            let arguments = block["input"].to_string();
            let characters: Vec<char> = arguments.chars().collect();
            let parts = characters.chunks(12).map(|part| part.iter().collect::<String>());
            let deltas =
                parts.map(|part| json!({ "type": "input_json_delta", "partial_json": part })).collect();
            (json!({ "type": "tool_use", "id": block["id"], "name": block["name"], "input": {} }), deltas)
        }
        _ => {
            let parts = pieces(text("text"));
            let deltas = parts.iter().map(|part| json!({ "type": "text_delta", "text": part })).collect();
            (json!({ "type": "text", "text": "" }), deltas)
        }
    };
    let mut events =
        vec![event(&json!({ "type": "content_block_start", "index": at, "content_block": empty }))];
    let delta = |delta| event(&json!({ "type": "content_block_delta", "index": at, "delta": delta }));
    events.extend(deltas.into_iter().map(delta));
    events.push(event(&json!({ "type": "content_block_stop", "index": at })));
    events
}

fn event(data: &Value) -> Bytes {
    let name = data.get("type").and_then(Value::as_str).unwrap_or("message");
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
