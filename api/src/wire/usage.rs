//! Token counts by class, as calls, spans and sums show them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tokens in disjoint classes: the sum of all is what was read and written, nothing twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUsage {
    pub in_uncached: u64,
    pub in_cache_read: u64,
    pub in_cache_write_5m: u64,
    pub in_cache_write_1h: u64,
    pub in_audio: u64,
    pub in_image: u64,
    pub out_text: u64,
    pub out_reasoning: u64,
    pub out_audio: u64,
}

/// Where the token counts came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// Reported by the provider.
    Provider,
    /// Counted by us, for an answer that came whole.
    Estimated,
    /// Counted by us up to where the answer was cut.
    Partial,
    /// Unknown.
    None,
}

impl TokenSource {
    pub fn parse(text: &str) -> Self {
        match text {
            "provider" => Self::Provider,
            "estimated" => Self::Estimated,
            "partial" => Self::Partial,
            _ => Self::None,
        }
    }
}
