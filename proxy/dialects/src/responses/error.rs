//! Error bodies are those of chat completions; in a stream an error is an event of its own.

use serde_json::{Value, json};

use crate::chat::text;
pub use crate::chat::{read_error as read, write_error as write};
use crate::form::{Fault, FaultKind};

/// `response.error` of a failed response, and the fields of an `error` event.
pub(super) fn object(error: &Value) -> Fault {
    let code = error["code"].as_str().map(str::to_owned);
    let kind = match code.as_deref() {
        Some("rate_limit_exceeded") => FaultKind::RateLimited,
        Some("insufficient_quota") => FaultKind::Billing,
        Some("server_is_overloaded" | "slow_down" | "overloaded_error") => FaultKind::Overloaded,
        Some(code) if code.starts_with("invalid_") => FaultKind::InvalidRequest,
        _ => FaultKind::Internal,
    };
    let param = error["param"].as_str().map(str::to_owned);
    Fault { code, param, ..Fault::new(kind, text(&error["message"])) }
}

/// The `error` event, on which the SDKs raise.
pub(super) fn event(fault: &Fault, sequence: u64) -> Value {
    let code = fault.code.as_deref().unwrap_or(match fault.kind {
        FaultKind::RateLimited => "rate_limit_exceeded",
        FaultKind::Billing => "insufficient_quota",
        FaultKind::Overloaded => "server_is_overloaded",
        FaultKind::InvalidRequest => "invalid_request",
        _ => "server_error",
    });
    // The SDKs raise on the inner object; the rest is the event as it is documented.
    json!({
        "type": "error",
        "error": {"type": "server_error", "code": code, "message": fault.message, "param": fault.param},
        "code": code,
        "message": fault.message,
        "param": fault.param,
        "sequence_number": sequence,
    })
}
