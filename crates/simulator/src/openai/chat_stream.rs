//! A chat completion as stream chunks, in the order OpenAI sends them.

use serde_json::{Value, json};

use super::chat::finish_reason;
use super::request::{CREATED_S, Request};
use crate::script::{Answer, ToolCall};
use crate::text::pieces;

/// Every chunk but `[DONE]`.
pub(crate) fn events(request: &Request, answer: &Answer) -> Vec<Value> {
    let mut deltas = vec![first_delta(answer)];
    deltas.extend(pieces(&answer.reasoning).iter().map(|piece| json!({ "reasoning_content": piece })));
    deltas.extend(pieces(&answer.text).iter().map(|piece| json!({ "content": piece })));
    deltas.extend((0..).zip(&answer.calls).flat_map(|(at, call)| tool_call(at, call)));

    let wants_usage = request.wants_usage();
    let mut events: Vec<Value> =
        deltas.into_iter().map(|delta| chunk(request, wants_usage, &delta, None)).collect();
    events.push(chunk(request, wants_usage, &json!({}), Some(finish_reason(answer.finish))));
    if let Some(usage) = request.usage(answer.tokens.openai()).filter(|_| wants_usage) {
        let mut last = chunk(request, true, &Value::Null, None);
        last["choices"] = json!([]);
        last["usage"] = usage;
        events.push(last);
    }
    events
}

fn first_delta(answer: &Answer) -> Value {
    let content = if answer.calls.is_empty() { Value::from("") } else { Value::Null };
    json!({ "role": "assistant", "content": content, "refusal": null })
}

/// The name comes first, then the arguments piece by piece.
fn tool_call(at: usize, call: &ToolCall) -> Vec<Value> {
    let function = json!({ "name": call.name, "arguments": "" });
    let mut deltas = vec![
        json!({ "tool_calls": [{ "index": at, "id": call.id, "type": "function", "function": function }] }),
    ];
    let arguments = call.arguments.to_string();
    let characters: Vec<char> = arguments.chars().collect();
    for piece in characters.chunks(12) {
        let piece: String = piece.iter().collect();
        deltas.push(json!({ "tool_calls": [{ "index": at, "function": { "arguments": piece } }] }));
    }
    deltas
}

/// With `include_usage`, OpenAI gives every chunk a null usage but the last.
fn chunk(request: &Request, null_usage: bool, delta: &Value, finish: Option<&str>) -> Value {
    let mut chunk = json!({
        "id": format!("chatcmpl-sim-{}", request.digest),
        "object": "chat.completion.chunk",
        "created": CREATED_S,
        "model": request.model,
        "system_fingerprint": "fp_simulator",
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
    });
    if null_usage {
        chunk["usage"] = Value::Null;
    }
    chunk
}
