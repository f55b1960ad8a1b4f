//! `POST /v1/messages`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::{Refusal, event};
use super::request::Request;
use super::{messages_prompt, messages_stream};
use crate::pace::{self, BadEvents};
use crate::script::{self, Answer, Finish};

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes).await?;
    let prompt = messages_prompt::read(&request)?;
    if prompt.max_tokens.is_none() {
        return Err(Refusal::new(400, "max_tokens: the field is required"));
    }
    let answer = script::answer(&prompt);
    let streams = request.body.get("stream").and_then(Value::as_bool).unwrap_or(false);
    let (content_type, body) = if streams {
        ("text/event-stream; charset=utf-8", stream_body(&request, &answer, shutdown))
    } else {
        ("application/json", whole_body(&request, &answer, shutdown))
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(&format!("req_sim_{}", request.digest)) {
        response.headers_mut().insert("request-id", id);
    }
    Ok(response)
}

fn stream_body(request: &Request, answer: &Answer, shutdown: CancellationToken) -> Body {
    let garbage =
        request.control.garbage.then(|| vec![Bytes::from_static(b"\x00\xff<html>this is not a stream")]);
    let chunks = garbage.unwrap_or_else(|| messages_stream::events(request, answer));
    let malformed = Bytes::from_static(b"event: content_block_delta\ndata: {\"type\":\"content_bl\n\n");
    pace::stream_body(chunks, &request.control, BadEvents { malformed, error: event() }, shutdown)
}

fn whole_body(request: &Request, answer: &Answer, shutdown: CancellationToken) -> Body {
    let bytes = if request.control.garbage {
        Bytes::from_static(b"\x00\xff<html>this is not an answer")
    } else {
        Bytes::from(whole(request, answer).to_string())
    };
    pace::whole_body(bytes, &request.control, shutdown)
}

fn whole(request: &Request, answer: &Answer) -> Value {
    let mut message = head(request);
    message["content"] = Value::Array(blocks(answer));
    message["stop_reason"] = Value::from(stop_reason(answer.finish));
    if let Some(usage) = usage(request, answer) {
        message["usage"] = usage;
    }
    message
}

/// A message without content: also what a stream starts with.
pub(super) fn head(request: &Request) -> Value {
    json!({
        "id": format!("msg_sim_{}", request.digest),
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
    })
}

pub(super) fn blocks(answer: &Answer) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !answer.reasoning.is_empty() {
        blocks.push(json!({ "type": "thinking", "thinking": answer.reasoning, "signature": "c2ltdWxhdG9y" }));
    }
    if !answer.text.is_empty() || answer.calls.is_empty() {
        blocks.push(json!({ "type": "text", "text": answer.text }));
    }
    let calls = answer.calls.iter();
    blocks.extend(calls.map(|call| {
        let id = call.id.replacen("call_", "toolu_", 1);
        json!({ "type": "tool_use", "id": id, "name": call.name, "input": call.arguments })
    }));
    blocks
}

pub(super) fn usage(request: &Request, answer: &Answer) -> Option<Value> {
    if request.control.no_usage {
        return None;
    }
    Some(request.control.usage.clone().unwrap_or_else(|| answer.tokens.anthropic()))
}

pub(super) fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
    }
}
