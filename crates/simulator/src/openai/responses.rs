//! `POST /v1/responses`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::{CREATED_S, Request};
use super::{responses_prompt, responses_stream};
use crate::script::{self, Answer, Finish};

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let answer = script::answer(&responses_prompt::read(&request)?);
    let whole = whole(&request, &answer);
    if request.is_stream() {
        let events = responses_stream::events(&whole);
        return Ok(request.named_stream(&events));
    }
    Ok(request.whole(&whole))
}

fn whole(request: &Request, answer: &Answer) -> Value {
    let is_cut = answer.finish == Finish::Length;
    let details = if is_cut { json!({ "reason": "max_output_tokens" }) } else { Value::Null };
    let asked = |name: &str| request.body.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "id": format!("resp_sim_{}", request.digest),
        "object": "response",
        "created_at": CREATED_S,
        "status": if is_cut { "incomplete" } else { "completed" },
        "error": null,
        "incomplete_details": details,
        "instructions": asked("instructions"),
        "max_output_tokens": asked("max_output_tokens"),
        "model": request.model,
        "output": items(request, answer),
        "parallel_tool_calls": asked("parallel_tool_calls").as_bool().unwrap_or(true),
        "previous_response_id": asked("previous_response_id"),
        "reasoning": { "effort": null, "summary": null },
        "store": asked("store").as_bool().unwrap_or(true),
        "temperature": 1.0,
        "text": { "format": { "type": "text" } },
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": request.usage(answer.tokens.responses()),
        "user": null,
        "metadata": {},
    })
}

fn items(request: &Request, answer: &Answer) -> Vec<Value> {
    let digest = &request.digest;
    let mut items = Vec::new();
    if !answer.reasoning.is_empty() {
        items.push(json!({
            "type": "reasoning",
            "id": format!("rs_sim_{digest}"),
            "summary": [{ "type": "summary_text", "text": answer.reasoning }],
            "encrypted_content": format!("sim-proof-{digest}"),
        }));
    }
    if !answer.text.is_empty() || answer.calls.is_empty() {
        let text = json!({ "type": "output_text", "text": answer.text, "annotations": [], "logprobs": [] });
        items.push(json!({
            "type": "message",
            "id": format!("msg_sim_{digest}"),
            "status": "completed",
            "role": "assistant",
            "content": [text],
        }));
    }
    items.extend(answer.calls.iter().map(|call| {
        json!({
            "type": "function_call",
            "id": format!("fc_{}", call.id),
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments.to_string(),
            "status": "completed",
        })
    }));
    items
}
