//! The answer: whole, or an event for each piece of it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Json};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::prompt;
use crate::call::{Call, Failure};
use crate::pace::{self, BadEvents};
use crate::script::{self, Answer, Finish};
use crate::text::pieces;

const PIECE_CHARS: usize = 12;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let call = match Call::open(None, &headers, &bytes).await {
        Ok(call) => call,
        Err(failure) => return refuse(&failure),
    };
    let answer = script::answer(&prompt::read(&call));
    let (content_type, body) = if call.body["stream"] == true {
        ("text/event-stream", stream_body(&call, &answer, shutdown))
    } else {
        ("application/json", whole_body(&call, &answer, shutdown))
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(super) fn refuse(failure: &Failure) -> Response<Body> {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(json!({ "id": "sim", "message": failure.message }))).into_response();
    if let Some(seconds) = failure.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "COMPLETE",
        Finish::Length => "MAX_TOKENS",
        Finish::ToolCalls => "TOOL_CALL",
    }
}

fn usage(call: &Call, answer: &Answer) -> Value {
    call.control.usage.clone().unwrap_or_else(|| answer.tokens.cohere())
}

fn whole_body(call: &Call, answer: &Answer, shutdown: CancellationToken) -> Body {
    let mut content = Vec::new();
    if !answer.reasoning.is_empty() {
        content.push(json!({ "type": "thinking", "thinking": answer.reasoning }));
    }
    if !answer.text.is_empty() {
        content.push(json!({ "type": "text", "text": answer.text }));
    }
    let calls: Vec<Value> = answer
        .calls
        .iter()
        .map(|call| {
            json!({ "id": call.id, "type": "function",
            "function": { "name": call.name, "arguments": call.arguments.to_string() } })
        })
        .collect();
    let mut message = json!({ "role": "assistant", "content": content });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let id = format!("sim-{}", call.digest);
    let mut body = json!({ "id": id, "finish_reason": finish_reason(answer.finish), "message": message });
    if !call.control.no_usage {
        body["usage"] = usage(call, answer);
    }
    let body = if call.control.garbage {
        Bytes::from_static(b"\x00\xff<html>this is not an answer")
    } else {
        Bytes::from(body.to_string())
    };
    pace::whole_body(body, &call.control, shutdown)
}

fn stream_body(call: &Call, answer: &Answer, shutdown: CancellationToken) -> Body {
    let chunks = if call.control.garbage {
        vec![Bytes::from_static(b"\x00\xff<html>this is not a stream")]
    } else {
        events(call, answer)
    };
    let failed = json!({ "type": "message-end", "delta": { "finish_reason": "ERROR",
        "error": "the simulator was asked to fail in the middle of the stream" } });
    let malformed = Bytes::from_static(b"event: content-delta\ndata: {\"type\":\"content-d\n\n");
    pace::stream_body(chunks, &call.control, BadEvents { malformed, error: event(&failed) }, shutdown)
}

fn events(call: &Call, answer: &Answer) -> Vec<Bytes> {
    let message = |message: Value| json!({ "message": message });
    let start = json!({ "type": "message-start", "id": format!("sim-{}", call.digest),
        "delta": message(json!({ "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [] })) });
    let mut events = vec![event(&start)];
    let content = [("thinking", &answer.reasoning), ("text", &answer.text)];
    for (at, (kind, text)) in content.into_iter().filter(|(_, text)| !text.is_empty()).enumerate() {
        let of = |name: &str, content: Value| json!({ "type": name, "index": at, "delta": message(json!({ "content": content })) });
        events.push(event(&of("content-start", json!({ "type": kind, kind: "" }))));
        events.extend(pieces(text).iter().map(|piece| event(&of("content-delta", json!({ kind: piece })))));
        events.push(event(&json!({ "type": "content-end", "index": at })));
    }
    for (at, called) in answer.calls.iter().enumerate() {
        let of = |name: &str, call: Value| json!({ "type": name, "index": at, "delta": message(json!({ "tool_calls": call })) });
        let function = json!({ "name": called.name, "arguments": "" });
        events.push(event(&of(
            "tool-call-start",
            json!({ "id": called.id, "type": "function", "function": function }),
        )));
        let arguments: Vec<char> = called.arguments.to_string().chars().collect();
        let parts = arguments.chunks(PIECE_CHARS).map(|part| part.iter().collect::<String>());
        events.extend(
            parts.map(|part| event(&of("tool-call-delta", json!({ "function": { "arguments": part } })))),
        );
        events.push(event(&json!({ "type": "tool-call-end", "index": at })));
    }
    let mut delta = json!({ "finish_reason": finish_reason(answer.finish) });
    if !call.control.no_usage {
        delta["usage"] = usage(call, answer);
    }
    events.push(event(&json!({ "type": "message-end", "delta": delta })));
    events
}

fn event(data: &Value) -> Bytes {
    Bytes::from(format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default()))
}
