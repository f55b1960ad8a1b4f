//! Anthropic's API, and whatever speaks its wire under another address.

use bytes::Bytes;

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned, versioned};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::messages;
use crate::policy::{Policy, RequestError};

/// Sent when the client names no version of its own.
pub const VERSION: &str = "2023-06-01";

pub struct Anthropic;

impl Provider for Anthropic {
    fn kind(&self) -> &'static str {
        "anthropic"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Messages
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Messages
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let path = match target.endpoint {
            Endpoint::Generate | Endpoint::Native(Dialect::Messages) => "/messages",
            Endpoint::CountTokens => "/messages/count_tokens",
            _ => return None,
        };
        Some(versioned(target.base_path, "/v1", path))
    }

    fn headers(&self, secret: Option<&str>, _request: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        let mut headers = vec![("anthropic-version", VERSION.to_owned())];
        headers.extend(secret.map(|secret| ("x-api-key", secret.trim().to_owned())));
        Ok(headers)
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        messages::write_request(request, policy)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        messages::read_response(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        messages::reader()
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        messages::read_error(status, body)
    }

    fn write_count(&self, request: &Request, policy: Policy) -> Option<Result<Bytes, RequestError>> {
        Some(messages::write_count(request, policy))
    }

    fn read_count(&self, body: &[u8]) -> Option<u64> {
        serde_json::from_slice::<serde_json::Value>(body).ok()?["input_tokens"].as_u64()
    }
}
