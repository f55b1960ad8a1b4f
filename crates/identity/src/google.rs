//! Google's dialect where it is unlike the others: messages are `contents` of `parts`, tools are asked for by
//! `functionCall` and answer by `functionResponse`, mostly without ids.

use std::borrow::Cow;

use crate::message::{MOST_PARTS, Message, ToolCall, ToolResult};
use crate::{hash, json};

/// Texts of a tool's result that are read.
const MOST_TEXTS: usize = 64;
const DEEPEST: u32 = 8;

/// Takes the parts of one content into the message. Thoughts are not said.
pub(crate) fn take_parts<'a>(parts: &'a [u8], message: &mut Message<'a>) {
    for part in one_or_many(parts).take(MOST_PARTS) {
        let mut text = None;
        let mut is_thought = false;
        for (key, value) in json::members(part) {
            match key {
                b"text" => text = json::text(value),
                b"thought" => is_thought = value == b"true",
                b"functionCall" | b"function_call" => message.calls.push(asked(value)),
                b"functionResponse" | b"function_response" => message.results.push(told(value)),
                _ => {}
            }
        }
        message.texts.extend(text.filter(|_| !is_thought));
    }
}

/// The parts of a content inside of something else, as in a request for embeddings. Empty: there is none.
pub(crate) fn inner_parts(content: &[u8]) -> &[u8] {
    if content.starts_with(b"{") { json::member(content, "parts").unwrap_or_default() } else { b"" }
}

/// A list, or one thing that stands for a list of one.
fn one_or_many(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let one = raw.starts_with(b"{").then_some(raw);
    one.into_iter().chain(json::elements(raw).map(|(element, _)| element))
}

/// Without an id, what is asked for is known by what it is: in a history it comes back as it was said.
fn asked(raw: &[u8]) -> ToolCall<'_> {
    let mut call = ToolCall::default();
    let mut arguments: &[u8] = b"{}";
    for (key, value) in json::members(raw) {
        match key {
            b"id" => call.id = json::text(value).unwrap_or_default(),
            b"name" => call.name = json::text(value).unwrap_or_default(),
            b"args" => arguments = value,
            _ => {}
        }
    }
    call.arguments = String::from_utf8_lossy(arguments);
    if call.id.is_empty() {
        // Short pieces: it is not distinctive, as an id that a provider gave would be.
        let key = hash::join(hash::bytes(61, call.name.as_bytes()), shape(arguments, 0));
        let piece = |at: u32| (key >> (at * 16)) & 0xFFFF;
        call.id = Cow::Owned(format!("{:04x}-{:04x}-{:04x}-{:04x}", piece(0), piece(1), piece(2), piece(3)));
    }
    call
}

/// A key of a value that is the same however it is spaced and whatever order its members have.
fn shape(raw: &[u8], depth: u32) -> u64 {
    match raw.first() {
        _ if depth > DEEPEST => 0,
        Some(b'{') => json::members(raw)
            .map(|(key, value)| hash::mix(hash::join(hash::bytes(62, key), shape(value, depth + 1))))
            .fold(1, u64::wrapping_add),
        Some(b'[') => {
            json::elements(raw).fold(2, |all, (element, _)| hash::join(all, shape(element, depth + 1)))
        }
        _ => match json::text(raw) {
            Some(text) => hash::bytes(63, text.as_bytes()),
            None => hash::bytes(64, raw),
        },
    }
}

fn told(raw: &[u8]) -> ToolResult<'_> {
    let mut result = ToolResult::default();
    for (key, value) in json::members(raw) {
        match key {
            b"id" => result.id = json::text(value).unwrap_or_default(),
            b"response" => result.text = texts_in(value),
            _ => {}
        }
    }
    result
}

/// What a tool said: SDKs wrap it into an object, as its only member when it was a text.
fn texts_in(raw: &[u8]) -> Cow<'_, str> {
    let mut texts = Vec::new();
    collect(raw, 0, &mut texts);
    match texts.len() {
        0 => String::from_utf8_lossy(raw),
        1 => texts.remove(0),
        _ => Cow::Owned(texts.join("\n")),
    }
}

