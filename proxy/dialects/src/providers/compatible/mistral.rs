//! Mistral's models that think answer with a list in `content`: pieces of thinking and pieces of text. Before the chat
//! dialect reads it, the thinking is put where the others have it.

use serde_json::Value;

use crate::chat;
use crate::dialect::{AnswerError, StreamReader};
use crate::event::{EventReader, SseReader};
use crate::form::{Response, StreamEvent};

pub(super) fn read_response(body: &[u8]) -> Result<Response, AnswerError> {
    match rewritten(body, "message") {
        Some(body) => chat::read_response(body.to_string().as_bytes()),
        None => chat::read_response(body),
    }
}

pub(super) fn reader() -> Box<dyn StreamReader> {
    Box::new(SseReader::new(Reader { chat: chat::reader() }))
}

struct Reader {
    chat: Box<dyn StreamReader>,
}

impl EventReader for Reader {
    fn event(&mut self, _name: Option<&[u8]>, data: &[u8], events: &mut Vec<StreamEvent>) {
        self.chat.push(b"data: ", events);
        match rewritten(data, "delta") {
            Some(chunk) => self.chat.push(chunk.to_string().as_bytes(), events),
            // Data of several lines, which JSON in this wire never has, would need a prefix on each.
            None => self.chat.push(data, events),
        }
        self.chat.push(b"\n\n", events);
    }

    fn finish(&mut self, events: &mut Vec<StreamEvent>) {
        self.chat.finish(events);
    }
}

/// `None`: there is no list in it, so it is as the others have it.
fn rewritten(json: &[u8], holder: &str) -> Option<Value> {
    memchr::memmem::find(json, b"\"content\"")?;
    let mut answer: Value = serde_json::from_slice(json).ok()?;
    let message = answer.get_mut("choices")?.get_mut(0)?.get_mut(holder)?;
    let pieces = message.get("content")?.as_array()?;
    let (mut thought, mut said) = (String::new(), String::new());
    for piece in pieces {
        said.push_str(piece["text"].as_str().unwrap_or_default());
        for part in piece["thinking"].as_array().into_iter().flatten() {
            thought.push_str(part["text"].as_str().unwrap_or_default());
        }
    }
    message["content"] = said.into();
    if !thought.is_empty() {
        message["reasoning_content"] = thought.into();
    }
    Some(answer)
}
