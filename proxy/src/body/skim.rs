//! A look at an answer in JSON while it passes in pieces, without holding it: a few small top-level fields are kept, and
//! the items of a list are counted. A picture of ten megabytes in the middle costs nothing.
//!
//! It does not judge whether the bytes are JSON: of what is not, it finds nothing or something wrong, and never panics.

use memchr::memchr2;

/// A value that is longer is not kept.
const KEPT_BYTES: usize = 64 << 10;
const LONGEST_KEY_BYTES: usize = 64;
/// All of them together.
const MOST_FIELDS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the opening brace.
    Start,
    /// Before a key, or the end.
    Key,
    InKey,
    Colon,
    /// Before a value.
    Value,
    InValue,
    /// Behind a value.
    Behind,
    /// Behind the end, or it is no object.
    Over,
}

/// The value that is passing.
#[derive(Debug, Default)]
struct Passing {
    depth: usize,
    in_string: bool,
    escaped: bool,
    is_list: bool,
    items: u64,
    /// The list has an item that has not been counted yet.
    item_begun: bool,
    kept: Option<Vec<u8>>,
    /// Looks at the first item of the list.
    first: Option<Box<Skim>>,
}

#[derive(Debug)]
pub(crate) struct Skim {
    at: At,
    key: Vec<u8>,
    escaped: bool,
    value: Passing,
    wanted: &'static [&'static str],
    /// A top-level list, and the fields of its first item that are kept.
    of_first: Option<(&'static str, &'static [&'static str])>,
    fields: Vec<(String, Vec<u8>)>,
    lists: Vec<(String, u64)>,
}

impl Skim {
    /// Keeps the values of these top-level fields.
    pub(crate) fn new(wanted: &'static [&'static str]) -> Self {
        Self {
            at: At::Start,
            key: Vec::new(),
            escaped: false,
            value: Passing::default(),
            wanted,
            of_first: None,
            fields: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Keeps these fields of the first item of a top-level list too, as if they were top-level fields.
    pub(crate) fn and_of_first(mut self, list: &'static str, wanted: &'static [&'static str]) -> Self {
        self.of_first = Some((list, wanted));
        self
    }

    /// The fields that were wanted and passed whole, as written.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|(key, value)| (key.as_str(), value.as_slice()))
    }

    /// How many items a top-level list had.
    pub(crate) fn items(&self, name: &str) -> Option<u64> {
        self.lists.iter().rev().find(|(key, _)| key == name).map(|(_, items)| *items)
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            at += match self.at {
                At::InKey => self.in_key(&bytes[at..]),
                At::InValue => self.in_value(&bytes[at..]),
                At::Over => return,
                _ if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') => 1,
                _ => self.between(byte),
            };
        }
    }

    fn between(&mut self, byte: u8) -> usize {
        self.at = match (self.at, byte) {
            (At::Start, b'{') => At::Key,
            (At::Key, b'"') => {
                self.key.clear();
                self.escaped = false;
                At::InKey
            }
            (At::Colon, b':') => At::Value,
            (At::Value, b',' | b'}' | b']' | b':') => At::Over,
            (At::Value, _) => {
                self.begin(byte);
                At::InValue
            }
            (At::Behind, b',') => At::Key,
            _ => At::Over,
        };
        // The first byte of a value is a part of it.
        usize::from(self.at != At::InValue)
    }

    fn in_key(&mut self, bytes: &[u8]) -> usize {
        let byte = bytes[0];
        match (self.escaped, byte) {
            (false, b'"') => self.at = At::Colon,
            _ if self.key.len() > LONGEST_KEY_BYTES => self.escaped = !self.escaped && byte == b'\\',
            (escaped, byte) => {
                self.key.push(byte);
                self.escaped = !escaped && byte == b'\\';
            }
        }
        1
    }

    fn begin(&mut self, byte: u8) {
        let is_wanted = self.wanted.iter().any(|wanted| wanted.as_bytes() == self.key);
        let keeps = is_wanted && self.fields.len() < MOST_FIELDS;
        let is_list = byte == b'[';
        let looked_at = self.of_first.filter(|(list, _)| is_list && list.as_bytes() == self.key);
        let first = looked_at.map(|(_, wanted)| Box::new(Self::new(wanted)));
        self.value = Passing { is_list, kept: keeps.then(Vec::new), first, ..Passing::default() };
    }

    /// Bytes of a value, up to where something happens.
    fn in_value(&mut self, bytes: &[u8]) -> usize {
        let value = &mut self.value;
        let is_inside = value.depth > 0;
        let (taken, is_over) = value.step(bytes);
        if let Some(first) = value.first.as_mut().filter(|_| is_inside) {
            first.push(&bytes[..taken]);
        }
        if let Some(kept) = &mut value.kept {
            if kept.len() + taken > KEPT_BYTES {
                value.kept = None;
            } else {
                kept.extend_from_slice(&bytes[..taken]);
            }
        }
        if is_over {
            self.end();
        }
        taken
    }

    fn end(&mut self) {
        self.at = At::Behind;
        let value = std::mem::take(&mut self.value);
        let Ok(key) = std::str::from_utf8(&self.key) else { return };
        if value.is_list && self.lists.len() < MOST_FIELDS {
            self.lists.push((key.to_owned(), value.items + u64::from(value.item_begun)));
        }
        if let Some(kept) = value.kept {
            self.fields.push((key.to_owned(), kept));
        }
        let of_first = value.first.map(|first| first.fields).unwrap_or_default();
        self.fields.extend(of_first.into_iter().take(MOST_FIELDS.saturating_sub(self.fields.len())));
    }
}

impl Passing {
    /// How many bytes were taken, and whether the value has ended behind them.
    fn step(&mut self, bytes: &[u8]) -> (usize, bool) {
        let byte = bytes[0];
        if self.in_string {
            if self.escaped {
                self.escaped = false;
                return (1, false);
            }
            return match memchr2(b'"', b'\\', bytes) {
                None => (bytes.len(), false),
                Some(found) if bytes[found] == b'\\' => {
                    self.escaped = true;
                    (found + 1, false)
                }
                Some(found) => {
                    self.in_string = false;
                    (found + 1, self.depth == 0)
                }
            };
        }
        if self.is_list && self.depth == 1 {
            match byte {
                b',' => {
                    self.items += 1;
                    self.item_begun = false;
                }
                b']' | b' ' | b'\n' | b'\r' | b'\t' => {}
                _ => self.item_begun = true,
            }
        }
        match byte {
            b'"' => {
                self.in_string = true;
                (1, false)
            }
            b'{' | b'[' => {
                self.depth += 1;
                (1, false)
            }
            b'}' | b']' | b',' if self.depth == 0 => (0, true),
            b'}' | b']' => {
                self.depth -= 1;
                (1, self.depth == 0)
            }
            b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => (0, true),
            _ => (1, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const WANTED: &[&str] = &["usage", "data", "n", "s"];

    impl Skim {
        fn field(&self, name: &str) -> Option<&[u8]> {
            self.fields().filter(|(key, _)| *key == name).last().map(|(_, value)| value)
        }
    }

    fn skimmed(pieces: &[&[u8]]) -> Skim {
        let mut skim = Skim::new(WANTED);
        pieces.iter().for_each(|piece| skim.push(piece));
        skim
    }

    #[test]
    fn small_fields_are_kept_and_pictures_are_counted() {
        let picture = "A".repeat(1 << 20);
        let body = format!(
            r#" {{"created": 1, "data":[{{"b64_json":"{picture}"}},{{"b64_json":"\"]}}"}}], "usage" : {{"total_tokens":5}} }} "#
        );
        let skim = skimmed(&[body.as_bytes()]);
        assert_eq!(skim.items("data"), Some(2));
        assert_eq!(skim.field("usage"), Some(&br#"{"total_tokens":5}"#[..]));
        assert_eq!((skim.field("data"), skim.field("created")), (None, None));
        assert_eq!(skimmed(&[br#"{"data":[],"n":null}"#]).items("data"), Some(0));
        assert_eq!(skimmed(&[br#"{"n":12}"#]).field("n"), Some(&b"12"[..]));
        assert_eq!(skimmed(&[br#"{"n":12"#]).field("n"), None, "it may go on");
        assert_eq!(skimmed(&[br#"[{"n":12}]"#]).field("n"), None);
    }

    #[test]
    fn a_field_of_the_first_item_is_kept_however_long_the_item_is() {
        let text = "x".repeat(2 * KEPT_BYTES);
        let body = format!(
            r#"{{"candidates": [ {{"content":{{"finishReason":"no","parts":[{{"text":"{text}"}}]}},"finishReason" :"STOP"}},{{"finishReason":"SAFETY"}}],"n":1}}"#
        );
        for cut in [1, 7, 1_000, body.len()] {
            let mut skim = Skim::new(WANTED).and_of_first("candidates", &["finishReason"]);
            body.as_bytes().chunks(cut).for_each(|piece| skim.push(piece));
            assert_eq!(skim.field("finishReason"), Some(&br#""STOP""#[..]), "pieces of {cut}");
            assert_eq!((skim.items("candidates"), skim.field("n")), (Some(2), Some(&b"1"[..])));
        }
        let mut other = Skim::new(WANTED).and_of_first("candidates", &["finishReason"]);
        other.push(br#"{"candidates":{"finishReason":"x"},"other":[{"finishReason":"y"}],"n":[[{"finishReason":"z"}]]}"#);
        assert_eq!(other.field("finishReason"), None);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            ".{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[a-z]{1,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_parser_finds_however_the_bytes_were_cut(
            values in prop::collection::vec((prop::sample::select(vec!["usage", "data", "n", "s", "other"]), json()), 0..5),
            pretty in any::<bool>(),
            cuts in prop::collection::vec(0usize..300, 0..10),
        ) {
            let object: serde_json::Map<String, Value> =
                values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let object = Value::Object(object);
            let bytes = if pretty { serde_json::to_vec_pretty(&object) } else { serde_json::to_vec(&object) }.unwrap();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            let skim = skimmed(&pieces);
            for (key, value) in object.as_object().unwrap() {
                let found = skim.field(key).map(|raw| serde_json::from_slice::<Value>(raw).unwrap());
                prop_assert_eq!(found.as_ref(), WANTED.contains(&key.as_str()).then_some(value));
                prop_assert_eq!(skim.items(key), value.as_array().map(|items| items.len() as u64));
            }
        }

        #[test]
        fn bytes_that_are_not_json_never_panic(
            bytes in prop::collection::vec(prop_oneof![Just(b'{'), Just(b'"'), Just(b'}'), Just(b'['), Just(b','), any::<u8>()], 0..80),
        ) {
            let mut object = b"{\"n\":".to_vec();
            object.extend(&bytes);
            let _ = skimmed(&[&bytes]);
            let _ = skimmed(&[&object]);
        }
    }
}
