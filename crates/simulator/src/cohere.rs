//! Cohere's wire: `POST /v2/chat`, whole and streamed.

pub(crate) mod chat;
mod prompt;
pub(crate) mod rerank;
