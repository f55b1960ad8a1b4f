//! Every spelling of a token count that providers behind OpenAI's wire use, as one flat set.
//!
//! A count that is absent, null or not a number is `None`; an explicit 0 is `Some(0)`.

use super::json;

/// The counts as reported. Which include which is for [`super::convention`] to say. Unit: tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// `prompt_tokens`: OpenAI chat, completions, embeddings.
    pub prompt: Option<u64>,
    /// `completion_tokens`.
    pub completion: Option<u64>,
    /// `input_tokens`: Anthropic, OpenAI responses.
    pub input: Option<u64>,
    /// `output_tokens`.
    pub output: Option<u64>,
    pub total: Option<u64>,
    /// `prompt_tokens_details.cached_tokens`, `input_tokens_details.cached_tokens`, `prompt_cache_hit_tokens`
    /// (DeepSeek), `cached_tokens` (Moonshot), `cache_read_input_tokens` (Anthropic).
    pub cache_read: Option<u64>,
    /// `prompt_cache_miss_tokens` (DeepSeek).
    pub cache_miss: Option<u64>,
    /// `cache_creation_input_tokens` (Anthropic), `cache_write_tokens`, `cache_creation_tokens` in the details.
    pub cache_write: Option<u64>,
    /// `cache_creation.ephemeral_5m_input_tokens` (Anthropic).
    pub cache_write_5m: Option<u64>,
    /// `cache_creation.ephemeral_1h_input_tokens` (Anthropic).
    pub cache_write_1h: Option<u64>,
    pub input_audio: Option<u64>,
    pub input_image: Option<u64>,
    /// `completion_tokens_details.reasoning_tokens`, `output_tokens_details.reasoning_tokens`.
    pub reasoning: Option<u64>,
    pub output_audio: Option<u64>,
    /// `cache_read_input_tokens` or `cache_creation_input_tokens` is there: Anthropic's own names.
    pub has_anthropic_names: bool,
}

impl Counts {
    /// These counts, and where they are silent those known before.
    pub fn or(self, before: Self) -> Self {
        Self {
            prompt: self.prompt.or(before.prompt),
            completion: self.completion.or(before.completion),
            input: self.input.or(before.input),
            output: self.output.or(before.output),
            total: self.total.or(before.total),
            cache_read: self.cache_read.or(before.cache_read),
            cache_miss: self.cache_miss.or(before.cache_miss),
            cache_write: self.cache_write.or(before.cache_write),
            cache_write_5m: self.cache_write_5m.or(before.cache_write_5m),
            cache_write_1h: self.cache_write_1h.or(before.cache_write_1h),
            input_audio: self.input_audio.or(before.input_audio),
            input_image: self.input_image.or(before.input_image),
            reasoning: self.reasoning.or(before.reasoning),
            output_audio: self.output_audio.or(before.output_audio),
            has_anthropic_names: self.has_anthropic_names || before.has_anthropic_names,
        }
    }
}

/// Reads a raw `usage` object. `None` when it holds no count that we know.
pub fn read(usage: &[u8]) -> Option<Counts> {
    let mut counts = Counts::default();
    for (key, value) in json::fields(usage) {
        match key {
            b"prompt_tokens" => counts.prompt = number(value),
            b"completion_tokens" => counts.completion = number(value),
            b"input_tokens" => counts.input = number(value),
            b"output_tokens" => counts.output = number(value),
            b"total_tokens" => counts.total = number(value),
            b"prompt_tokens_details" | b"input_tokens_details" | b"input_token_details" => {
                read_input_details(&mut counts, value)
            }
            b"completion_tokens_details" | b"output_tokens_details" | b"output_token_details" => {
                read_output_details(&mut counts, value)
            }
            b"prompt_cache_hit_tokens" | b"cached_tokens" => set_larger(&mut counts.cache_read, value),
            b"prompt_cache_miss_tokens" => counts.cache_miss = number(value),
            b"cache_read_input_tokens" => {
                counts.has_anthropic_names |= number(value).is_some();
                set_larger(&mut counts.cache_read, value);
            }
            b"cache_creation_input_tokens" => {
                counts.has_anthropic_names |= number(value).is_some();
                set_larger(&mut counts.cache_write, value);
            }
            b"cache_creation" => read_cache_creation(&mut counts, value),
            _ => {}
        }
    }
    let known = [counts.prompt, counts.completion, counts.input, counts.output, counts.total];
    known.iter().any(Option::is_some).then_some(counts)
}

fn read_input_details(counts: &mut Counts, details: &[u8]) {
    for (key, value) in json::fields(details) {
        match key {
            b"cached_tokens" => set_larger(&mut counts.cache_read, value),
            b"cache_write_tokens" | b"cache_creation_tokens" | b"cache_creation_input_tokens" => {
                set_larger(&mut counts.cache_write, value);
            }
            b"audio_tokens" => counts.input_audio = number(value),
            b"image_tokens" => counts.input_image = number(value),
            _ => {}
        }
    }
}

fn read_output_details(counts: &mut Counts, details: &[u8]) {
    for (key, value) in json::fields(details) {
        match key {
            b"reasoning_tokens" => counts.reasoning = number(value),
            b"audio_tokens" => counts.output_audio = number(value),
            _ => {}
        }
    }
}

fn read_cache_creation(counts: &mut Counts, creation: &[u8]) {
    counts.cache_write_5m = json::field(creation, "ephemeral_5m_input_tokens").and_then(number);
    counts.cache_write_1h = json::field(creation, "ephemeral_1h_input_tokens").and_then(number);
}

/// The same class may stand there under two names; a proxy in between often leaves one of them 0.
fn set_larger(count: &mut Option<u64>, value: &[u8]) {
    *count = (*count).max(number(value));
}

/// A JSON number as tokens: a negative one is 0, a fraction is cut.
fn number(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole);
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    // A float cast saturates: below 0 becomes 0.
    Some(number as u64)
}
