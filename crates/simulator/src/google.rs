//! Google's wire: `POST /v1beta/models/{model}:generateContent`, streamed, counted, and embedded; the same on Vertex AI's paths.

mod embed;
pub(crate) mod generate;
mod prompt;
