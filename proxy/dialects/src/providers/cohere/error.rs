//! `{"message": …}`, with statuses of which a few are Cohere's own.

use serde_json::Value;

use crate::form::{Fault, FaultKind};

pub(super) fn read(status: u16, body: &[u8]) -> Fault {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = body["message"].as_str().filter(|message| !message.is_empty());
    let message =
        message.map_or_else(|| format!("The provider answered with status {status}."), str::to_owned);
    let kind = match status {
        // A token that is not valid.
        498 => FaultKind::Authentication,
        // The request was cancelled.
        499 => FaultKind::Timeout,
        _ => FaultKind::of_status(status),
    };
    let words = message.to_ascii_lowercase();
    let too_long = kind == FaultKind::InvalidRequest && words.contains("too many tokens");
    let code = too_long.then(|| "context_length_exceeded".to_owned());
    Fault { kind, status, message, code, param: None }
}
