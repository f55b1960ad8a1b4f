//! The grammar of JSON (RFC 8259) as a cursor that only moves forward and never allocates.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Syntax { what: &'static str, at: usize },
    TooDeep { at: usize },
}

pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    max_depth: u32,
    /// No control character stands anywhere, as clients mostly write it: in a string only quotes and backslashes count then.
    without_controls: bool,
}

/// Which closing bracket ends each open level: one bit a level, so 256 levels need no heap.
struct Open {
    is_object: [u128; 2],
    depth: u32,
}

impl Open {
    fn push(&mut self, is_object: bool) {
        let (word, bit) = ((self.depth / 128) as usize % 2, self.depth % 128);
        self.is_object[word] = self.is_object[word] & !(1 << bit) | u128::from(is_object) << bit;
        self.depth += 1;
    }

    /// Closes the innermost level and says what stands around it.
    fn pop(&mut self) -> Option<bool> {
        self.depth -= 1;
        self.depth.checked_sub(1).map(|at| self.is_object[(at / 128) as usize % 2] >> (at % 128) & 1 == 1)
    }
}

impl<'a> Cursor<'a> {
    /// `max_depth` is at most 255.
    pub(super) fn new(text: &'a [u8], max_depth: u32) -> Self {
        Self { text, at: 0, max_depth: max_depth.min(255), without_controls: !has_controls(text) }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { self.fault("unexpected text after the end") }
    }

    /// Walks the object that starts here. `value` gets each key and moves behind its value.
    pub(super) fn members(
        &mut self,
        mut value: impl FnMut(&mut Self, &'a [u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let key = self.key()?;
            value(self, &self.text[key])?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.fault("expected ',' or '}'"),
            }
            self.skip_space();
        }
    }

    /// Walks the array that starts here, with `depth` levels already open around it, and tells where each element stands.
    pub(super) fn elements(&mut self, depth: u32, mut each: impl FnMut(Range<usize>)) -> Result<(), Fault> {
        if depth >= self.max_depth {
            return Err(Fault::TooDeep { at: self.at });
        }
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let from = self.at;
            self.skip_value(depth + 1)?;
            each(from..self.at);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.fault("expected ',' or ']'"),
            }
            self.skip_space();
        }
    }

    /// Reads `"key" :` and the space behind it; the range is the key without its quotes.
    fn key(&mut self) -> Result<Range<usize>, Fault> {
        if self.peek() != Some(b'"') {
            return self.fault("expected a key in double quotes");
        }
        let from = self.at + 1;
        self.string()?;
        let key = from..self.at - 1;
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.fault("expected ':'");
        }
        self.at += 1;
        self.skip_space();
        Ok(key)
    }

    /// Moves behind the value that starts here. `depth`: levels already open around it.
    pub(super) fn skip_value(&mut self, depth: u32) -> Result<(), Fault> {
        let mut open = Open { is_object: [0; 2], depth: 0 };
        loop {
            // A value starts here.
            let opened = match self.peek() {
                Some(b'{') => Some(true),
                Some(b'[') => Some(false),
                _ => None,
            };
            let mut around = match opened {
                None => {
                    self.scalar()?;
                    open.depth
                        .checked_sub(1)
                        .map(|at| open.is_object[(at / 128) as usize % 2] >> (at % 128) & 1 == 1)
                }
                Some(is_object) => {
                    if depth + open.depth >= self.max_depth {
                        return Err(Fault::TooDeep { at: self.at });
                    }
                    open.push(is_object);
                    self.at += 1;
                    self.skip_space();
                    if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                        self.at += 1;
                        open.pop()
                    } else {
                        if is_object {
                            self.key()?;
                        }
                        continue;
                    }
                }
            };
            // A value has ended: close what ends with it, or go on to the next one.
            loop {
                let Some(in_object) = around else { return Ok(()) };
                self.skip_space();
                match (self.peek(), in_object) {
                    (Some(b','), _) => {
                        self.at += 1;
                        self.skip_space();
                        if in_object {
                            self.key()?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        around = open.pop();
                    }
                    (_, true) => return self.fault("expected ',' or '}'"),
                    (_, false) => return self.fault("expected ',' or ']'"),
                }
            }
        }
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.fault("expected a value"),
            None => self.fault("unexpected end"),
        }
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        self.fault("expected a value")
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.at += self.plain_bytes();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) => return self.fault("a control character inside a string must be escaped"),
                None => return self.fault("unexpected end inside a string"),
            }
        }
    }

    /// How many bytes stand here before the first quote, backslash or control character. Nearly all bytes of a large body
    /// are looked at here.
    fn plain_bytes(&self) -> usize {
        let rest = &self.text[self.at..];
        if self.without_controls {
            return memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        }
        plain_bytes(rest)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let digits = self.text.get(self.at + 1..self.at + 5);
                if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    self.at += 5;
                    return Ok(());
                }
                self.fault("expected four hex digits after '\\u'")
            }
            _ => self.fault("unknown escape inside a string"),
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.fault("expected a digit"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == from { self.fault("expected a digit") } else { Ok(()) }
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault::Syntax {
            what: if self.at >= self.text.len() { "unexpected end" } else { what },
            at: self.at,
        })
    }
}

/// Without a branch inside a block, so that the compiler makes it a handful of wide instructions.
fn has_controls(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<64>();
    let has = |bytes: &[u8]| bytes.iter().fold(false, |found, &byte| found | (byte < 0x20));
    blocks.iter().any(|block| has(block)) || has(rest)
}

/// How many bytes stand before the first quote, backslash or control character, where control characters stand somewhere.
/// Text with many escapes is taken word by word, a long plain run in wide blocks.
fn plain_bytes(text: &[u8]) -> usize {
    const NEAR_BYTES: usize = 64;
    let (near, far) = text.split_at(text.len().min(NEAR_BYTES));
    let plain = plain_by_words(near);
    if plain < near.len() || far.is_empty() {
        return plain;
    }
    // Without a branch inside, so that the compiler makes it a handful of wide instructions.
    let is_plain = |block: &[u8; 32]| {
        !block.iter().fold(false, |found, &byte| found | (byte == b'"') | (byte == b'\\') | (byte < 0x20))
    };
    let (blocks, _) = far.as_chunks();
    let at = near.len() + blocks.iter().take_while(|block| is_plain(block)).count() * 32;
    at + plain_by_words(&text[at..])
}

fn plain_by_words(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    text.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bit of every byte that is a quote, a backslash or a control character. Bits above the lowest one that is set
/// may be wrong: a borrow goes upwards.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & (ONES * 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_special_byte_is_found_wherever_it_stands(
            plain in prop::collection::vec(prop_oneof![0x20u8..=0x21, 0x23u8..=0x5b, 0x5du8..=0xff], 0..180),
            special in prop_oneof![Just(b'"'), Just(b'\\'), 0u8..0x20],
            behind in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assert_eq!(plain_bytes(&plain), plain.len());
            let text = [&plain[..], &[special], &behind].concat();
            prop_assert_eq!(plain_bytes(&text), plain.len());
        }

        #[test]
        fn a_text_is_json_when_serde_says_so(text in r#"[\[{]("[a-z\\"\x01é]{0,4}"|[0-9.eE+-]{1,4}|true|null|[,:\[{ ])[\]},]{0,2}"#) {
            let mut cursor = Cursor::new(text.as_bytes(), 100);
            let ours = cursor.skip_value(0).and_then(|()| cursor.end()).is_ok();
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }
}
