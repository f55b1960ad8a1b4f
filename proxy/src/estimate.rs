//! Token counts for calls whose provider reported none: dropped streams, servers without usage (M1).
//!
//! Counted with tiktoken in the model's encoding where that is public, with OpenAI's and a factor elsewhere.
//! The first 256 KB of a call's text are counted exactly, the rest in proportion. Images count as OpenAI bills
//! a common one; audio and files are not estimated; classes (cached, reasoning) are not told apart.
//!
//! Pure but slow (about 30 ms per MB, and some 50 MB of tables at first use): run it in `spawn_blocking`.

mod blocks;
mod counter;
mod request;

use aop_domain::usage::Usage;

use crate::stream::observe::Observed;
use crate::usage::json;
use counter::Counter;

/// The usage of a streamed call from what was sent and what passed before the end or the cut.
pub fn of_stream(model: &str, request: &[u8], observed: &Observed) -> Usage {
    let more_bytes = observed.text_bytes.saturating_sub(observed.kept_text_bytes());
    of_text(model, request, &observed.text(), more_bytes)
}

/// The usage of a call of any provider's own API, from what was sent and what its model said: `text`, and so many bytes more.
pub fn of_text(model: &str, request: &[u8], text: &str, more_bytes: u64) -> Usage {
    let mut output = Counter::new(model);
    output.text(text);
    output.skip(more_bytes);
    of(model, request, output.total())
}

/// The usage of a call whose answer came whole and reports none.
pub fn of_answer(model: &str, request: &[u8], answer: &[u8]) -> Usage {
    let mut output = Counter::new(model);
    for choice in json::field(answer, "choices").into_iter().flat_map(json::items) {
        if let Some(text) = json::field(choice, "text") {
            output.json_text(text);
        }
        for (key, value) in json::field(choice, "message").into_iter().flat_map(json::fields) {
            match key {
                b"content" | b"reasoning_content" | b"reasoning" | b"refusal" => output.json_text(value),
                b"tool_calls" => request::tool_calls(value, &mut output),
                _ => {}
            }
        }
    }
    for list in ["content", "output"] {
        if let Some(blocks) = json::field(answer, list) {
            blocks::list(blocks, &mut output);
        }
    }
    of(model, request, output.total())
}

/// The tokens of a request body alone, of any endpoint.
pub fn of_request(model: &str, request: &[u8]) -> Usage {
    of(model, request, 0)
}

fn of(model: &str, request: &[u8], output: u64) -> Usage {
    let mut input = Counter::new(model);
    request::count(request, &mut input);
    let tokens = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Usage { in_uncached: tokens(input.total()), out_text: tokens(output), ..Usage::default() }
}

#[cfg(test)]
mod tests;
