//! Google's Gemini API, and the same wire on Vertex AI.
//!
//! Thinking is proven by a signature that stands on the part after it. In the form the signature belongs to the
//! thinking before a tool call, or follows the text it stood on; `contents.rs` puts it back.

mod contents;
mod error;
mod request;
mod response;
mod stream;
#[cfg(test)]
mod tests;
mod tools;
mod wire;

pub(crate) use wire::usage;

pub(super) use error::read as read_error;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned, address};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};

/// Google AI: `https://generativelanguage.googleapis.com/v1beta`, with an API key.
pub struct Gemini;

/// Vertex AI: `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`, with an access token, or
/// in express mode `https://aiplatform.googleapis.com/v1` with an API key.
pub struct Vertex;

/// `models/x:generateContent` and its siblings, after the path of the models.
fn method(target: &Target<'_>) -> Option<&'static str> {
    match (target.endpoint, target.stream) {
        (Endpoint::Generate, false) => Some("generateContent"),
        (Endpoint::Generate, true) => Some("streamGenerateContent?alt=sse"),
        (Endpoint::CountTokens, _) => Some("countTokens"),
        _ => None,
    }
}

impl Provider for Gemini {
    fn kind(&self) -> &'static str {
        "gemini"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Gemini
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let method = method(target)?;
        Some(format!("{}/{}:{method}", target.base_path, resource(target.model)))
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(secret.map(|key| ("x-goog-api-key", key.to_owned())).into_iter().collect())
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        request::write(request, policy, wire::House::Gemini)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        response::read(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        stream::reader()
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        error::read(status, body)
    }

    fn write_count(&self, request: &Request, policy: Policy) -> Option<Result<Bytes, RequestError>> {
        let body = request::write_value(request, policy, wire::House::Gemini).map(|(mut body, _)| {
            body.insert("model".to_owned(), resource(&request.model).into());
            Bytes::from(json!({"generateContentRequest": body}).to_string())
        });
        Some(body)
    }

    fn read_count(&self, body: &[u8]) -> Option<u64> {
        total_tokens(body)
    }
}

impl Provider for Vertex {
    fn kind(&self) -> &'static str {
        "vertex"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Gemini
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let method = method(target)?;
        let model = address::encode(target.model, b"/@");
        // A model that is not Google's own, or a tuned one, is named with its publisher or as an endpoint.
        let resource = if model.contains('/') { model } else { format!("publishers/google/models/{model}") };
        Some(format!("{}/{resource}:{method}", target.base_path))
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(google_headers(secret))
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        request::write(request, policy, wire::House::Vertex)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        response::read(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        stream::reader()
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        error::read(status, body)
    }

    fn write_count(&self, request: &Request, policy: Policy) -> Option<Result<Bytes, RequestError>> {
        let body = request::write_value(request, policy, wire::House::Vertex).map(|(mut body, _)| {
            // This endpoint knows no other fields.
            body.retain(|name, _| matches!(name.as_str(), "contents" | "systemInstruction" | "tools"));
            Bytes::from(Value::Object(body).to_string())
        });
        Some(body)
    }

    fn read_count(&self, body: &[u8]) -> Option<u64> {
        total_tokens(body)
    }
}

/// `models/x`; a tuned model is named with its own folder.
fn resource(model: &str) -> String {
    let model = address::encode(model, b"/");
    if model.contains('/') { model } else { format!("models/{model}") }
}

/// Google's API keys begin with `AIza` or `AQ.`; all else is an OAuth access token.
pub(super) fn google_headers(secret: Option<&str>) -> Vec<Header> {
    let header = secret.map(|secret| {
        if secret.starts_with("AIza") || secret.starts_with("AQ.") {
            ("x-goog-api-key", secret.to_owned())
        } else {
            ("authorization", format!("Bearer {secret}"))
        }
    });
    header.into_iter().collect()
}

fn total_tokens(body: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(body).ok()?["totalTokens"].as_u64()
}
