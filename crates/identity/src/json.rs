//! Walks JSON text without building a tree: finds members, elements and strings by their byte ranges.
//!
//! The text was validated before it came here. On text that is not JSON the walk ends early; it never fails loudly,
//! because inference may never stop a call.

use std::borrow::Cow;

/// The first byte at or after `at` that is no white space.
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Just behind the string whose opening quote stands at `at`.
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let found = from + memchr::memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some(found + 1);
        }
        from = found + 2;
    }
}

/// Just behind the value that begins at `at`.
fn value_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(text, at),
        b'{' | b'[' => container_end(text, at),
        _ => {
            let rest = &text[at..];
            let length = rest.iter().position(|byte| b",]} \n\r\t".contains(byte)).unwrap_or(rest.len());
            (length > 0).then_some(at + length)
        }
    }
}

fn container_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The members of an object: key as written between its quotes, value as written. Nothing for any other value.
pub(crate) fn members(object: &[u8]) -> Members<'_> {
    let at = skip_space(object, 0);
    let at = if object.get(at) == Some(&b'{') { at + 1 } else { object.len() };
    Members { text: object, at }
}

#[derive(Debug)]
pub(crate) struct Members<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut at = skip_space(self.text, self.at);
        if self.text.get(at) == Some(&b',') {
            at = skip_space(self.text, at + 1);
        }
        if self.text.get(at) != Some(&b'"') {
            self.at = self.text.len();
            return None;
        }
        let key_end = string_end(self.text, at)?;
        let key = &self.text[at + 1..key_end - 1];
        let colon = skip_space(self.text, key_end);
        let value_at = skip_space(self.text, colon + 1);
        let end = value_end(self.text, value_at)?;
        self.at = end;
        Some((key, &self.text[value_at..end]))
    }
}

/// The elements of an array, each with where it ends in the array's text. Nothing for any other value.
pub(crate) fn elements(array: &[u8]) -> Elements<'_> {
    let at = skip_space(array, 0);
    let at = if array.get(at) == Some(&b'[') { at + 1 } else { array.len() };
    Elements { text: array, at }
}

/// The elements behind `at`, where an element of the array has ended.
pub(crate) fn elements_from(array: &[u8], at: usize) -> Elements<'_> {
    Elements { text: array, at }
}

#[derive(Debug)]
pub(crate) struct Elements<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a [u8], usize);

    fn next(&mut self) -> Option<Self::Item> {
        let mut at = skip_space(self.text, self.at);
        if self.text.get(at) == Some(&b',') {
            at = skip_space(self.text, at + 1);
        }
        if matches!(self.text.get(at), None | Some(b']')) {
            self.at = self.text.len();
            return None;
        }
        let end = value_end(self.text, at)?;
        self.at = end;
        Some((&self.text[at..end], end))
    }
}

/// The value of a member of the object.
pub(crate) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(object).find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| value)
}

/// The text of a JSON string. `None` for any other value.
pub(crate) fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    unescaped(inner).map(Cow::Owned)
}

/// What stands between the quotes, with its escapes undone. Long messages are read here: what stands between two escapes is
/// copied as one piece. `None`: it is not what may stand there.
fn unescaped(inner: &[u8]) -> Option<String> {
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..at]);
        let (&escape, behind) = rest[at + 1..].split_first()?;
        rest = behind;
        let byte = match escape {
            b'"' | b'\\' | b'/' => escape,
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let (letter, behind) = code_point(rest)?;
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind;
                continue;
            }
            _ => return None,
        };
        text.push(byte);
    }
    text.extend_from_slice(rest);
    String::from_utf8(text).ok()
}

/// The letter that the hex digits behind `\u` stand for, and what is behind it. Letters beyond the basic plane are two escapes.
fn code_point(digits: &[u8]) -> Option<(char, &[u8])> {
    let unit = |digits: &[u8]| {
        let four = digits.get(..4).filter(|four| four.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok()
    };
    let (first, behind) = (unit(digits)?, &digits[4..]);
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first)?, behind));
    }
    let second = unit(behind.strip_prefix(b"\\u")?).filter(|second| (0xDC00..0xE000).contains(second))?;
    let letter = char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?;
    Some((letter, &behind[6..]))
}

/// The text of a member that is a string.
pub(crate) fn member_text<'a>(object: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    member(object, name).and_then(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC*".prop_map(Into::into),
            "[\"\\\\{}\\[\\],: ]*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"\\\\]{0,6}", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_a_parser_finds(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty {
                serde_json::to_vec_pretty(&value).unwrap()
            } else {
                serde_json::to_vec(&value).unwrap()
            };
            let parse = |raw: &[u8]| serde_json::from_slice::<serde_json::Value>(raw).unwrap();
            if let Some(list) = value.as_array() {
                let found: Vec<_> = elements(&text).map(|(raw, _)| parse(raw)).collect();
                prop_assert_eq!(&found, list);
            }
            if let Some(map) = value.as_object() {
                let found: Vec<_> = members(&text).map(|(_, raw)| parse(raw)).collect();
                prop_assert_eq!(found, map.values().cloned().collect::<Vec<_>>());
            }
            if let Some(string) = value.as_str() {
                let read = super::text(&text).unwrap();
                prop_assert_eq!(read.as_ref(), string);
            }
        }

        #[test]
        fn text_that_is_no_json_ends_the_walk(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(elements(&bytes).take(1000).count() <= bytes.len());
            prop_assert!(members(&bytes).take(1000).count() <= bytes.len());
            let _ = super::text(&bytes);
        }

        /// Also what a client wrote in escapes without need, and what is no text.
        #[test]
        fn escapes_are_undone_as_a_parser_does(
            written in r#"([a-z é한]|\\["\\/bfnrtxu]|\\u00[0-9a-f]{2}|\\u[dD][89a-fA-F0-9][0-9a-f]{2}){0,12}"#
        ) {
            let written = format!("\"{written}\"");
            let parsed = serde_json::from_str::<String>(&written).ok();
            if let Some(parsed) = parsed {
                let read = super::text(written.as_bytes());
                prop_assert_eq!(read.as_deref(), Some(parsed.as_str()), "{}", written);
            } else {
                let held = super::text(written.as_bytes());
                prop_assert!(held.is_none(), "{} is {:?}", written, held);
            }
        }
    }

    #[test]
    fn the_elements_behind_a_place_are_the_rest() {
        let array = br#"[{"a":1}, {"b":"]"}, 3]"#;
        let (_, end) = elements(array).next().unwrap();
        let rest: Vec<_> = elements_from(array, end).map(|(raw, _)| raw).collect();
        assert_eq!(rest, [&br#"{"b":"]"}"#[..], b"3"]);
    }
}
