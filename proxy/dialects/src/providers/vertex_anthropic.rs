//! Anthropic's models on Vertex AI: Anthropic's wire, with the model in the path instead of the body, and the version
//! in the body instead of a header.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned, address, gemini};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::messages;
use crate::policy::{Policy, RequestError};

const VERSION: &str = "vertex-2023-10-16";

/// `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`.
pub struct VertexAnthropic;

impl Provider for VertexAnthropic {
    fn kind(&self) -> &'static str {
        "vertex_anthropic"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Messages
    }

    /// Not even Anthropic's own: `model` in the body is refused, so each body is written anew.
    fn speaks(&self, _: Dialect) -> bool {
        false
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let model = match target.endpoint {
            Endpoint::Generate => address::encode(target.model, b"@"),
            Endpoint::CountTokens => "count-tokens".to_owned(),
            _ => return None,
        };
        let streams = target.stream && target.endpoint == Endpoint::Generate;
        let method = if streams { "streamRawPredict" } else { "rawPredict" };
        Some(format!("{}/publishers/anthropic/models/{model}:{method}", target.base_path))
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(gemini::google_headers(secret))
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        let mut written = messages::write_request(request, policy)?;
        written.body = versioned(&written.body, |body| {
            body.shift_remove("model");
        });
        Ok(written)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        messages::read_response(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        messages::reader()
    }

    /// Google's own errors, of credentials and quotas, come in its envelope; the model's in Anthropic's.
    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        if value["type"] == "error" {
            messages::read_error(status, body)
        } else {
            gemini::read_error(status, body)
        }
    }

    fn write_count(&self, request: &Request, policy: Policy) -> Option<Result<Bytes, RequestError>> {
        // Here the model stays in the body: the path names the counter.
        Some(messages::write_count(request, policy).map(|body| versioned(&body, |_| {})))
    }

    fn read_count(&self, body: &[u8]) -> Option<u64> {
        serde_json::from_slice::<Value>(body).ok()?["input_tokens"].as_u64()
    }
}

fn versioned(body: &[u8], change: impl FnOnce(&mut Map<String, Value>)) -> Bytes {
    let mut body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    change(&mut body);
    body.insert("anthropic_version".to_owned(), VERSION.into());
    Bytes::from(Value::Object(body).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::form::FaultKind;
    use crate::providers::testing::{json, target};
    use serde_json::json;

    const BASE: &str = "/v1/projects/p/locations/us-east5";

    #[test]
    fn the_model_stands_in_the_path_and_the_version_in_the_body() {
        let path = VertexAnthropic.path(&target(BASE, "claude-sonnet-4@20250514", true)).unwrap();
        assert_eq!(
            path,
            format!("{BASE}/publishers/anthropic/models/claude-sonnet-4@20250514:streamRawPredict")
        );
        let request = json!({"model": "claude-sonnet-4@20250514", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "Hi"}]});
        let request = messages::read_request(request.to_string().as_bytes()).unwrap();
        let body = json(&VertexAnthropic.write_request(&request, Policy::RefuseUnsupported).unwrap().body);
        assert_eq!(
            body,
            json!({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9, "stream": true, "anthropic_version": VERSION})
        );
        let count =
            Target { endpoint: Endpoint::CountTokens, ..target(BASE, "claude-sonnet-4@20250514", false) };
        assert_eq!(
            VertexAnthropic.path(&count).unwrap(),
            format!("{BASE}/publishers/anthropic/models/count-tokens:rawPredict")
        );
        let body = json(&VertexAnthropic.write_count(&request, Policy::RefuseUnsupported).unwrap().unwrap());
        assert_eq!((&body["model"], &body["max_tokens"]), (&json!("claude-sonnet-4@20250514"), &Value::Null));
    }

    #[test]
    fn errors_of_google_and_of_anthropic_are_both_read() {
        let google = br#"[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com","status":"RESOURCE_EXHAUSTED"}}]"#;
        assert_eq!(
            VertexAnthropic.read_error(429, google).message,
            "Quota exceeded for aiplatform.googleapis.com"
        );
        let anthropic = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        let fault = VertexAnthropic.read_error(529, anthropic);
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Overloaded, "Overloaded"));
    }
}
