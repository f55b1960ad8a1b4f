//! Events of the form, into a stream of response events for a client.
//!
//! The last event holds the whole answer once more, so the writer keeps what it has written, up to a bound.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::response::{Items, function_call, message, message_part};
use super::{error, wire};
use crate::chat::write_logprobs;
use crate::dialect::{Answering, StreamWriter};
use crate::event;
use crate::form::{
    Content, Delta, Fault, FaultKind, PartStart, Response, StopReason, StreamEvent, Thinking, TokenLogprob,
    ToolCall,
};

/// No model writes so much in one answer.
const LARGEST_ANSWER_BYTES: usize = 32 << 20;
const ADDED: &str = "response.output_item.added";

pub(super) struct Writer {
    answering: Answering,
    sequence: u64,
    response: Response,
    items: Items,
    open: Option<Content>,
    logprobs: Vec<TokenLogprob>,
    kept_bytes: usize,
    over: bool,
}

impl Writer {
    pub(super) fn new(answering: Answering) -> Self {
        let response = Response {
            id: wire::id("", &answering.id),
            model: answering.model.clone(),
            created_s: Some(answering.created_s),
            parts: Vec::new(),
            stop: StopReason::End,
            usage: None,
            logprobs: Vec::new(),
            service_tier: None,
        };
        Self {
            items: Items::new(&answering.id),
            answering,
            sequence: 0,
            response,
            open: None,
            logprobs: Vec::new(),
            kept_bytes: 0,
            over: false,
        }
    }

    fn send(&mut self, name: &str, mut event: Value, out: &mut BytesMut) {
        event["type"] = name.into();
        event["sequence_number"] = self.sequence.into();
        self.sequence += 1;
        event::write(out, Some(name), &event);
    }

    fn envelope(&self, status: &str, output: &[Value]) -> Value {
        let Response { id, model, .. } = &self.response;
        wire::envelope(id, model, self.answering.created_s, status, output)
    }

    fn start(&mut self, id: &str, model: &str, out: &mut BytesMut) {
        self.response.id = wire::id(id, &self.answering.id);
        if !model.is_empty() {
            model.clone_into(&mut self.response.model);
        }
        for name in ["response.created", "response.in_progress"] {
            let response = self.envelope("in_progress", &[]);
            self.send(name, json!({"response": response}), out);
        }
    }

    /// Number and id of the item that is open, or comes next.
    fn place(&self, kind: &str) -> (usize, String) {
        let number = self.items.output.len();
        (number, self.items.id(kind, number))
    }

    fn item_event(&mut self, name: &str, item: &Value, out: &mut BytesMut) {
        let number = self.items.output.len();
        self.send(name, json!({"output_index": number, "item": item}), out);
    }

    /// An event about a piece of the open item.
    fn piece_event(&mut self, name: &str, kind: &str, mut more: Value, out: &mut BytesMut) {
        let (number, id) = self.place(kind);
        more["item_id"] = id.into();
        more["output_index"] = number.into();
        self.send(name, more, out);
    }

    fn part_start(&mut self, part: &PartStart, out: &mut BytesMut) {
        let content = match part {
            PartStart::Text => Content::Text(String::new()),
            PartStart::Refusal => Content::Refusal(String::new()),
            PartStart::Thinking { id } => {
                Content::Thinking(Thinking { id: id.clone(), ..Thinking::default() })
            }
            PartStart::RedactedThinking(data) => Content::RedactedThinking(data.clone()),
            PartStart::ToolCall { id, name } => {
                Content::ToolCall(ToolCall { id: id.clone(), name: name.clone(), arguments: String::new() })
            }
            PartStart::Foreign(foreign) => Content::Foreign(foreign.clone()),
        };
        match &content {
            Content::Text(_) | Content::Refusal(_) => {
                let (_, id) = self.place("msg");
                self.item_event(ADDED, &message(&id, "in_progress", &[]), out);
                let part = json!({"content_index": 0, "part": message_part(&content, &[])});
                self.piece_event("response.content_part.added", "msg", part, out);
            }
            Content::ToolCall(call) => {
                let (_, id) = self.place("fc");
                self.item_event(ADDED, &function_call(&id, call, "in_progress"), out);
            }
            Content::Thinking(thinking) => {
                let (_, id) = self.place("rs");
                self.item_event(ADDED, &wire::write_reasoning(thinking, &id), out);
            }
            _ => {}
        }
        self.open = Some(content);
    }

