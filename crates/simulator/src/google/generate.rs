//! The answer: whole, or a chunk for each piece of it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Json};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{embed, prompt};
use crate::call::{Call, Failure};
use crate::pace::{self, BadEvents};
use crate::script::{self, Answer, Finish};
use crate::text::pieces;

/// `x:generateContent`, in the last part of the path.
pub(crate) async fn on_gemini(
    State(shutdown): State<CancellationToken>,
    Path(method): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    answer(&method, &headers, &bytes, shutdown).await
}

pub(crate) async fn on_vertex(
    State(shutdown): State<CancellationToken>,
    Path((_project, _location, method)): Path<(String, String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    answer(&method, &headers, &bytes, shutdown).await
}

async fn answer(
    method: &str,
    headers: &HeaderMap,
    bytes: &Bytes,
    shutdown: CancellationToken,
) -> Response<Body> {
    let (model, method) = method.split_once(':').unwrap_or((method, ""));
    // A count asks with the whole request inside another.
    let call = match Call::open(Some(model), headers, bytes).await {
        Ok(mut call) => {
            if let Some(inner) = call.body.get_mut("generateContentRequest").map(Value::take) {
                call.body = inner;
            }
            call
        }
        Err(failure) => return refuse(&failure),
    };
    let prompt = prompt::read(&call);
    let answer = script::answer(&prompt);
    let (content_type, body) = match method {
        "generateContent" => ("application/json", whole_body(&call, &answer, shutdown)),
        "streamGenerateContent" => ("text/event-stream", stream_body(&call, &answer, shutdown)),
        "embedContent" => return embed::one(&call),
        "batchEmbedContents" => return embed::batch(&call),
        "countTokens" => return Json(json!({ "totalTokens": prompt.tokens() })).into_response(),
        _ => {
            return refuse(&Failure {
                status: 404,
                message: format!("no method '{method}'"),
                retry_after_s: None,
            });
        }
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(super) fn refuse(failure: &Failure) -> Response<Body> {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(error(failure.status, &failure.message))).into_response();
    if let Some(seconds) = failure.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn error(status: u16, message: &str) -> Value {
    let name = match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..500 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
    json!({ "error": { "code": status, "message": message, "status": name } })
}

fn whole_body(call: &Call, answer: &Answer, shutdown: CancellationToken) -> Body {
    let body = if call.control.garbage {
        Bytes::from_static(b"\x00\xff<html>this is not an answer")
    } else {
        Bytes::from(chunk(call, &parts(answer), Some(answer)).to_string())
    };
    pace::whole_body(body, &call.control, shutdown)
}

fn stream_body(call: &Call, answer: &Answer, shutdown: CancellationToken) -> Body {
    let mut chunks = Vec::new();
    for part in parts(answer) {
        let text = part["text"].as_str().unwrap_or_default().to_owned();
        for piece in pieces(&text) {
            let mut part = part.clone();
            part["text"] = piece.into();
            chunks.push(event(&chunk(call, &[part], None)));
        }
        if text.is_empty() {
            chunks.push(event(&chunk(call, &[part], None)));
        }
    }
    chunks.push(event(&chunk(call, &[], Some(answer))));
    if call.control.garbage {
        chunks = vec![Bytes::from_static(b"\x00\xff<html>this is not a stream")];
    }
    let error = error(503, "the simulator was asked to fail in the middle of the stream");
    let bad = BadEvents {
        malformed: Bytes::from_static(b"data: {\"candidates\":[{\r\n\r\n"),
        error: event(&error),
    };
    pace::stream_body(chunks, &call.control, bad, shutdown)
}

fn event(data: &Value) -> Bytes {
    Bytes::from(format!("data: {data}\r\n\r\n"))
}

fn parts(answer: &Answer) -> Vec<Value> {
    let mut parts = Vec::new();
    if !answer.reasoning.is_empty() {
        parts.push(json!({ "text": answer.reasoning, "thought": true }));
    }
    if !answer.text.is_empty() {
        parts.push(json!({ "text": answer.text }));
    }
    for call in &answer.calls {
        let first = parts.iter().all(|part: &Value| part["functionCall"].is_null());
        let mut part = json!({ "functionCall": { "name": call.name, "args": call.arguments } });
        if first {
            // Only the first call of a step is proven.
            part["thoughtSignature"] = "c2ltdWxhdG9y".into();
        }
        parts.push(part);
    }
    parts
}

/// `end`: the last one, with the reason and the counts.
fn chunk(call: &Call, parts: &[Value], end: Option<&Answer>) -> Value {
    let mut chunk = json!({
        "candidates": [{ "content": { "role": "model", "parts": parts }, "index": 0 }],
        "modelVersion": call.model,
        "responseId": format!("sim{}", call.digest),
    });
    if let Some(answer) = end {
        let reason = if answer.finish == Finish::Length { "MAX_TOKENS" } else { "STOP" };
        chunk["candidates"][0]["finishReason"] = reason.into();
        if !call.control.no_usage {
            chunk["usageMetadata"] = call.control.usage.clone().unwrap_or_else(|| answer.tokens.google());
        }
    }
    chunk
}
