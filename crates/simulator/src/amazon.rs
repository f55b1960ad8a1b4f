//! Amazon Bedrock's wire: `POST /model/{model}/converse`, and the same streamed as binary messages.

pub(crate) mod converse;
mod frames;
mod prompt;
