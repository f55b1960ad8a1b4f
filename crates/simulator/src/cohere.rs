//! Cohere's wire: `POST /v2/chat`, whole and streamed, `/v2/embed`, `/v2/rerank`.

pub(crate) mod chat;
pub(crate) mod embed;
mod prompt;
pub(crate) mod rerank;