    fn part_delta(&mut self, delta: &Delta, out: &mut BytesMut) {
        let Some(mut open) = self.open.take() else { return };
        match (&mut open, delta) {
            (Content::Text(text), Delta::Text(piece)) => {
                text.push_str(piece);
                let event = json!({"content_index": 0, "delta": piece, "logprobs": []});
                self.piece_event("response.output_text.delta", "msg", event, out);
            }
            (Content::Text(_), Delta::Logprobs(logprobs)) => {
                self.logprobs.extend_from_slice(logprobs);
                let event = json!({"content_index": 0, "delta": "", "logprobs": write_logprobs(logprobs)});
                self.piece_event("response.output_text.delta", "msg", event, out);
            }
            (Content::Refusal(text), Delta::Text(piece)) => {
                text.push_str(piece);
                let event = json!({"content_index": 0, "delta": piece});
                self.piece_event("response.refusal.delta", "msg", event, out);
            }
            (Content::Thinking(thinking), Delta::Text(piece)) => {
                if thinking.text.is_empty() {
                    let part = json!({"summary_index": 0, "part": {"type": "summary_text", "text": ""}});
                    self.reasoning_event("response.reasoning_summary_part.added", thinking, part, out);
                }
                thinking.text.push_str(piece);
                let event = json!({"summary_index": 0, "delta": piece});
                self.reasoning_event("response.reasoning_summary_text.delta", thinking, event, out);
            }
            (Content::Thinking(thinking), Delta::Signature(proof)) => {
                thinking.signature.get_or_insert_default().push_str(proof);
            }
            (Content::ToolCall(call), Delta::Arguments(piece)) => {
                call.arguments.push_str(piece);
                let event = json!({"delta": piece});
                self.piece_event("response.function_call_arguments.delta", "fc", event, out);
            }
            _ => {}
        }
        self.open = Some(open);
        self.kept_bytes += match delta {
            Delta::Text(piece) | Delta::Signature(piece) | Delta::Arguments(piece) => piece.len(),
            Delta::Logprobs(logprobs) => size_of_val(&logprobs[..]),
        };
        if self.kept_bytes > LARGEST_ANSWER_BYTES {
            let message = "The answer is too large for a stream of this dialect.";
            self.error(&Fault::new(FaultKind::Internal, message), out);
        }
    }

    /// Reasoning keeps the id its provider gave it.
    fn reasoning_event(&mut self, name: &str, thinking: &Thinking, mut more: Value, out: &mut BytesMut) {
        let (number, ours) = self.place("rs");
        more["item_id"] = thinking.id.clone().unwrap_or(ours).into();
        more["output_index"] = number.into();
        self.send(name, more, out);
    }

    fn part_end(&mut self, out: &mut BytesMut) {
        let Some(content) = self.open.take() else { return };
        let logprobs = std::mem::take(&mut self.logprobs);
        match &content {
            Content::Text(text) => {
                let event = json!({"content_index": 0, "text": text, "logprobs": write_logprobs(&logprobs)});
                self.piece_event("response.output_text.done", "msg", event, out);
            }
            Content::Refusal(refusal) => {
                let event = json!({"content_index": 0, "refusal": refusal});
                self.piece_event("response.refusal.done", "msg", event, out);
            }
            Content::ToolCall(call) => {
                let event = json!({"name": call.name, "arguments": call.arguments});
                self.piece_event("response.function_call_arguments.done", "fc", event, out);
            }
            Content::Thinking(thinking) if !thinking.text.is_empty() => {
                let done = json!({"summary_index": 0, "text": thinking.text});
                self.reasoning_event("response.reasoning_summary_text.done", thinking, done, out);
                let part = json!({"type": "summary_text", "text": thinking.text});
                let done = json!({"summary_index": 0, "part": part});
                self.reasoning_event("response.reasoning_summary_part.done", thinking, done, out);
            }
            _ => {}
        }
        if matches!(content, Content::Text(_) | Content::Refusal(_)) {
            let part = json!({"content_index": 0, "part": message_part(&content, &logprobs)});
            self.piece_event("response.content_part.done", "msg", part, out);
        }
        self.close_item(&content, &logprobs, out);
    }

    fn close_item(&mut self, content: &Content, logprobs: &[TokenLogprob], out: &mut BytesMut) {
        let number = self.items.output.len();
        self.items.add(content, logprobs);
        let Some(item) = self.items.output.get(number).cloned() else { return };
        // These come whole: nothing was said of them yet.
        if matches!(content, Content::RedactedThinking(_) | Content::Foreign(_)) {
            self.send(ADDED, json!({"output_index": number, "item": item}), out);
        }
        self.send("response.output_item.done", json!({"output_index": number, "item": item}), out);
    }

    fn end(&mut self, out: &mut BytesMut) {
        let output = std::mem::take(&mut self.items.output);
        let mut response = self.envelope("completed", &output);
        wire::close(&mut response, &self.response);
        let (status, _) = wire::status(&self.response.stop);
        self.send(&format!("response.{status}"), json!({"response": response}), out);
    }

    fn error(&mut self, fault: &Fault, out: &mut BytesMut) {
        let event = error::event(fault, self.sequence);
        event::write(out, Some("error"), &event);
        self.over = true;
    }
}

impl StreamWriter for Writer {
    fn write(&mut self, event: &StreamEvent, out: &mut BytesMut) {
        if self.over {
            return;
        }
        match event {
            StreamEvent::Start { id, model } => self.start(id, model, out),
            StreamEvent::PartStart { part, .. } => self.part_start(part, out),
            StreamEvent::PartDelta { delta, .. } => self.part_delta(delta, out),
            StreamEvent::PartEnd { .. } => self.part_end(out),
            StreamEvent::Usage(usage) => self.response.usage = Some(*usage),
            StreamEvent::Stop(stop) => self.response.stop = stop.clone(),
            // A comment: readers of this dialect pass over it, and the connection is seen to live.
            StreamEvent::Ping => out.extend_from_slice(b": ping\n\n"),
            StreamEvent::Error(fault) => self.error(fault, out),
            StreamEvent::End => {
                self.end(out);
                self.over = true;
            }
        }
    }
}
