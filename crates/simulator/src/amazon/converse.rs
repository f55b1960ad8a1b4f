//! The answer: whole, or an event for each piece of it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Json};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{frames, prompt};
use crate::call::{Call, Failure};
use crate::pace::{self, BadEvents};
use crate::script::{self, Answer, Finish};
use crate::text::pieces;

const PIECE_CHARS: usize = 12;

pub(crate) async fn whole(
    State(shutdown): State<CancellationToken>,
    Path(model): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let call = match open(&model, &headers, &bytes).await {
        Ok(call) => call,
        Err(failure) => return refuse(&failure),
    };
    let answer = script::answer(&prompt::read(&call));
    let body = if call.control.garbage {
        Bytes::from_static(b"\x00\xff<html>this is not an answer")
    } else {
        let mut body = json!({
            "output": { "message": { "role": "assistant", "content": blocks(&answer) } },
            "stopReason": stop_reason(answer.finish),
            "metrics": { "latencyMs": 1 },
        });
        if !call.control.no_usage {
            body["usage"] = usage(&call, &answer);
        }
        Bytes::from(body.to_string())
    };
    respond("application/json", pace::whole_body(body, &call.control, shutdown))
}

pub(crate) async fn streamed(
    State(shutdown): State<CancellationToken>,
    Path(model): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let call = match open(&model, &headers, &bytes).await {
        Ok(call) => call,
        Err(failure) => return refuse(&failure),
    };
    let answer = script::answer(&prompt::read(&call));
    let chunks = if call.control.garbage {
        vec![Bytes::from_static(b"\x00\xff<html>this is not a stream, and it is longer than a prelude")]
    } else {
        events(&call, &answer)
    };
    let failed = json!({ "message": "the simulator was asked to fail in the middle of the stream" });
    let bad = BadEvents {
        malformed: Bytes::from_static(b"\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        error: frames::exception("modelStreamErrorException", &failed),
    };
    respond("application/vnd.amazon.eventstream", pace::stream_body(chunks, &call.control, bad, shutdown))
}

/// A request that nobody signed is refused, as Amazon does.
async fn open(model: &str, headers: &HeaderMap, bytes: &Bytes) -> Result<Call, Failure> {
    let proof = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !proof.starts_with("AWS4-HMAC-SHA256 ") && !proof.starts_with("Bearer ") {
        let message = "Missing Authentication Token".to_owned();
        return Err(Failure { status: 403, message, retry_after_s: None });
    }
    Call::open(Some(model), headers, bytes).await
}

fn respond(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn refuse(failure: &Failure) -> Response<Body> {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let name = match failure.status {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        400..500 => "ValidationException",
        _ => "InternalServerException",
    };
    let mut response = (status, Json(json!({ "message": failure.message }))).into_response();
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(name));
    if let Some(seconds) = failure.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn blocks(answer: &Answer) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !answer.reasoning.is_empty() {
        let thought = json!({ "text": answer.reasoning, "signature": "c2ltdWxhdG9y" });
        blocks.push(json!({ "reasoningContent": { "reasoningText": thought } }));
    }
    if !answer.text.is_empty() {
        blocks.push(json!({ "text": answer.text }));
    }
    blocks.extend(answer.calls.iter().map(|call| {
        let id = call.id.replacen("call_", "tooluse_", 1);
        json!({ "toolUse": { "toolUseId": id, "name": call.name, "input": call.arguments } })
    }));
    blocks
}

fn usage(call: &Call, answer: &Answer) -> Value {
    call.control.usage.clone().unwrap_or_else(|| answer.tokens.amazon())
}

fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
    }
}

fn events(call: &Call, answer: &Answer) -> Vec<Bytes> {
    let mut events = vec![frames::event("messageStart", &json!({ "role": "assistant" }))];
    for (at, block) in blocks(answer).iter().enumerate() {
        let delta = |delta: Value| {
            frames::event("contentBlockDelta", &json!({ "contentBlockIndex": at, "delta": delta }))
        };
        let thought = &block["reasoningContent"]["reasoningText"];
        let called = &block["toolUse"];
        if called.is_object() {
            let start = json!({ "toolUse": { "toolUseId": called["toolUseId"], "name": called["name"] } });
            events.push(frames::event(
                "contentBlockStart",
                &json!({ "contentBlockIndex": at, "start": start }),
            ));
            let input: Vec<char> = called["input"].to_string().chars().collect();
            let parts = input.chunks(PIECE_CHARS).map(|part| part.iter().collect::<String>());
            events.extend(parts.map(|part| delta(json!({ "toolUse": { "input": part } }))));
        } else if thought.is_object() {
            let parts = pieces(thought["text"].as_str().unwrap_or_default());
            events.extend(parts.iter().map(|part| delta(json!({ "reasoningContent": { "text": part } }))));
            events.push(delta(json!({ "reasoningContent": { "signature": thought["signature"] } })));
        } else {
            let parts = pieces(block["text"].as_str().unwrap_or_default());
            events.extend(parts.iter().map(|part| delta(json!({ "text": part }))));
        }
        events.push(frames::event("contentBlockStop", &json!({ "contentBlockIndex": at })));
    }
    events.push(frames::event("messageStop", &json!({ "stopReason": stop_reason(answer.finish) })));
    let mut metadata = json!({ "metrics": { "latencyMs": 1 } });
    if !call.control.no_usage {
        metadata["usage"] = usage(call, answer);
    }
    events.push(frames::event("metadata", &metadata));
    events
}
