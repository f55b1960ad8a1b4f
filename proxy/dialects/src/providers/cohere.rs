//! Cohere's chat, version 2.

mod error;
mod request;
mod response;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use wire::usage;

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};

/// `https://api.cohere.com/v2`.
pub struct Cohere;

impl Provider for Cohere {
    fn kind(&self) -> &'static str {
        "cohere"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Cohere
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Cohere
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let base = target.base_path;
        match target.endpoint {
            Endpoint::Generate => Some(format!("{base}/chat")),
            Endpoint::Rerank => Some(format!("{base}/rerank")),
            // Its own embeddings have another shape; beside them it copies OpenAI's.
            Endpoint::Embeddings => {
                let root = base.strip_suffix("/v2").unwrap_or(base);
                Some(format!("{root}/compatibility/v1/embeddings"))
            }
            _ => None,
        }
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(secret.map(|secret| ("authorization", format!("Bearer {}", secret.trim()))).into_iter().collect())
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        request::write(request, policy)
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
}
