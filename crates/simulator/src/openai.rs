//! OpenAI's wire: chat completions, responses, completions, embeddings, models.

pub(crate) mod chat;
mod chat_prompt;
mod chat_stream;
pub(crate) mod completions;
pub(crate) mod embeddings;
mod error;
pub(crate) mod models;
mod request;
pub(crate) mod responses;
mod responses_prompt;
mod responses_stream;
