//! OpenAI's wire: chat completions, responses, completions, embeddings, moderations, images, audio, files, models; and the
//! rerank that those who copy it have.

pub(crate) mod chat;
pub(crate) mod chat_prompt;
pub(crate) mod chat_stream;
pub(crate) mod completions;
pub(crate) mod embeddings;
pub(crate) mod error;
pub(crate) mod files;
mod form;
pub(crate) mod images;
pub(crate) mod models;
pub(crate) mod moderations;
pub(crate) mod request;
pub(crate) mod rerank;
pub(crate) mod responses;
mod responses_prompt;
mod responses_stream;
pub(crate) mod speech;
pub(crate) mod transcriptions;
