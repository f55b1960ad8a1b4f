//! The tokens of content blocks (messages) and items (responses), which stand in requests and in answers.

use super::counter::Counter;
use super::request::{PER_IMAGE, PER_MESSAGE};
use crate::usage::json;

/// Blocks deeper than this are no provider's.
const DEEPEST: u32 = 8;

pub(super) fn list(blocks: &[u8], counter: &mut Counter) {
    within(blocks, DEEPEST, counter);
}

pub(super) fn one(block: &[u8], counter: &mut Counter) {
    block_within(block, DEEPEST, counter);
}

fn within(blocks: &[u8], depth: u32, counter: &mut Counter) {
    // A string in the place of a list is a text.
    counter.json_text(blocks);
    json::items(blocks).for_each(|block| block_within(block, depth, counter));
}

fn block_within(block: &[u8], depth: u32, counter: &mut Counter) {
    let kind = json::field(block, "type").and_then(json::text).unwrap_or_default();
    match kind.as_str() {
        "image" | "input_image" => return counter.fixed(PER_IMAGE),
        "message" => counter.fixed(PER_MESSAGE),
        _ => {}
    }
    for (key, value) in json::fields(block) {
        match key {
            b"text" | b"thinking" | b"name" | b"arguments" | b"refusal" => counter.json_text(value),
            // A tool's arguments as an object.
            b"input" => counter.text(&String::from_utf8_lossy(value)),
            b"content" | b"output" | b"summary" if depth > 0 => within(value, depth - 1, counter),
            _ => {}
        }
    }
}
