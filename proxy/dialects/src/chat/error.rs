//! `{"error": {message, type, param, code}}`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::wire::text;
use crate::form::{Fault, FaultKind};

pub fn read(status: u16, body: &[u8]) -> Fault {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    object(status, if value["error"].is_null() { &value } else { &value["error"] })
}

/// The error object, which in a stream comes without a status.
pub(super) fn object(status: u16, error: &Value) -> Fault {
    let message = error.as_str().map_or_else(|| text(&error["message"]), str::to_owned);
    let message =
        if message.is_empty() { format!("The provider answered with status {status}.") } else { message };
    // Some servers send the code as a number.
    let code = match &error["code"] {
        Value::Null => None,
        Value::String(code) => Some(code.clone()),
        other => Some(other.to_string()),
    };
    let kind = match (error["type"].as_str(), code.as_deref()) {
        (_, Some("insufficient_quota")) => FaultKind::Billing,
        (_, Some("rate_limit_exceeded")) => FaultKind::RateLimited,
        (Some("invalid_request_error"), _) if status == 0 => FaultKind::InvalidRequest,
        (Some("overloaded_error"), _) => FaultKind::Overloaded,
        _ if status == 0 => FaultKind::Internal,
        _ => FaultKind::of_status(status),
    };
    let status = if status == 0 { kind.status() } else { status };
    Fault { kind, status, message, code, param: error["param"].as_str().map(str::to_owned) }
}

pub fn write(fault: &Fault) -> Bytes {
    Bytes::from(value(fault).to_string())
}

pub(super) fn value(fault: &Fault) -> Value {
    json!({"error": {
        "message": fault.message,
        "type": name(fault.kind),
        "param": fault.param,
        "code": fault.code,
    }})
}

fn name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::InvalidRequest | FaultKind::NotFound | FaultKind::TooLarge => "invalid_request_error",
        FaultKind::Authentication => "authentication_error",
        FaultKind::Billing => "insufficient_quota",
        FaultKind::Permission => "permission_error",
        FaultKind::RateLimited => "rate_limit_error",
        FaultKind::Timeout => "timeout_error",
        FaultKind::Overloaded => "overloaded_error",
        FaultKind::Internal => "server_error",
    }
}
