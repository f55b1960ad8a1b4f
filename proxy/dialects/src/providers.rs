//! The seam a provider plugs into: where it is called, how it is told who calls, and its dialect.
//!
//! A provider is one file or folder below this one and one row in `PROVIDERS`.

mod address;
pub mod anthropic;
pub mod azure;
pub mod bedrock;
pub mod cohere;
pub mod compatible;
pub mod continuing;
pub mod gemini;
mod names;
pub mod openai;
mod parts;
pub mod proof;
#[cfg(test)]
mod testing;
pub mod vertex_anthropic;

use bytes::Bytes;

use crate::dialect::{AnswerError, Dialect, StreamReader, Written};
use crate::form::{Fault, Request, Response};
use crate::policy::{Policy, RequestError};

/// A request that its client wrote in the provider's own dialect, and that has been read as one.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    pub dialect: Dialect,
    pub body: &'a [u8],
    /// The model's name at the provider.
    pub model: &'a str,
    /// What the client asked for beside the body.
    pub betas: &'a [String],
    pub policy: Policy,
    /// Only its tokens are to be counted.
    pub counts: bool,
}

/// What is asked of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// An answer by a model, in the provider's own dialect.
    Generate,
    /// As the client's dialect has it, when the provider speaks that too ([`Provider::speaks`]).
    Native(Dialect),
    CountTokens,
    Completions,
    Embeddings,
    Moderations,
    Rerank,
    ImageGenerations,
    ImageEdits,
    ImageVariations,
    Speech,
    Transcriptions,
    Translations,
}

impl Endpoint {
    /// Where OpenAI and those who copy it have what is no conversation. A rerank is not OpenAI's; those who copy it have it
    /// here.
    pub(crate) fn usual_path(self) -> Option<&'static str> {
        match self {
            Self::Completions => Some("/completions"),
            Self::Embeddings => Some("/embeddings"),
            Self::Moderations => Some("/moderations"),
            Self::Rerank => Some("/rerank"),
            Self::ImageGenerations => Some("/images/generations"),
            Self::ImageEdits => Some("/images/edits"),
            Self::ImageVariations => Some("/images/variations"),
            Self::Speech => Some("/audio/speech"),
            Self::Transcriptions => Some("/audio/transcriptions"),
            Self::Translations => Some("/audio/translations"),
            Self::Generate | Self::Native(_) | Self::CountTokens => None,
        }
    }
}

/// Where and what is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// Path of the provider's base URL, without a trailing slash.
    pub base_path: &'a str,
    /// The model's name at the provider.
    pub model: &'a str,
    pub endpoint: Endpoint,
    pub stream: bool,
}

/// A request that is ready but for its credential; what signatures are made over.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    pub method: &'a str,
    /// With the port where it is not the scheme's own.
    pub authority: &'a str,
    /// As [`Provider::path`] gave it.
    pub path_and_query: &'a str,
    pub body: &'a [u8],
    pub now_s: i64,
}

/// A header to send: lower-case name, value.
pub type Header = (&'static str, String);

/// The stored credential has not the shape this provider needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its credential is not of the form a {0} provider needs")]
pub struct CredentialError(pub &'static str);

pub trait Provider: Send + Sync {
    /// As stored in `Provider.kind`.
    fn kind(&self) -> &'static str;

    /// The dialect [`write_request`](Self::write_request) writes.
    fn dialect(&self) -> Dialect;

    /// Client dialects this provider takes as they are: their bytes pass verbatim.
    fn speaks(&self, client: Dialect) -> bool;

    /// Client dialects that it answers in: what it says passes verbatim, also where requests have to be written anew.
    fn answers(&self, client: Dialect) -> bool {
        self.speaks(client)
    }

    /// Path and query. `None`: this provider has no such endpoint.
    fn path(&self, target: &Target<'_>) -> Option<String>;

    /// Headers that say who calls, and those without which the provider takes no call. `secret` is the opened
    /// credential; `None` where the deployment has none.
    fn headers(&self, secret: Option<&str>, request: &Unsigned<'_>) -> Result<Vec<Header>, CredentialError>;

    /// Do the headers depend on nothing but the credential? Then they are made once, not for each call.
    fn headers_are_static(&self) -> bool {
        true
    }

    fn write_request(&self, request: &Request, policy: Policy) -> Result<Written, RequestError>;

    /// A request of this provider's own dialect as its client wrote it, changed only where this provider's way of taking it
    /// differs. `None`: it is written from the form like any other.
    fn rewrite(&self, _own: &Own<'_>) -> Option<Written> {
        None
    }

    fn read_response(&self, body: &[u8]) -> Result<Response, AnswerError>;

    fn stream_reader(&self) -> Box<dyn StreamReader>;

    fn read_error(&self, status: u16, body: &[u8]) -> Fault;

    /// The body that asks for a count of input tokens, where [`Endpoint::CountTokens`] exists.
    fn write_count(&self, _request: &Request, _policy: Policy) -> Option<Result<Bytes, RequestError>> {
        None
    }

    /// The count in the answer to that.
    fn read_count(&self, _body: &[u8]) -> Option<u64> {
        None
    }
}

static PROVIDERS: &[&dyn Provider] = &[
    &openai::OPENAI,
    &openai::OPENAI_CHAT,
    &openai::OPENAI_RESPONSES,
    &openai::SIMULATOR,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &gemini::Vertex,
    &vertex_anthropic::VertexAnthropic,
    &azure::Azure,
    &bedrock::Bedrock,
    &cohere::Cohere,
];

/// The provider of a kind, as stored in `Provider.kind`.
pub fn find(kind: &str) -> Option<&'static dyn Provider> {
    let copies = compatible::PRESETS.iter().map(|preset| preset as &'static dyn Provider);
    PROVIDERS.iter().copied().chain(copies).find(|provider| provider.kind() == kind)
}

/// The path of an API whose base URL people give with or without its version.
pub(crate) fn versioned(base_path: &str, version: &str, path: &str) -> String {
    let base_path = base_path.strip_suffix(version).unwrap_or(base_path);
    format!("{base_path}{version}{path}")
}
