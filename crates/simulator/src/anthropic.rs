//! Anthropic's wire: messages (streamed or whole) and the counting of tokens.

pub(crate) mod count_tokens;
mod error;
pub(crate) mod messages;
mod messages_prompt;
mod messages_stream;
mod request;
