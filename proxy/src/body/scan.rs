//! Reads a JSON request in one pass without building a tree: the whole text is validated, and the byte ranges of the
//! top-level fields the gateway acts on are returned. What is forwarded is the text itself.
//!
//! A field we act on may not stand twice, in any spelling (`"model"` and `"mod\u0065l"` are the same key): parsers
//! differ in which one wins, and a policy must see what the provider will see.

use std::ops::Range;

use super::grammar::{Cursor, Fault};

/// The top-level fields the gateway acts on.
pub(crate) const FIELDS: [&str; 26] = [
    "model",
    "stream",
    "stream_options",
    "messages",
    "prompt",
    "input",
    "user",
    "metadata",
    "safety_identifier",
    "prompt_cache_key",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "tools",
    "service_tier",
    "session_id",
    "tags",
    "litellm_metadata",
    "litellm_session_id",
    "litellm_trace_id",
    "system",
    "instructions",
    "response_format",
    "text",
    "previous_response_id",
    "conversation",
];

/// Fields that hold a conversation, the one that counts first.
const HISTORIES: [usize; 2] = [3, 5];
/// A longer list is not kept: numbers of tokens may be given one by one.
const MOST_MESSAGES: usize = 1 << 14;

/// Where the known fields' values stand in the text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields {
    ranges: [Option<Range<usize>>; FIELDS.len()],
    /// Where each message of the conversation begins and ends, from where its list begins. Empty: not known.
    messages: Vec<(u32, u32)>,
    /// Just behind the opening brace.
    pub(crate) first_key_at: usize,
}

