//! Anthropic's error envelope.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use serde_json::{Value, json};

/// Why the request gets an error instead of an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
    retry_after_s: Option<u32>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_s: None }
    }

    pub(crate) fn scripted(status: u16, retry_after_s: Option<u32>) -> Self {
        let message = format!("the simulator was asked to fail with {status}");
        Self { status, message, retry_after_s }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body(kind(self.status), &self.message))).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        400..500 => "invalid_request_error",
        _ => "api_error",
    }
}

fn body(kind: &str, message: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message } })
}

/// The event a provider sends when it fails in the middle of a stream.
pub(crate) fn event() -> Bytes {
    let body = body("overloaded_error", "the simulator was asked to fail in the middle of the stream");
    Bytes::from(format!("event: error\ndata: {body}\n\n"))
}
