//! Deterministic text: the same prompt always gives the same words. And the hash everything else is seeded by.

/// FNV-1a, 64 bit: small, fast, stable forever.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A sequence of numbers that depends on its seed alone (splitmix64).
pub(crate) struct Sequence(pub(crate) u64);

impl Sequence {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

const WORDS: &[&str] = &[
    "agents", "answer", "arrive", "before", "better", "bridge", "budget", "calls", "careful", "change",
    "clear", "count", "crew", "data", "decide", "detail", "each", "early", "evidence", "exact", "figure",
    "first", "follow", "found", "gather", "given", "goal", "growth", "hand", "idea", "know", "latency",
    "learn", "leave", "lesson", "light", "list", "market", "measure", "method", "model", "more", "name",
    "never", "note", "number", "often", "open", "order", "over", "part", "path", "plan", "point", "price",
    "proof", "quick", "read", "reason", "record", "report", "result", "review", "right", "rule", "same",
    "sample", "season", "signal", "simple", "sketch", "small", "source", "span", "stable", "step", "story",
    "strong", "study", "system", "table", "task", "team", "term", "test", "there", "they", "thing", "time",
    "token", "tool", "trace", "trend", "true", "under", "value", "view", "wait", "week", "with", "work",
    "write", "year",
];

/// One word chosen by the seed.
pub(crate) fn word(seed: u64) -> &'static str {
    let at = Sequence(seed).below(WORDS.len());
    WORDS.get(at).copied().unwrap_or("word")
}

/// `count` words as sentences of five to twelve words.
pub(crate) fn sentences(seed: u64, count: usize) -> String {
    let mut sequence = Sequence(seed);
    let mut text = String::with_capacity(count * 7);
    let mut left_in_sentence = 0;
    for at in 0..count {
        let chosen = word(sequence.next());
        if left_in_sentence == 0 {
            left_in_sentence = 5 + sequence.below(8);
            text.push_str(if at == 0 { "" } else { " " });
            text.push_str(&capitalized(chosen));
        } else {
            text.push(' ');
            text.push_str(chosen);
        }
        left_in_sentence -= 1;
        if left_in_sentence == 0 || at + 1 == count {
            text.push('.');
        }
    }
    text
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Text as the pieces a stream sends: a word with the space before it.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(' ') {
        if at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_words_and_another_seed_others() {
        assert_eq!(sentences(7, 30), sentences(7, 30));
        assert_ne!(sentences(7, 30), sentences(8, 30));
        assert_eq!(sentences(7, 30).split(' ').count(), 30);
    }

    #[test]
    fn pieces_put_together_are_the_text() {
        for text in ["", "one", "one two  three ", " lead", "안녕 세상", "   "] {
            assert_eq!(pieces(text).concat(), text);
        }
    }
}