impl Fields {
    /// The value of a known field, as written.
    pub(crate) fn raw<'a>(&self, text: &'a [u8], name: &str) -> Option<&'a [u8]> {
        self.range(name).and_then(|range| text.get(range))
    }

    /// They were looked for in a body that is an object.
    pub(crate) fn is_found(&self) -> bool {
        self.first_key_at > 0
    }

    /// Where each message stands in the raw `messages`, or in `input` where there are none. Empty: not known.
    pub(crate) fn messages(&self) -> &[(u32, u32)] {
        &self.messages
    }

    pub(crate) fn range(&self, name: &str) -> Option<Range<usize>> {
        let at = FIELDS.iter().position(|field| *field == name)?;
        self.ranges[at].clone()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScanError {
    #[error("The request body is not valid JSON: {what} at byte {at} (line {line}, column {column}).")]
    Syntax { what: &'static str, at: usize, line: usize, column: usize },
    #[error("The request body is nested deeper than {max} levels at byte {at}; flatten it.")]
    TooDeep { max: u32, at: usize },
    #[error("The request body is not valid UTF-8 at byte {at}; send UTF-8.")]
    Utf8 { at: usize },
    #[error("The request body holds the field '{field}' twice; send it once.")]
    Duplicate { field: &'static str },
    #[error("The request body must be a JSON object.")]
    NotAnObject,
}

/// Validates `text` whole and finds the fields.
pub(crate) fn object(text: &[u8], max_depth: u32) -> Result<Fields, ScanError> {
    if let Err(error) = simdutf8::compat::from_utf8(text) {
        return Err(ScanError::Utf8 { at: error.valid_up_to() });
    }
    let mut cursor = Cursor::new(text, max_depth);
    let mut fields = Fields::default();
    cursor.skip_space();
    if cursor.peek() != Some(b'{') {
        // A text that is no JSON at all gets the sentence with the position.
        cursor.skip_value(0).and_then(|()| cursor.end()).map_err(|fault| located(fault, text, max_depth))?;
        return Err(ScanError::NotAnObject);
    }
    fields.first_key_at = cursor.at() + 1;
    let mut twice = None;
    cursor
        .members(|cursor, key| {
            let from = cursor.at();
            let Some(known) = known_field(key) else { return cursor.skip_value(1) };
            if HISTORIES.contains(&known) && cursor.peek() == Some(b'[') {
                let messages = messages(cursor)?;
                // The ones of `messages` count, wherever they stand.
                if known == HISTORIES[0] || fields.ranges[HISTORIES[0]].is_none() {
                    fields.messages = messages;
                }
            } else {
                cursor.skip_value(1)?;
            }
            if fields.ranges[known].replace(from..cursor.at()).is_some() {
                twice.get_or_insert(FIELDS[known]);
            }
            Ok(())
        })
        .and_then(|()| cursor.end())
        .map_err(|fault| located(fault, text, max_depth))?;
    if fields.ranges[HISTORIES[0]].as_ref().is_some_and(|range| text[range.start] != b'[') {
        fields.messages.clear();
    }
    match twice {
        Some(field) => Err(ScanError::Duplicate { field }),
        None => Ok(fields),
    }
}

/// Moves behind the list of messages that begins here, and says where each of them stands.
fn messages(cursor: &mut Cursor<'_>) -> Result<Vec<(u32, u32)>, Fault> {
    let from = cursor.at();
    let mut found = Vec::new();
    let mut fits = true;
    cursor.elements(1, |range| {
        let (start, end) = (u32::try_from(range.start - from), u32::try_from(range.end - from));
        match (start, end) {
            (Ok(start), Ok(end)) if found.len() < MOST_MESSAGES => found.push((start, end)),
            _ => fits = false,
        }
    })?;
    Ok(if fits { found } else { Vec::new() })
}

/// Is `text` one whole JSON value?
pub(crate) fn is_json(text: &[u8], max_depth: u32) -> bool {
    let mut cursor = Cursor::new(text, max_depth);
    cursor.skip_space();
    simdutf8::basic::from_utf8(text).is_ok() && cursor.skip_value(0).and_then(|()| cursor.end()).is_ok()
}

/// Calls `each` with the key (as written, without quotes) and the range of every member of the object `text`,
/// which must already have been validated. Says nothing about other values.
pub(crate) fn members(text: &[u8], mut each: impl FnMut(&[u8], Range<usize>)) {
    let mut cursor = Cursor::new(text, u32::from(u8::MAX));
    cursor.skip_space();
    if cursor.peek() == Some(b'{') {
        // Validated before: a fault cannot come, and would only end the walk.
        let _ = cursor.members(|cursor, key| {
            let from = cursor.at();
            cursor.skip_value(1)?;
            each(key, from..cursor.at());
            Ok(())
        });
    }
}

/// Is `key`, as written between its quotes, this name? Escapes are undone first.
pub(crate) fn key_is(key: &[u8], name: &str) -> bool {
    if memchr::memchr(b'\\', key).is_none() { key == name.as_bytes() } else { unescaped(key) == name }
}

/// Does the object `text` (validated before) hold a key twice, in any spelling? False for anything but an object.
pub(crate) fn has_twin_members(text: &[u8]) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut twin = false;
    members(text, |key, _| twin |= !seen.insert(unescaped(key)));
    twin
}

fn known_field(key: &[u8]) -> Option<usize> {
    if memchr::memchr(b'\\', key).is_none() {
        return FIELDS.iter().position(|name| name.as_bytes() == key);
    }
    let key = unescaped(key);
    FIELDS.iter().position(|name| *name == key)
}

/// The text of a JSON string given without its quotes. Empty when it is not one.
pub(crate) fn unescaped(inner: &[u8]) -> String {
    if memchr::memchr(b'\\', inner).is_none() {
        return String::from_utf8_lossy(inner).into_owned();
    }
    let mut quoted = Vec::with_capacity(inner.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(inner);
    quoted.push(b'"');
    serde_json::from_slice(&quoted).unwrap_or_default()
}

fn located(fault: Fault, text: &[u8], max: u32) -> ScanError {
    match fault {
        Fault::TooDeep { at } => ScanError::TooDeep { max, at },
        Fault::Syntax { what, at } => {
            let before = &text[..at.min(text.len())];
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            let column = at - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1;
            ScanError::Syntax { what, at, line, column }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Result<Fields, ScanError> {
        object(text.as_bytes(), 100)
    }

    #[test]
    fn the_fields_are_found_where_they_stand() {
        let text = br#" { "x": [1, {"model": "inner"}], "model" : "gpt-4o", "stream":true } "#;
        let fields = object(text, 100).unwrap();
        assert_eq!(fields.raw(text, "model"), Some(&br#""gpt-4o""#[..]));
        assert_eq!(fields.raw(text, "stream"), Some(&b"true"[..]));
        assert_eq!(fields.raw(text, "user"), None);
    }

    #[test]
    fn each_message_is_found_where_it_stands() {
        let of = |text: &str| {
            let fields = scan(text).unwrap();
            let list =
                ["messages", "input"].iter().find_map(|name| fields.raw(text.as_bytes(), name)).unwrap();
            let piece = |&(start, end): &(u32, u32)| {
                String::from_utf8(list[start as usize..end as usize].to_vec()).unwrap()
            };
            fields.messages().iter().map(piece).collect::<Vec<_>>()
        };
        assert_eq!(of(r#"{"messages": [ {"a":[1]} , "b",[2, 3]]}"#), [r#"{"a":[1]}"#, "\"b\"", "[2, 3]"]);
        assert_eq!(of(r#"{"input":["x"],"n":1}"#), ["\"x\""]);
        assert_eq!(of(r#"{"input":["x"],"messages":["y"]}"#), ["\"y\""]);
        assert_eq!(of(r#"{"messages":["y"],"input":["x","z"]}"#), ["\"y\""]);
        assert_eq!(of(r#"{"input":["x"],"messages":"y"}"#), [""; 0]);
        assert_eq!(of(&format!(r#"{{"input":[{}1]}}"#, "1,".repeat(MOST_MESSAGES))), [""; 0]);
        assert_eq!((FIELDS[HISTORIES[0]], FIELDS[HISTORIES[1]]), ("messages", "input"));
        for bad in [r#"{"messages":["#, r#"{"messages":[1 2]}"#, r#"{"messages":[1,]}"#] {
            assert!(matches!(scan(bad), Err(ScanError::Syntax { .. })), "{bad}");
        }
    }

    #[test]
    fn a_field_we_act_on_may_not_stand_twice_in_any_spelling() {
        for twice in [
            r#"{"model":"a","model":"b"}"#,
            r#"{"model":"a","mod\u0065l":"b"}"#,
            r#"{"\u006dodel":"a","model":"a"}"#,
            r#"{"stream":true,"model":"a","stream":false}"#,
        ] {
            assert!(matches!(scan(twice), Err(ScanError::Duplicate { .. })), "{twice}");
        }
        assert!(scan(r#"{"unknown":1,"unknown":2,"model":"a"}"#).is_ok());
    }

    #[test]
    fn twin_members_of_an_object_are_found_in_any_spelling() {
        assert!(has_twin_members(br#"{"agent":"a","\u0061gent":"b"}"#));
        assert!(!has_twin_members(br#"{"agent":"a","task":{"agent":"b"}}"#));
        assert!(!has_twin_members(b"null"));
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let error = scan("{\"model\": \"a\",\n \"n\": 01}").unwrap_err();
        assert_eq!(
            error,
            ScanError::Syntax { what: "expected ',' or '}'", at: 22, line: 2, column: 8 },
            "{error}"
        );
        for bad in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1} x",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":+1}",
        ] {
            assert!(matches!(scan(bad), Err(ScanError::Syntax { .. })), "{bad}");
        }
        assert_eq!(scan("[1]").unwrap_err(), ScanError::NotAnObject);
        assert_eq!(object(b"{\"a\":\"\xff\"}", 100).unwrap_err(), ScanError::Utf8 { at: 6 });
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(scan(&deep(99)).is_ok());
        assert!(matches!(scan(&deep(100)), Err(ScanError::TooDeep { max: 100, .. })));
        assert!(scan(&deep(99).replace("\"a\"", "\"input\"")).is_ok());
        let too_deep = scan(&deep(100).replace("\"a\"", "\"input\""));
        assert!(matches!(too_deep, Err(ScanError::TooDeep { max: 100, .. })));
        assert!(matches!(scan(&"[".repeat(1_000_000)), Err(ScanError::TooDeep { .. })));
    }

    #[test]
    fn serde_json_and_the_scanner_agree_on_what_is_json() {
        let values = [
            "0",
            "-0",
            "-",
            "1.",
            "1.5e+3",
            "1e",
            ".5",
            "00",
            "1e5",
            "\"\\u12g4\"",
            "\"\\x\"",
            "\"\\u00e9\"",
            "nul",
            "null",
            "true",
            "tru",
            "[]",
            "[1,]",
            "[,]",
            "{}",
            "{\"a\":[{}]}",
            "[1 2]",
            "\"a",
            "\"\\\"",
            "NaN",
            "[[]]]",
        ];
        for value in values {
            for text in [format!("{{\"k\":{value}}}"), format!("[{value}]"), (*value).to_owned()] {
                let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                assert_eq!(is_json(text.as_bytes(), 100), theirs, "{text}");
            }
        }
    }
}
