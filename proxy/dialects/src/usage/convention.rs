//! Which counts include which: the one place that knows it.
//!
//! | who | input | output |
//! |---|---|---|
//! | OpenAI, and nearly all that copy it | `prompt_tokens` includes cached, written, audio and image tokens | `completion_tokens` includes reasoning and audio |
//! | OpenAI responses | `input_tokens` includes cached | `output_tokens` includes reasoning |
//! | Anthropic | `input_tokens` excludes cache reads and writes | `output_tokens` includes thinking |
//! | DeepSeek | `prompt_tokens` = hit + miss | as OpenAI |
//! | xAI, Gemini's OpenAI endpoint | as OpenAI | `completion_tokens` excludes reasoning: `total_tokens` tells |
//! | some shims over Anthropic | `prompt_tokens` excludes cache: `total_tokens` tells | as OpenAI |
//!
//! Parts never exceed their whole: what does is clamped, in the order cached, written, audio, image.

use aop_domain::usage::Usage;

use super::counts::Counts;

/// The counts as disjoint classes.
pub fn disjoint(counts: &Counts) -> Usage {
    let (write_5m, write_1h) = cache_writes(counts);
    let read = counts.cache_read.unwrap_or(0);
    let mut input = Whole(whole_input(counts, read, write_5m.saturating_add(write_1h)));
    let in_cache_read = input.take(read);
    let in_cache_write_5m = input.take(write_5m);
    let in_cache_write_1h = input.take(write_1h);
    let in_audio = input.take(counts.input_audio.unwrap_or(0));
    let in_image = input.take(counts.input_image.unwrap_or(0));

    let mut output = Whole(whole_output(counts));
    let out_reasoning = output.take(counts.reasoning.unwrap_or(0));
    let out_audio = output.take(counts.output_audio.unwrap_or(0));
    Usage {
        in_uncached: input.rest(),
        in_cache_read,
        in_cache_write_5m,
        in_cache_write_1h,
        in_audio,
        in_image,
        out_text: output.rest(),
        out_reasoning,
        out_audio,
    }
}

/// Written tokens whose lifetime is not told are the short kind.
fn cache_writes(counts: &Counts) -> (u64, u64) {
    let long = counts.cache_write_1h.unwrap_or(0);
    let short = counts.cache_write_5m.unwrap_or(0);
    let all = counts.cache_write.unwrap_or(0);
    (short.max(all.saturating_sub(long)), long)
}

/// All input tokens, whatever their class.
fn whole_input(counts: &Counts, read: u64, written: u64) -> u64 {
    let cached = read.saturating_add(written);
    if let Some(prompt) = counts.prompt {
        let told_apart = prompt.saturating_add(cached).saturating_add(counts.completion.unwrap_or(0));
        let excludes = cached > 0 && counts.total == Some(told_apart);
        return if excludes { prompt.saturating_add(cached) } else { prompt };
    }
    if let Some(input) = counts.input {
        return if counts.has_anthropic_names { input.saturating_add(cached) } else { input };
    }
    if let Some(miss) = counts.cache_miss {
        return miss.saturating_add(read);
    }
    // Some embedding servers report a total and nothing else.
    counts.total.unwrap_or(0).saturating_sub(counts.completion.or(counts.output).unwrap_or(0))
}

fn whole_output(counts: &Counts) -> u64 {
    let output = counts.completion.or(counts.output).unwrap_or(0);
    let reasoning = counts.reasoning.unwrap_or(0);
    let Some(total) = counts.total else { return output.max(reasoning) };
    let input = counts.prompt.or(counts.input).unwrap_or(0);
    let told_apart = input.saturating_add(output).saturating_add(reasoning);
    if reasoning > 0 && total == told_apart { output.saturating_add(reasoning) } else { output }
}

/// What is left of a whole while its parts are taken out.
struct Whole(u64);

impl Whole {
    fn take(&mut self, part: u64) -> u32 {
        let taken = part.min(self.0);
        self.0 -= taken;
        u32::try_from(taken).unwrap_or(u32::MAX)
    }

    fn rest(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}
