//! OpenAI's error envelope.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use bytes::Bytes;
use serde_json::{Value, json};

/// Why the request gets an error instead of an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) retry_after_s: Option<u32>,
}

impl Refusal {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { status: 400, code: "invalid_request", message: message.into(), retry_after_s: None }
    }

    pub(crate) fn unknown_model(model: &str) -> Self {
        let message = format!("the simulator has no model '{model}'; GET /v1/models lists its models");
        Self { status: 404, code: "model_not_found", message, retry_after_s: None }
    }

    pub(crate) fn unknown_file(id: &str) -> Self {
        let message = format!("the simulator has no file '{id}'");
        Self { status: 404, code: "file_not_found", message, retry_after_s: None }
    }

    /// The failure that a script asks for.
    pub(crate) fn scripted(status: u16, retry_after_s: Option<u32>) -> Self {
        let code = match status {
            401 => "invalid_api_key",
            429 => "rate_limit_exceeded",
            400..500 => "invalid_request",
            _ => "server_error",
        };
        Self {
            status,
            code,
            message: format!("the simulator was asked to fail with {status}"),
            retry_after_s,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body(self.code, &self.message))).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn body(code: &str, message: &str) -> Value {
    let kind = if code == "server_error" { "server_error" } else { "invalid_request_error" };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

/// The event a provider sends when it fails in the middle of a stream.
pub(crate) fn event() -> Bytes {
    let body = body("server_error", "the simulator was asked to fail in the middle of the stream");
    Bytes::from(format!("data: {body}\n\n"))
}

/// The same in a stream of named events.
pub(crate) fn named_event() -> Bytes {
    let message = "the simulator was asked to fail in the middle of the stream";
    let body = json!({ "type": "error", "error": { "type": "server_error", "code": "server_error", "message": message, "param": null } });
    Bytes::from(format!("event: error\ndata: {body}\n\n"))
}