fn collect<'a>(raw: &'a [u8], depth: u32, texts: &mut Vec<Cow<'a, str>>) {
    if texts.len() >= MOST_TEXTS || depth > DEEPEST {
        return;
    }
    match raw.first() {
        Some(b'"') => texts.extend(json::text(raw)),
        Some(b'{') => json::members(raw).for_each(|(_, value)| collect(value, depth + 1, texts)),
        Some(b'[') => json::elements(raw).for_each(|(value, _)| collect(value, depth + 1, texts)),
        _ => {}
    }
}

/// The content of the first candidate of an answer.
pub(crate) fn first_candidate(candidates: &[u8]) -> Option<&[u8]> {
    let (candidate, _) = json::elements(candidates).next()?;
    json::member(candidate, "content")
}

/// The parts of a system instruction; anything else is given back as it is.
pub(crate) fn unwrapped(raw: &[u8]) -> &[u8] {
    if raw.starts_with(b"{") { json::member(raw, "parts").unwrap_or(raw) } else { raw }
}

/// Functions that an entry of `tools` declares.
pub(crate) fn declared(tool: &[u8]) -> impl Iterator<Item = &[u8]> {
    let list =
        json::member(tool, "functionDeclarations").or_else(|| json::member(tool, "function_declarations"));
    json::elements(list.unwrap_or_default()).map(|(function, _)| function).take(64)
}

