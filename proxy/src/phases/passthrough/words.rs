//! In whose words the caller of a provider's own API is told of the gateway's errors: in those of the API it called, so
//! that its SDK raises what it raises for the provider's. Known by the path alone, because a call may be refused before
//! anything else is known.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::call::Call;
use crate::endpoint::Operation;
use crate::refusal::Refusal;
use crate::translate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Google,
    Cohere,
    /// Of one of the gateway's own dialects.
    Ours(Option<Operation>),
}

pub(crate) fn error_body(call: &Call, refusal: &Refusal) -> Bytes {
    match words(call) {
        Words::Google => Bytes::from(google(refusal).to_string()),
        Words::Cohere => Bytes::from(
            json!({ "id": call.id, "message": refusal.message, "error": fields(refusal) }).to_string(),
        ),
        Words::Ours(operation) => translate::error_body(operation, refusal),
    }
}

/// Of a stream. Cohere has no event for it but an end with a reason; the connection is cut behind it.
pub(crate) fn error_event(call: &Call, refusal: &Refusal) -> Bytes {
    match words(call) {
        Words::Google => Bytes::from(format!("data: {}\r\n\r\n", google(refusal))),
        Words::Cohere => {
            let delta = json!({ "finish_reason": "ERROR", "error": refusal.message });
            let end = json!({ "type": "message-end", "delta": delta });
            Bytes::from(format!("event: message-end\ndata: {end}\n\n"))
        }
        Words::Ours(operation) => translate::error_event(operation, refusal),
    }
}

fn words(call: &Call) -> Words {
    match &call.path.passed {
        Some((_, path)) => of(path, call.operation),
        None => Words::Ours(call.operation),
    }
}

fn of(path: &str, operation: Option<Operation>) -> Words {
    let path = path.trim_end_matches('/');
    let mut segments = path.rsplit('/');
    let (last, before) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let is_method = |(name, method): (&str, &str)| {
        !name.is_empty() && !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    match last {
        "messages" | "count_tokens" => Words::Ours(Some(Operation::Messages)),
        "responses" => Words::Ours(Some(Operation::Responses)),
        "chat" | "embed" | "rerank" | "tokenize" | "classify" => Words::Cohere,
        _ if before == "models" && last.split_once(':').is_some_and(is_method) => Words::Google,
        _ if path.starts_with("/v1beta/") => Words::Google,
        _ => Words::Ours(operation),
    }
}

fn google(refusal: &Refusal) -> Value {
    let status = refusal.code.http_status();
    let name = match status {
        401 => "UNAUTHENTICATED",
        402 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        400..500 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
    // What it is in our words (and the limit that was reached): details say more than one of their names.
    let mut told = fields(refusal);
    if let Some(told) = told.as_object_mut() {
        told.remove("message");
        told.retain(|_, value| !value.is_null());
        // Theirs are texts.
        for value in told.values_mut().filter(|value| !value.is_string()) {
            *value = value.to_string().into();
        }
    }
    json!({ "error": { "code": status, "message": refusal.message, "status": name, "details": [{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": refusal.code.as_str().to_ascii_uppercase(),
        "domain": "gateway",
        "metadata": told,
    }] } })
}

fn fields(refusal: &Refusal) -> Value {
    let mut body: Value = serde_json::from_str(&refusal.body()).unwrap_or_default();
    body["error"].take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Code;

    #[test]
    fn the_path_says_whose_words() {
        let passed = Some(Operation::Passthrough);
        for (path, expected) in [
            ("/v1beta/models/gemini-2.5-pro:streamGenerateContent", Words::Google),
            ("/v1/projects/p/locations/l/publishers/google/models/m:generateContent", Words::Google),
            ("/v1beta/files", Words::Google),
            ("/v2/chat", Words::Cohere),
            ("/embed", Words::Cohere),
            ("/v1/messages", Words::Ours(Some(Operation::Messages))),
            ("/v1/responses/", Words::Ours(Some(Operation::Responses))),
            ("/v1/chat/completions", Words::Ours(passed)),
            ("/v1/models/ft:gpt-4o", Words::Ours(passed)),
            ("/model/a.b-v1:0/converse", Words::Ours(passed)),
            ("", Words::Ours(passed)),
        ] {
            assert_eq!(of(path, passed), expected, "{path}");
        }
    }

    #[test]
    fn googles_clients_read_a_number_a_name_and_a_sentence() {
        let error = google(&Refusal::new(Code::BudgetExceeded, "It is used up."))["error"].take();
        assert_eq!((error["code"].as_u64(), error["message"].as_str()), (Some(402), Some("It is used up.")));
        assert_eq!(error["status"], "FAILED_PRECONDITION");
        assert_eq!(error["details"][0]["reason"], "BUDGET_EXCEEDED");
        assert_eq!(error["details"][0]["metadata"]["code"], "budget_exceeded");
        // Their SDK raises on an event that begins so, and on no other.
        assert!(google(&Refusal::new(Code::UpstreamCut, "x")).to_string().starts_with(r#"{"error":"#));
    }
}
