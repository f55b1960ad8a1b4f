//! `{"message": …}`, with the kind of failure in a header, in `__type`, or told by the status alone.

use serde_json::Value;

use crate::form::{Fault, FaultKind};

pub(super) fn read(status: u16, body: &[u8]) -> Fault {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // `com.amazon.coral.service#AccessDeniedException`
    let name =
        body["__type"].as_str().map(|name| name.rsplit('#').next().unwrap_or(name)).unwrap_or_default();
    let message = message(&body).unwrap_or_else(|| format!("The provider answered with status {status}."));
    let kind = kind(name).unwrap_or_else(|| match status {
        // The model itself failed.
        424 => FaultKind::Internal,
        403 if is_about_the_credential(&message) => FaultKind::Authentication,
        _ => FaultKind::of_status(status),
    });
    fault(kind, status, message, name)
}

/// An exception in the middle of a stream.
pub(super) fn exception(name: &str, payload: &[u8]) -> Fault {
    let body: Value = serde_json::from_slice(payload).unwrap_or_default();
    let message =
        message(&body).unwrap_or_else(|| "The provider ended its stream with an exception.".to_owned());
    named(name, &message)
}

pub(super) fn named(name: &str, message: &str) -> Fault {
    let kind = kind(name).unwrap_or(FaultKind::Internal);
    fault(kind, kind.status(), message.to_owned(), name)
}

fn fault(kind: FaultKind, status: u16, message: String, name: &str) -> Fault {
    let too_long = kind == FaultKind::InvalidRequest
        && ["too long", "maximum context length", "too many input tokens"]
            .iter()
            .any(|words| message.to_ascii_lowercase().contains(words));
    let code = if too_long { "context_length_exceeded" } else { name };
    Fault { kind, status, message, code: (!code.is_empty()).then(|| code.to_owned()), param: None }
}

fn message(body: &Value) -> Option<String> {
    let message =
        [&body["message"], &body["Message"], &body["originalMessage"]].into_iter().find_map(Value::as_str);
    message.filter(|message| !message.is_empty()).map(str::to_owned)
}

/// Streams begin the names small.
fn kind(name: &str) -> Option<FaultKind> {
    let mut letters = name.chars();
    let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    Some(match name.as_str() {
        "ValidationException" => FaultKind::InvalidRequest,
        "AccessDeniedException" => FaultKind::Permission,
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException" => FaultKind::Authentication,
        "ResourceNotFoundException" => FaultKind::NotFound,
        "ThrottlingException" | "ServiceQuotaExceededException" => FaultKind::RateLimited,
        "ModelTimeoutException" => FaultKind::Timeout,
        "ServiceUnavailableException" | "ModelNotReadyException" => FaultKind::Overloaded,
        "InternalServerException" | "ModelStreamErrorException" | "ModelErrorException" => {
            FaultKind::Internal
        }
        _ => return None,
    })
}

fn is_about_the_credential(message: &str) -> bool {
    ["security token", "signature", "Authentication", "API Key"].iter().any(|words| message.contains(words))
}
