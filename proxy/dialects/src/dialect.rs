//! What a dialect can do: on the client's side, and for streams on either side.

use bytes::{Bytes, BytesMut};

use crate::form::{Fault, Request, Response, StreamEvent};
use crate::policy::RequestError;

/// A wire that models are called in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's chat completions, and all that copy it.
    Chat,
    /// Anthropic's messages.
    Messages,
    /// OpenAI's responses.
    Responses,
    Gemini,
    Bedrock,
    Cohere,
}

impl Dialect {
    /// For messages to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat completions",
            Self::Messages => "messages",
            Self::Responses => "responses",
            Self::Gemini => "Gemini",
            Self::Bedrock => "Bedrock",
            Self::Cohere => "Cohere",
        }
    }
}

/// A request for a provider, and what of it could not be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub body: Bytes,
    /// Names of fields left out, to be told to the client.
    pub dropped: Vec<String>,
}

/// A provider's answer that cannot be given to the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer {0}")]
pub struct AnswerError(pub String);

/// What the client's side of an answer needs beside the provider's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// The model name the client sent.
    pub model: String,
    /// For answers whose provider gives no id: unique, without a prefix.
    pub id: String,
    pub created_s: i64,
    /// The client wants usage at the end of its stream (chat only; the others always tell it).
    pub stream_usage: bool,
}

impl Answering {
    /// The model an answer names: some providers do not say which it was.
    pub(crate) fn model_of<'a>(&'a self, told: &'a str) -> &'a str {
        if told.is_empty() { &self.model } else { told }
    }
}

/// One of the dialects clients speak.
pub trait ClientDialect: Send + Sync {
    fn dialect(&self) -> Dialect;

    fn read_request(&self, body: &[u8]) -> Result<Request, RequestError>;

    fn write_response(&self, response: &Response, answering: &Answering) -> Result<Bytes, AnswerError>;

    fn stream_writer(&self, answering: Answering) -> Box<dyn StreamWriter>;

    /// The body of an error answer.
    fn write_error(&self, fault: &Fault) -> Bytes;
}

/// Reads a provider's stream: bytes in any pieces, events out. Holds at most a bounded number of bytes; what is larger
/// ends the stream with an error.
pub trait StreamReader: Send {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<StreamEvent>);

    /// The provider's body has ended cleanly. Servers that send no end of their own end here (`End`).
    fn finish(&mut self, events: &mut Vec<StreamEvent>);
}

/// Writes a client's stream. After an error it writes nothing that looks like an end: only the event the client's SDK
/// raises on.
pub trait StreamWriter: Send {
    fn write(&mut self, event: &StreamEvent, out: &mut BytesMut);
}
