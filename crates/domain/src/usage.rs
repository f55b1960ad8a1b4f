//! Token counts in disjoint classes: the sum of all is what the model read and wrote, nothing twice.

use serde::{Deserialize, Serialize};

/// Tokens of one call. Classes are disjoint: `in_uncached` excludes cached, audio and image input;
/// `out_text` excludes reasoning and audio output. Unit: tokens.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
pub struct Usage {
    #[prost(uint32, tag = "1")]
    pub in_uncached: u32,
    #[prost(uint32, tag = "2")]
    pub in_cache_read: u32,
    #[prost(uint32, tag = "3")]
    pub in_cache_write_5m: u32,
    #[prost(uint32, tag = "4")]
    pub in_cache_write_1h: u32,
    #[prost(uint32, tag = "5")]
    pub in_audio: u32,
    #[prost(uint32, tag = "6")]
    pub in_image: u32,
    #[prost(uint32, tag = "7")]
    pub out_text: u32,
    #[prost(uint32, tag = "8")]
    pub out_reasoning: u32,
    #[prost(uint32, tag = "9")]
    pub out_audio: u32,
}

impl Usage {
    pub fn input(&self) -> u64 {
        [
            self.in_uncached,
            self.in_cache_read,
            self.in_cache_write_5m,
            self.in_cache_write_1h,
            self.in_audio,
            self.in_image,
        ]
        .iter()
        .map(|&n| u64::from(n))
        .sum()
    }

    pub fn output(&self) -> u64 {
        [self.out_text, self.out_reasoning, self.out_audio].iter().map(|&n| u64::from(n)).sum()
    }

    pub fn total(&self) -> u64 {
        self.input() + self.output()
    }

    /// What two tries for one answer used together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            in_uncached: self.in_uncached.saturating_add(other.in_uncached),
            in_cache_read: self.in_cache_read.saturating_add(other.in_cache_read),
            in_cache_write_5m: self.in_cache_write_5m.saturating_add(other.in_cache_write_5m),
            in_cache_write_1h: self.in_cache_write_1h.saturating_add(other.in_cache_write_1h),
            in_audio: self.in_audio.saturating_add(other.in_audio),
            in_image: self.in_image.saturating_add(other.in_image),
            out_text: self.out_text.saturating_add(other.out_text),
            out_reasoning: self.out_reasoning.saturating_add(other.out_reasoning),
            out_audio: self.out_audio.saturating_add(other.out_audio),
        }
    }
}

/// Where the token counts came from. Stored with every call; never guessed silently.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum UsageSource {
    /// No usage is known (a refused call, an upstream that failed).
    None = 0,
    /// The provider reported it.
    Provider = 1,
    /// We counted it with a tokenizer, for an answer that came whole.
    Estimated = 2,
    /// We counted what was sent before the answer was cut or the client left.
    Partial = 3,
}