/// The title of the schema that the answer must have.
pub(crate) fn schema_name(config: &[u8]) -> Option<Cow<'_, str>> {
    let is_schema = |key: &[u8]| {
        let names: [&[u8]; 4] =
            [b"responseSchema", b"responseJsonSchema", b"response_schema", b"response_json_schema"];
        names.contains(&key)
    };
    let schema = json::members(config).find(|(key, _)| is_schema(key))?.1;
    json::member_text(schema, "title")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::message::{self, Role};
    use crate::request::{Fields, Operation, system_text};

    fn content(raw: &str) -> Message<'_> {
        message::read(raw.as_bytes(), 0)
    }

    #[test]
    fn contents_are_read_as_messages() {
        let user = content(r#"{"parts":[{"text":"When?"},{"inlineData":{"data":"x"}}],"role":"user"}"#);
        assert_eq!((user.role, user.texts[0].as_ref(), user.texts.len()), (Role::User, "When?", 1));
        let said = content(r#"{"role":"model","parts":[{"text":"hm","thought":true},{"text":"At ten."}]}"#);
        assert_eq!((said.role, said.texts.as_slice()), (Role::Assistant, &[Cow::Borrowed("At ten.")][..]));
        let asked = content(
            r#"{"role":"model","parts":[{"functionCall":{"id":"f8","name":"tides","args":{"at":"Oslo"}}}]}"#,
        );
        assert_eq!(
            (asked.calls[0].id.as_ref(), asked.calls[0].arguments.as_ref()),
            ("f8", r#"{"at":"Oslo"}"#)
        );
        let told = content(
            r#"{"role":"user","parts":[{"functionResponse":{"id":"f8","name":"tides","response":{"result":"At\nten."}}}]}"#,
        );
        assert_eq!(
            (told.role, told.results[0].id.as_ref(), told.results[0].text.as_ref()),
            (Role::Tool, "f8", "At\nten.")
        );
        let one = content(r#"{"role":"user","parts":{"text":"hi"}}"#);
        assert_eq!(one.texts, ["hi"]);
        let older = content(
            r#"{"role":"function","parts":[{"functionResponse":{"name":"f","response":{"low":["1","2"],"n":3}}}]}"#,
        );
        assert_eq!((older.role, older.results[0].text.as_ref()), (Role::Tool, "1\n2"));
        let embedded =
            content(r#"{"model":"models/e","content":{"parts":[{"text":"a text"}],"role":"user"}}"#);
        assert_eq!(embedded.texts, ["a text"]);
        let number =
            content(r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"n":3}}}]}"#);
        assert_eq!(number.results[0].text, r#"{"n":3}"#);
    }

    #[test]
    fn a_call_without_an_id_is_known_by_what_it_asks() {
        let id = |name: &str, arguments: &str| {
            let raw = format!(
                r#"{{"role":"model","parts":[{{"functionCall":{{"name":"{name}","args":{arguments}}}}}]}}"#
            );
            content(&raw).calls[0].id.to_string()
        };
        assert_eq!(id("f", r#"{"a":1,"b":["x","y"]}"#), id("f", "{ \"b\": [ \"x\",\"y\" ],\n \"a\": 1 }"));
        for other in [
            id("g", "{}"),
            id("f", r#"{"a":2}"#),
            id("f", r#"{"a":["y","x"]}"#),
            id("f", r#"{"a":["x","y"]}"#),
        ] {
            assert_ne!(id("f", "{}"), other);
        }
        assert_ne!(id("f", r#"{"a":["x","y"]}"#), id("f", r#"{"a":["y","x"]}"#));
    }

    #[test]
    fn an_answer_is_the_same_whole_streamed_and_as_an_array() {
        let whole = Answer::of_json(
            br#"{"candidates":[{"content":{"role":"model","parts":[{"text":"so it is"},{"functionCall":{"name":"f","args":{"q":1}}}]},"finishReason":"STOP"}],"responseId":"r1","modelVersion":"m"}"#,
        );
        assert_eq!(
            (whole.text.as_str(), whole.calls[0].name.as_str(), whole.ids.as_slice()),
            ("so it is", "f", &["r1".to_owned()][..])
        );
        let events = [
            r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"so it "}]}}],"responseId":"r1"}"#,
            r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"is"}]}}],"responseId":"r1"}"#,
            r#"{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"q": 1}}}]}}],"responseId":"r1"}"#,
        ];
        let stream = events.map(|event| format!("data: {event}\r\n\r\n")).concat();
        let array = format!("[{}]", events.join(",\r\n"));
        let said = |answer: &Answer| {
            (answer.text.clone(), answer.calls[0].id.clone(), answer.ids.clone(), answer.failed)
        };
        assert_eq!(said(&Answer::of_events(&[stream])), said(&whole));
        assert_eq!(said(&Answer::of_json(array.as_bytes())), said(&whole));
        assert!(
            Answer::of_json(br#"{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}"#).failed
        );
        assert!(Answer::of_json(br#"[{"error":{"code":429,"message":"x"}}]"#).failed);
        assert!(Answer::of_json(b"[]").failed);
    }

    #[test]
    fn the_system_instruction_and_the_schema_are_found_in_both_spellings() {
        for (system, config, schema) in [
            ("systemInstruction", "generationConfig", "responseSchema"),
            ("system_instruction", "generation_config", "response_json_schema"),
        ] {
            let body = format!(
                r#"{{"contents":[{{"parts":[{{"text":"x"}}]}}],"{system}":{{"parts":[{{"text":"You are"}},{{"text":"Bo."}}]}},"{config}":{{"{schema}":{{"title":"ExtractedMemories"}}}}}}"#
            );
            let fields = Fields::of(body.as_bytes());
            assert_eq!(system_text(fields.outer_system()), "You are\nBo.");
            assert_eq!(fields.schema_name().as_deref(), Some("ExtractedMemories"));
            assert!(fields.history().starts_with(b"["));
        }
    }

    #[test]
    fn the_paths_of_providers_say_what_is_asked() {
        for (path, told) in [
            ("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", Operation::Generate),
            ("/v1/projects/p/locations/l/publishers/google/models/m:generateContent", Operation::Generate),
            ("/v1beta/models/m:countTokens", Operation::CountTokens),
            ("/v1beta/models/m:batchEmbedContents", Operation::Embeddings),
            ("/v1/chat/completions", Operation::Generate),
            ("/v1/messages", Operation::Generate),
            ("/v1/messages/count_tokens", Operation::CountTokens),
            ("/model/a.b-v1:0/converse-stream", Operation::Generate),
            ("/v1beta/files", Operation::Embeddings),
            ("/v1/models/ft:gpt-4o", Operation::Embeddings),
        ] {
            assert_eq!(Operation::of_passed(path), told, "{path}");
        }
        assert_eq!(Operation::of_path("/v1beta/models/m:embedContent"), Operation::Embeddings);
    }
}
