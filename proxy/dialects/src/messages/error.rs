//! `{"type": "error", "error": {type, message}}`.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::form::{Fault, FaultKind};

const NAMES: [(FaultKind, &str); 10] = [
    (FaultKind::InvalidRequest, "invalid_request_error"),
    (FaultKind::Authentication, "authentication_error"),
    (FaultKind::Billing, "billing_error"),
    (FaultKind::Permission, "permission_error"),
    (FaultKind::NotFound, "not_found_error"),
    (FaultKind::TooLarge, "request_too_large"),
    (FaultKind::RateLimited, "rate_limit_error"),
    (FaultKind::Timeout, "timeout_error"),
    (FaultKind::Overloaded, "overloaded_error"),
    (FaultKind::Internal, "api_error"),
];

pub fn read(status: u16, body: &[u8]) -> Fault {
    object(status, &serde_json::from_slice::<Value>(body).unwrap_or_default())
}

/// The whole event or body. `status` is 0 for one in a stream.
pub(super) fn object(status: u16, value: &Value) -> Fault {
    let error = &value["error"];
    let named = error["type"].as_str().and_then(|name| NAMES.iter().find(|(_, known)| *known == name));
    let kind = match named {
        Some((kind, _)) => *kind,
        None if status == 0 => FaultKind::Internal,
        None => FaultKind::of_status(status),
    };
    let status = if status == 0 { kind.status() } else { status };
    let message = match error["message"].as_str() {
        Some(message) => message.to_owned(),
        None => format!("The provider answered with status {status}."),
    };
    Fault { kind, status, message, code: None, param: None }
}

pub fn write(fault: &Fault) -> Bytes {
    Bytes::from(value(fault).to_string())
}

pub(super) fn value(fault: &Fault) -> Value {
    let name = NAMES.iter().find(|(kind, _)| *kind == fault.kind).map_or("api_error", |(_, name)| name);
    json!({"type": "error", "error": {"type": name, "message": fault.message}})
}
