//! Amazon Bedrock's Converse: one wire for the models of many makers, answers streamed as binary messages, and requests
//! signed with a key that never travels.

mod blocks;
mod credential;
mod error;
mod frames;
pub mod passed;
mod request;
mod response;
mod sign;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use wire::usage;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned, address};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};
use credential::Credential;

/// `https://bedrock-runtime.REGION.amazonaws.com`.
pub struct Bedrock;

impl Provider for Bedrock {
    fn kind(&self) -> &'static str {
        "bedrock"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Bedrock
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Bedrock
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let operation = match (target.endpoint, target.stream) {
            (Endpoint::Generate, false) => "converse",
            (Endpoint::Generate, true) => "converse-stream",
            (Endpoint::CountTokens, _) => "count-tokens",
            _ => return None,
        };
        // The id of a model may be an address with colons and slashes in it; it is one segment.
        Some(format!("{}/model/{}/{operation}", target.base_path, address::encode(target.model, b"")))
    }

    fn headers(&self, secret: Option<&str>, request: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        let Some(secret) = secret else { return Ok(Vec::new()) };
        Ok(match credential::read(secret, request.authority)? {
            Credential::ApiKey(key) => vec![("authorization", format!("Bearer {key}"))],
            Credential::Keys { access_key, secret_key, session, region } => {
                sign::Signer { access_key, secret_key, session, region, service: "bedrock" }.headers(request)
            }
        })
    }

    fn headers_are_static(&self) -> bool {
        false
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        let (body, dropped) = request::write(request, policy)?;
        Ok(Written { body: Bytes::from(Value::Object(body).to_string()), dropped })
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        response::read(body)
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        Box::new(stream::Reader::default())
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        error::read(status, body)
    }

    fn write_count(&self, request: &Request, policy: Policy) -> Option<Result<Bytes, RequestError>> {
        Some(request::write(request, policy).map(|(mut body, _)| {
            body.retain(|name, _| {
                matches!(name.as_str(), "messages" | "system" | "toolConfig" | "additionalModelRequestFields")
            });
            Bytes::from(json!({"input": {"converse": body}}).to_string())
        }))
    }

    fn read_count(&self, body: &[u8]) -> Option<u64> {
        serde_json::from_slice::<Value>(body).ok()?["inputTokens"].as_u64()
    }
}
