//! Token counts by class, as calls, spans and sums show them.

use aop_domain::price::Classes;
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

impl From<Classes> for TokenUsage {
    fn from(tokens: Classes) -> Self {
        Self {
            in_uncached: tokens.in_uncached,
            in_cache_read: tokens.in_cache_read,
            in_cache_write_5m: tokens.in_cache_write_5m,
            in_cache_write_1h: tokens.in_cache_write_1h,
            in_audio: tokens.in_audio,
            in_image: tokens.in_image,
            out_text: tokens.out_text,
            out_reasoning: tokens.out_reasoning,
            out_audio: tokens.out_audio,
        }
    }
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
