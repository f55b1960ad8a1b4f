//! Providers that copy OpenAI's chat completions, each with its own omissions. One table says what they are; the rest is
//! the chat dialect.

mod mistral;
mod presets;
mod request;
#[cfg(test)]
mod tests;

pub use presets::{PRESETS, Preset};

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned};
use crate::chat;
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};

impl Provider for Preset {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn dialect(&self) -> Dialect {
        Dialect::Chat
    }

    fn speaks(&self, client: Dialect) -> bool {
        client == Dialect::Chat && self.takes_chat_as_it_is
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let path = match target.endpoint {
            Endpoint::Generate => "/chat/completions",
            Endpoint::Native(dialect) if self.speaks(dialect) => "/chat/completions",
            Endpoint::Embeddings if !self.embeds => return None,
            Endpoint::Completions if !self.completes => return None,
            endpoint @ (Endpoint::Embeddings | Endpoint::Completions) => endpoint.usual_path()?,
            endpoint if self.also.contains(&endpoint) => endpoint.usual_path()?,
            _ => return None,
        };
        Some(format!("{}{path}", target.base_path))
    }

    fn headers(&self, secret: Option<&str>, _: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(secret.map(|secret| ("authorization", format!("Bearer {}", secret.trim()))).into_iter().collect())
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        request::write(self, request, policy)
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        if self.thinks_in_content { mistral::read_response(body) } else { chat::read_response(body) }
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        if self.thinks_in_content { mistral::reader() } else { chat::reader() }
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        chat::read_error(status, body)
    }
}
