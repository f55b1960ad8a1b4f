//! `{"error": {code, message, status, details}}`; from some endpoints inside a list.

use serde_json::Value;

use crate::form::{Fault, FaultKind};

pub(in crate::providers) fn read(status: u16, body: &[u8]) -> Fault {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = if body.is_array() { &body[0]["error"] } else { &body["error"] };
    object(error, Some(status))
}

/// The error object; in a stream it comes without an HTTP status, but repeats it in `code`.
pub(super) fn object(error: &Value, http_status: Option<u16>) -> Fault {
    let told = error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
    let status = http_status.or(told).unwrap_or(500);
    let message = error["message"].as_str().filter(|message| !message.is_empty());
    let message =
        message.map_or_else(|| format!("The provider answered with status {status}."), str::to_owned);
    let name = error["status"].as_str().unwrap_or_default();
    let kind = kind(name, error, status);
    let too_long =
        kind == FaultKind::InvalidRequest && message.contains("exceeds the maximum number of tokens");
    let code = if too_long { "context_length_exceeded".to_owned() } else { name.to_ascii_lowercase() };
    Fault { kind, status, message, code: (!code.is_empty()).then_some(code), param: field(error) }
}

fn kind(name: &str, error: &Value, status: u16) -> FaultKind {
    match name {
        // A key that is wrong is an invalid argument here.
        "INVALID_ARGUMENT" if has_reason(error, "API_KEY_INVALID") => FaultKind::Authentication,
        "INVALID_ARGUMENT" | "OUT_OF_RANGE" => FaultKind::InvalidRequest,
        "FAILED_PRECONDITION" => FaultKind::Billing,
        "UNAUTHENTICATED" => FaultKind::Authentication,
        "PERMISSION_DENIED" => FaultKind::Permission,
        "NOT_FOUND" => FaultKind::NotFound,
        "RESOURCE_EXHAUSTED" => FaultKind::RateLimited,
        "UNAVAILABLE" => FaultKind::Overloaded,
        "DEADLINE_EXCEEDED" => FaultKind::Timeout,
        "INTERNAL" | "UNKNOWN" => FaultKind::Internal,
        _ => FaultKind::of_status(status),
    }
}

fn details<'a>(error: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let details = error["details"].as_array().into_iter().flatten();
    details.filter(move |detail| detail["@type"].as_str().is_some_and(|name| name.ends_with(kind)))
}

fn has_reason(error: &Value, reason: &str) -> bool {
    details(error, "google.rpc.ErrorInfo").any(|detail| detail["reason"] == reason)
}

fn field(error: &Value) -> Option<String> {
    let violation = details(error, "google.rpc.BadRequest")
        .find_map(|detail| detail["fieldViolations"][0]["field"].as_str());
    violation.map(str::to_owned)
}
