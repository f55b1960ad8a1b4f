//! Plausible token counts, and the usage objects of all wires.

use serde_json::{Value, json};

/// Tokens of a text: a quarter of its ASCII bytes, rounded up, and one for each other character.
pub(crate) fn tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count() as u64;
    let other = text.chars().filter(|c| !c.is_ascii()).count() as u64;
    ascii.div_ceil(4) + other
}

/// Tokens of one call. `input` includes every class of input, `output` includes reasoning and audio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) input_audio: u64,
    pub(crate) input_image: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    pub(crate) output_audio: u64,
}

impl Tokens {
    /// `sim-usage`: a share of the tokens in every class there is.
    pub(crate) fn in_every_class(mut self) -> Self {
        let eighth = self.input / 8;
        (self.cached, self.cache_write_5m, self.cache_write_1h) = (eighth * 2, eighth, eighth);
        (self.input_audio, self.input_image) = (eighth, eighth);
        self.reasoning = self.output / 4;
        self.output_audio = self.output / 8;
        self
    }

    pub(crate) fn openai(&self) -> Value {
        json!({
            "prompt_tokens": self.input,
            "completion_tokens": self.output,
            "total_tokens": self.input + self.output,
            "prompt_tokens_details": {
                "cached_tokens": self.cached,
                "cache_write_tokens": self.cache_write_5m + self.cache_write_1h,
                "audio_tokens": self.input_audio,
                "image_tokens": self.input_image,
            },
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning,
                "audio_tokens": self.output_audio,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }

    pub(crate) fn responses(&self) -> Value {
        json!({
            "input_tokens": self.input,
            "input_tokens_details": { "cached_tokens": self.cached },
            "output_tokens": self.output,
            "output_tokens_details": { "reasoning_tokens": self.reasoning },
            "total_tokens": self.input + self.output,
        })
    }

    /// Google counts thoughts beside the answer, and tells what input was by its modality.
    pub(crate) fn google(&self) -> Value {
        let text = self.input - self.input_audio - self.input_image;
        let details = [("TEXT", text), ("AUDIO", self.input_audio), ("IMAGE", self.input_image)];
        let details: Vec<Value> = details
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(modality, count)| json!({ "modality": modality, "tokenCount": count }))
            .collect();
        json!({
            "promptTokenCount": self.input,
            "cachedContentTokenCount": self.cached,
            "candidatesTokenCount": self.output - self.reasoning,
            "thoughtsTokenCount": self.reasoning,
            "totalTokenCount": self.input + self.output,
            "promptTokensDetails": details,
            "candidatesTokensDetails": [{ "modality": "AUDIO", "tokenCount": self.output_audio }],
        })
    }

    /// Amazon's `inputTokens` excludes what was read from or written to the cache.
    pub(crate) fn amazon(&self) -> Value {
        let written = self.cache_write_5m + self.cache_write_1h;
        json!({
            "inputTokens": self.input - self.cached - written,
            "outputTokens": self.output,
            "totalTokens": self.input + self.output,
            "cacheReadInputTokens": self.cached,
            "cacheWriteInputTokens": written,
            "cacheDetails": [
                { "ttl": "5m", "inputTokens": self.cache_write_5m },
                { "ttl": "1h", "inputTokens": self.cache_write_1h },
            ],
        })
    }

    /// Cohere bills less than its models read: what it puts around a prompt is not charged.
    pub(crate) fn cohere(&self) -> Value {
        json!({
            "billed_units": { "input_tokens": self.input, "output_tokens": self.output },
            "tokens": { "input_tokens": self.input + 60, "output_tokens": self.output + 2 },
        })
    }

    /// Anthropic's `input_tokens` excludes what was read from or written to the cache.
    pub(crate) fn anthropic(&self) -> Value {
        let written = self.cache_write_5m + self.cache_write_1h;
        json!({
            "input_tokens": self.input - self.cached - written,
            "cache_read_input_tokens": self.cached,
            "cache_creation_input_tokens": written,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.cache_write_5m,
                "ephemeral_1h_input_tokens": self.cache_write_1h,
            },
            "output_tokens": self.output,
        })
    }
}
