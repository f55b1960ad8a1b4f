//! What a call said and got: its bodies taken apart into pieces that are stored once each, by hash.
//!
//! Agents resend their whole history with every call. A piece (a message, a list of tools, a prompt, a body that is
//! none of these) is brought to one canonical form and named by the BLAKE3 hash of it, so the same message is the same
//! piece in every call, whether it came as an answer or went back as history. The call itself keeps the list of hashes.
//!
//! A body is read by its shape, not by the name of the endpoint; one that cannot be read is kept whole as a `raw` piece.
//! Nothing here fails: content never keeps a call out of the ledger.

use serde_json::Value;

mod canonical;
mod fold;
mod google;
mod preview;
mod repeat;
mod request;
mod response;
mod sse;
#[cfg(test)]
mod tests;
mod turns;

pub(crate) use canonical::Hash;

/// One piece of content, stored once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) hash: Hash,
    /// `system`, `user`, `assistant`, `tool`, ...; `tools`, `input` or `raw` for what is no message.
    pub(crate) role: String,
    /// Canonical JSON.
    pub(crate) content: String,
}

impl Piece {
    fn new(role: &str, mut value: Value) -> Self {
        value.sort_all_objects();
        let content = value.to_string();
        Self { hash: canonical::hash(content.as_bytes()), role: role.to_owned(), content }
    }

    /// A body that is no JSON of a known shape. Bytes that are not UTF-8 are replaced: a piece is JSON text.
    fn raw(body: &[u8]) -> Self {
        Self::new("raw", Value::String(String::from_utf8_lossy(body).into_owned()))
    }
}

/// Both bodies of a call, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Content {
    pub(crate) inputs: Vec<Piece>,
    pub(crate) outputs: Vec<Piece>,
    pub(crate) tools: Option<Piece>,
    /// JSON: the request without messages and tools.
    pub(crate) params: String,
    /// JSON: the response without its messages.
    pub(crate) response: String,
    pub(crate) input_preview: String,
    pub(crate) output_preview: String,
    /// Tools that the model called, each once, in order.
    pub(crate) tool_names: Vec<String>,
    /// The answer without its ids; 0: it says nothing.
    pub(crate) answer_key: u64,
}

impl Content {
    /// `response_is_sse`: the body is the transcript of a stream.
    pub(crate) fn of(request: &[u8], response: &[u8], response_is_sse: bool) -> Self {
        let mut content = Self::default();
        if !request.is_empty() {
            request::take_apart(request, &mut content);
        }
        if !response.is_empty() {
            response::take_apart(response, response_is_sse, &mut content);
        }
        content
    }
}
