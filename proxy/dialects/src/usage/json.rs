//! A look at single fields of JSON bytes without parsing the rest.
//!
//! It skips values by their quotes and brackets at memchr speed and does not validate what it skips:
//! for bytes that are not JSON it finds nothing or something wrong, and never panics. Keys are compared
//! as written; a key with escapes in it is not found.

use memchr::{memchr2, memchr3};

/// The fields of the object that `bytes` starts with: raw key (without quotes) and raw value.
pub fn fields(bytes: &[u8]) -> Fields<'_> {
    let start = skip_space(bytes, 0);
    let inside = bytes.get(start) == Some(&b'{');
    Fields { bytes, at: start + 1, inside }
}

/// The raw value of one field of an object; the last one when it stands there twice.
pub fn field<'a>(bytes: &'a [u8], key: &str) -> Option<&'a [u8]> {
    fields(bytes).filter(|(found, _)| *found == key.as_bytes()).last().map(|(_, value)| value)
}

/// The raw items of the array that `bytes` starts with.
pub fn items(bytes: &[u8]) -> Items<'_> {
    let start = skip_space(bytes, 0);
    let inside = bytes.get(start) == Some(&b'[');
    Items { bytes, at: start + 1, inside }
}

/// The text of a raw string value: `None` when the value is not a string.
pub fn text(value: &[u8]) -> Option<String> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(str::to_owned);
    }
    serde_json::from_slice(value).ok()
}

/// Iterator of [`fields`].
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    inside: bool,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.inside {
            return None;
        }
        self.inside = false;
        let key_at = skip_space(self.bytes, self.at);
        let key_end = skip_string(self.bytes, key_at)?;
        let colon = skip_space(self.bytes, key_end);
        if self.bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value_at = skip_space(self.bytes, colon + 1);
        let value_end = skip_value(self.bytes, value_at)?;
        let next = skip_space(self.bytes, value_end);
        self.at = next + 1;
        self.inside = self.bytes.get(next) == Some(&b',');
        Some((&self.bytes[key_at + 1..key_end - 1], &self.bytes[value_at..value_end]))
    }
}

/// Iterator of [`items`].
pub struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
    inside: bool,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if !self.inside {
            return None;
        }
        self.inside = false;
        let value_at = skip_space(self.bytes, self.at);
        let value_end = skip_value(self.bytes, value_at).filter(|&end| end > value_at)?;
        let next = skip_space(self.bytes, value_end);
        self.at = next + 1;
        self.inside = self.bytes.get(next) == Some(&b',');
        Some(&self.bytes[value_at..value_end])
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// End of the string that starts at `at` with a quote.
fn skip_string(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// End of the value that starts at `at`; `None` when it does not end.
fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' => skip_nested(bytes, at, b'{', b'}'),
        b'[' => skip_nested(bytes, at, b'[', b']'),
        _ => {
            let rest = &bytes[at..];
            let length = rest
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            Some(at + length.unwrap_or(rest.len()))
        }
    }
}

/// Brackets of the other kind nest inside in pairs, so that counting one kind is enough.
fn skip_nested(bytes: &[u8], mut at: usize, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        at += memchr3(b'"', open, close, bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            at = skip_string(bytes, at)?;
            continue;
        }
        depth = if bytes[at] == open { depth + 1 } else { depth - 1 };
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_inside_strings_and_nested_objects_are_not_taken_for_fields() {
        let body = br#" { "a" : "say \"usage\": {\"x\":1}" , "n":{"usage":{"no":1}}, "l":[{"usage":2},"]"],"usage" :{"yes":1} } "#;
        assert_eq!(field(body, "usage").unwrap(), br#"{"yes":1}"#);
        let keys: Vec<_> = fields(body).map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
        assert_eq!(keys, ["a", "n", "l", "usage"]);
        assert_eq!(items(field(body, "l").unwrap()).count(), 2);
    }

    #[test]
    fn text_is_unescaped_and_other_values_are_no_text() {
        assert_eq!(text(br#""a\u00e9\n""#).unwrap(), "aé\n");
        assert_eq!(text(b"12"), None);
        assert_eq!(text(b"null"), None);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            ".{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::hash_map("[a-z]{1,4}", inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_field_of_any_object_is_found_with_its_value(value in json(), pretty in any::<bool>()) {
            let bytes = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
            let expected = value.as_object().cloned().unwrap_or_default();
            let found: serde_json::Map<_, _> = fields(&bytes)
                .map(|(key, value)| (String::from_utf8(key.to_vec()).unwrap(), serde_json::from_slice(value).unwrap()))
                .collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn bytes_that_are_not_json_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = fields(&bytes).count() + items(&bytes).count();
            let mut object = b"{\"a\":".to_vec();
            object.extend(&bytes);
            let _ = fields(&object).count();
        }
    }
}
