//! Counts text in a model's encoding, within a budget.

use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

use crate::usage::json;

/// Bytes counted exactly; more is taken in proportion.
const EXACT_BYTES: usize = 256 << 10;

/// A run without a border between words is cut here: the encoder's time grows with the square of a run's
/// length (5 MB of one letter: 4 s). A cut adds at most one token.
const MAX_RUN_BYTES: usize = 1_024;

/// Counts of models whose encoding is not public, as a multiple of OpenAI's o200k, in hundredths.
const FACTORS: &[(&str, u64)] = &[("claude", 115), ("gemini", 100)];

pub(super) struct Counter {
    encoding: &'static CoreBPE,
    percent: u64,
    left_bytes: usize,
    counted_bytes: u64,
    counted_tokens: u64,
    skipped_bytes: u64,
    fixed_tokens: u64,
}

impl Counter {
    /// `model` as the provider or the client names it: `gpt-4o`, `openai/gpt-4o`, `ft:gpt-4o:...`.
    pub(super) fn new(model: &str) -> Self {
        let model = model.rsplit('/').next().unwrap_or(model);
        let encoding = match get_tokenizer(model) {
            Some(Tokenizer::Cl100kBase) => cl100k_base_singleton(),
            // Older encodings are not worth their memory.
            _ => o200k_base_singleton(),
        };
        let factor = FACTORS.iter().find(|(name, _)| model.contains(name));
        Self {
            encoding,
            percent: factor.map_or(100, |(_, percent)| *percent),
            left_bytes: EXACT_BYTES,
            counted_bytes: 0,
            counted_tokens: 0,
            skipped_bytes: 0,
            fixed_tokens: 0,
        }
    }

    /// Tokens that are not text: a message's frame, an image.
    pub(super) fn fixed(&mut self, tokens: u64) {
        self.fixed_tokens += tokens;
    }

    pub(super) fn text(&mut self, text: &str) {
        let mut end = text.len().min(self.left_bytes);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (counted, skipped) = text.split_at(end);
        let tokens: usize = segments(counted).map(|segment| self.encoding.count_ordinary(segment)).sum();
        self.counted_tokens += tokens as u64;
        self.counted_bytes += counted.len() as u64;
        self.left_bytes -= counted.len();
        self.skip(skipped.len() as u64);
    }

    /// Text that is known by its length alone.
    pub(super) fn skip(&mut self, bytes: u64) {
        self.skipped_bytes += bytes;
    }

    /// A raw JSON value; anything but a string counts nothing.
    pub(super) fn json_text(&mut self, value: &[u8]) {
        if self.left_bytes == 0 && value.len() > 2 && value.first() == Some(&b'"') {
            return self.skip(value.len() as u64 - 2);
        }
        if let Some(text) = json::text(value) {
            self.text(&text);
        }
    }

    pub(super) fn total(&self) -> u64 {
        let skipped_tokens = match self.counted_bytes {
            // Four bytes a token, when nothing was counted to compare with.
            0 => self.skipped_bytes / 4,
            counted => {
                (u128::from(self.skipped_bytes) * u128::from(self.counted_tokens) / u128::from(counted))
                    as u64
            }
        };
        self.fixed_tokens + (self.counted_tokens + skipped_tokens) * self.percent / 100
    }
}

/// The text cut where a run of white space, or of anything else, gets too long.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (segment, left) = rest.split_at(first_cut(rest));
        rest = left;
        Some(segment)
    })
}

fn first_cut(text: &str) -> usize {
    let (mut run_start, mut run_is_space) = (0, false);
    for (at, character) in text.char_indices() {
        let is_space = character.is_whitespace();
        if is_space != run_is_space {
            (run_start, run_is_space) = (at, is_space);
        } else if at - run_start >= MAX_RUN_BYTES {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn segments_put_together_are_the_text_and_no_run_is_long(text in "[ a\u{ac00}]{0,40}", times in 1usize..200) {
            let text = text.repeat(times);
            let parts: Vec<&str> = segments(&text).collect();
            prop_assert_eq!(parts.concat(), text.as_str());
            for part in parts {
                let longest = part.split(char::is_whitespace).map(str::len).max().unwrap_or(0);
                prop_assert!(longest <= MAX_RUN_BYTES + 4);
            }
        }
    }
}
