//! OpenAI's API, and the many servers that copy its chat completions.
//!
//! `openai` takes chat completions and responses as they are. `openai_chat` is a server that copies the first only, so
//! clients of the second are translated. `openai_responses` is asked in the second by everybody: some models answer
//! nowhere else. `simulator` is the built-in provider, which takes all three dialects.

use super::{CredentialError, Endpoint, Header, Provider, Target, Unsigned};
use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};
use crate::{chat, responses};

pub struct OpenAi {
    kind: &'static str,
    dialect: Dialect,
    speaks: &'static [Dialect],
}

pub static OPENAI: OpenAi =
    OpenAi { kind: "openai", dialect: Dialect::Chat, speaks: &[Dialect::Chat, Dialect::Responses] };
pub static OPENAI_CHAT: OpenAi =
    OpenAi { kind: "openai_chat", dialect: Dialect::Chat, speaks: &[Dialect::Chat] };
pub static OPENAI_RESPONSES: OpenAi =
    OpenAi { kind: "openai_responses", dialect: Dialect::Responses, speaks: &[Dialect::Responses] };
pub static SIMULATOR: OpenAi = OpenAi {
    kind: "simulator",
    dialect: Dialect::Chat,
    speaks: &[Dialect::Chat, Dialect::Responses, Dialect::Messages],
};

impl Provider for OpenAi {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn speaks(&self, client: Dialect) -> bool {
        self.speaks.contains(&client)
    }

    fn path(&self, target: &Target<'_>) -> Option<String> {
        let dialect = match target.endpoint {
            Endpoint::Generate => Some(self.dialect),
            Endpoint::Native(dialect) => Some(dialect).filter(|dialect| self.speaks(*dialect)),
            _ => None,
        };
        let path = match (target.endpoint, dialect) {
            (_, Some(Dialect::Chat)) => "/chat/completions",
            (_, Some(Dialect::Responses)) => "/responses",
            (_, Some(Dialect::Messages)) => "/messages",
            (Endpoint::CountTokens, _) if self.speaks(Dialect::Messages) => "/messages/count_tokens",
            (endpoint, _) => endpoint.usual_path()?,
        };
        Some(format!("{}{path}", target.base_path))
    }

    fn headers(&self, secret: Option<&str>, _request: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError> {
        Ok(secret.map(|secret| ("authorization", format!("Bearer {}", secret.trim()))).into_iter().collect())
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError> {
        match self.dialect {
            Dialect::Responses => responses::write_request(request, policy),
            _ => chat::write_request(request, policy),
        }
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError> {
        match self.dialect {
            Dialect::Responses => responses::read_response(body),
            _ => chat::read_response(body),
        }
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        match self.dialect {
            Dialect::Responses => responses::reader(),
            _ => chat::reader(),
        }
    }

    fn read_error(&self, status: u16, body: &[u8]) -> Fault {
        chat::read_error(status, body)
    }
}
