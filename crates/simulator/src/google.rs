//! Google's wire: `POST /v1beta/models/{model}:generateContent`, streamed, and counted; the same on Vertex AI's paths.

pub(crate) mod generate;
mod prompt;
