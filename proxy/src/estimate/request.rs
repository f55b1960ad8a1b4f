//! The tokens of a request body: messages with their frame, tools, a prompt, an embedding's input.

use super::blocks;
use super::counter::Counter;
use crate::usage::json;

/// Around each message, and once before the answer: `<|start|>role<|message|>...<|end|>`.
pub(super) const PER_MESSAGE: u64 = 3;
const PER_NAME: u64 = 1;
const BEFORE_ANSWER: u64 = 3;
const PER_TOOL_CALL: u64 = 1;
/// The frame around a tool's definition; the definition itself is counted as its JSON.
const PER_TOOL: u64 = 7;
/// What OpenAI bills for a 1024 × 1024 image, and for any image in low detail.
pub(super) const PER_IMAGE: u64 = 765;
const PER_LOW_IMAGE: u64 = 85;

pub(super) fn count(body: &[u8], counter: &mut Counter) {
    for (key, value) in json::fields(body) {
        match key {
            b"messages" => messages(value, counter),
            b"tools" | b"functions" => tools(value, counter),
            b"prompt" => prompt(value, counter),
            b"input" if json::items(value).next().is_some_and(|item| item.starts_with(b"{")) => {
                blocks::list(value, counter);
                counter.fixed(BEFORE_ANSWER);
            }
            b"input" => prompt(value, counter),
            b"system" | b"instructions" => content(value, counter),
            b"contents" => googles(value, counter),
            b"systemInstruction" | b"system_instruction" => parts(value, counter),
            _ => {}
        }
    }
}

/// Google's messages: each has parts, of which those that are no text are not estimated.
fn googles(contents: &[u8], counter: &mut Counter) {
    for content in json::items(contents) {
        counter.fixed(PER_MESSAGE);
        parts(content, counter);
    }
    counter.fixed(BEFORE_ANSWER);
}

fn parts(content: &[u8], counter: &mut Counter) {
    for part in json::field(content, "parts").into_iter().flat_map(json::items) {
        for (key, value) in json::fields(part) {
            match key {
                b"text" => counter.json_text(value),
                b"functionCall" | b"functionResponse" => counter.text(&String::from_utf8_lossy(value)),
                _ => {}
            }
        }
    }
}

fn messages(messages: &[u8], counter: &mut Counter) {
    for message in json::items(messages) {
        counter.fixed(PER_MESSAGE);
        for (key, value) in json::fields(message) {
            match key {
                b"role" => counter.json_text(value),
                b"name" => {
                    counter.json_text(value);
                    counter.fixed(PER_NAME);
                }
                b"content" => content(value, counter),
                b"tool_calls" => tool_calls(value, counter),
                b"function_call" => function(value, counter),
                _ => {}
            }
        }
    }
    counter.fixed(BEFORE_ANSWER);
}

fn content(content: &[u8], counter: &mut Counter) {
    counter.json_text(content);
    for part in json::items(content) {
        match json::field(part, "type").and_then(json::text).as_deref() {
            Some("image_url" | "image") => {
                let detail = json::field(part, "image_url").and_then(|image| json::field(image, "detail"));
                let is_low = detail == Some(b"\"low\"");
                counter.fixed(if is_low { PER_LOW_IMAGE } else { PER_IMAGE });
            }
            _ => blocks::one(part, counter),
        }
    }
}

pub(super) fn tool_calls(calls: &[u8], counter: &mut Counter) {
    for call in json::items(calls) {
        if let Some(called) = json::field(call, "function") {
            function(called, counter);
        }
    }
}

fn function(called: &[u8], counter: &mut Counter) {
    for field in ["name", "arguments"] {
        if let Some(value) = json::field(called, field) {
            counter.json_text(value);
        }
    }
    counter.fixed(PER_TOOL_CALL);
}

fn tools(tools: &[u8], counter: &mut Counter) {
    for tool in json::items(tools) {
        let definition = json::field(tool, "function").unwrap_or(tool);
        counter.text(&String::from_utf8_lossy(definition));
        counter.fixed(PER_TOOL);
    }
}

/// Text, a list of texts, a list of tokens, or a list of lists of tokens.
fn prompt(value: &[u8], counter: &mut Counter) {
    counter.json_text(value);
    for item in json::items(value) {
        match item.first() {
            Some(b'"') => counter.json_text(item),
            Some(b'[') => counter.fixed(json::items(item).count() as u64),
            _ => counter.fixed(1),
        }
    }
}
