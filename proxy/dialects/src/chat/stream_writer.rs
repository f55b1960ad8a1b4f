//! Events of the form, into a stream of chat completion chunks for a client.

use aop_domain::usage::Usage;
use bytes::BytesMut;
use serde_json::{Value, json};

use super::{error, wire};
use crate::dialect::{Answering, StreamWriter};
use crate::event;
use crate::form::{Delta, PartStart, StopReason, StreamEvent};

pub(super) struct Writer {
    answering: Answering,
    id: String,
    model: String,
    /// What the open part is.
    open: Kind,
    calls: u32,
    thoughts: u32,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    Refusal,
    Call,
    Other,
}

impl Writer {
    pub(super) fn new(answering: Answering) -> Self {
        let (id, model) = (wire::id("", &answering.id), answering.model.clone());
        Self {
            answering,
            id,
            model,
            open: Kind::Other,
            calls: 0,
            thoughts: 0,
            usage: None,
            stop: None,
            over: false,
        }
    }

    fn chunk(&self, choices: Value, usage: Option<Value>, out: &mut BytesMut) {
        let mut chunk =
            wire::envelope("chat.completion.chunk", &self.id, &self.model, self.answering.created_s);
        chunk.insert("choices".to_owned(), choices);
        if let Some(usage) = usage {
            chunk.insert("usage".to_owned(), usage);
        }
        event::write(out, None, &Value::Object(chunk));
    }

    fn delta(&self, delta: &Value, out: &mut BytesMut) {
        self.chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]), None, out);
    }

    fn part_start(&mut self, part: &PartStart, out: &mut BytesMut) {
        self.open = match part {
            PartStart::Text => Kind::Text,
            PartStart::Refusal => Kind::Refusal,
            PartStart::Thinking { .. } => {
                self.thoughts += 1;
                Kind::Thinking
            }
            PartStart::RedactedThinking(data) => {
                let detail = json!({"type": "reasoning.encrypted", "data": data, "index": self.thoughts});
                self.thoughts += 1;
                self.delta(&json!({"reasoning_details": [detail]}), out);
                Kind::Other
            }
            PartStart::ToolCall { id, name } => {
                let call = json!({"index": self.calls, "id": id, "type": "function",
                    "function": {"name": name, "arguments": ""}});
                self.calls += 1;
                self.delta(&json!({"tool_calls": [call]}), out);
                Kind::Call
            }
            PartStart::Foreign(_) => Kind::Other,
        };
    }

    fn part_delta(&self, delta: &Delta, out: &mut BytesMut) {
        match (delta, self.open) {
            (Delta::Text(text), Kind::Text) => self.delta(&json!({"content": text}), out),
            (Delta::Text(text), Kind::Refusal) => self.delta(&json!({"refusal": text}), out),
            (Delta::Text(text), Kind::Thinking) => self.delta(&json!({"reasoning_content": text}), out),
            (Delta::Signature(signature), _) => {
                let index = self.thoughts.saturating_sub(1);
                let detail =
                    json!({"type": "reasoning.text", "text": "", "signature": signature, "index": index});
                self.delta(&json!({"reasoning_details": [detail]}), out);
            }
            (Delta::Arguments(arguments), _) => {
                let index = self.calls.saturating_sub(1);
                let call = json!({"index": index, "function": {"arguments": arguments}});
                self.delta(&json!({"tool_calls": [call]}), out);
            }
            (Delta::Logprobs(logprobs), _) => {
                let logprobs = json!({"content": wire::write_logprobs(logprobs), "refusal": null});
                let choice = json!({"index": 0, "delta": {}, "logprobs": logprobs, "finish_reason": null});
                self.chunk(json!([choice]), None, out);
            }
            (Delta::Text(_), _) => {}
        }
    }

    fn end(&self, out: &mut BytesMut) {
        let reason = self.stop.as_ref().map_or("stop", wire::finish_reason);
        let choice = json!({"index": 0, "delta": {}, "logprobs": null, "finish_reason": reason});
        self.chunk(json!([choice]), None, out);
        if let Some(usage) = self.usage.as_ref().filter(|_| self.answering.stream_usage) {
            self.chunk(json!([]), Some(wire::usage(usage)), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

impl StreamWriter for Writer {
    fn write(&mut self, event: &StreamEvent, out: &mut BytesMut) {
        if self.over {
            return;
        }
        match event {
            StreamEvent::Start { id, model } => {
                self.id = wire::id(id, &self.answering.id);
                if !model.is_empty() {
                    self.model.clone_from(model);
                }
                self.delta(&json!({"role": "assistant", "content": ""}), out);
            }
            StreamEvent::PartStart { part, .. } => self.part_start(part, out),
            StreamEvent::PartDelta { delta, .. } => self.part_delta(delta, out),
            StreamEvent::PartEnd { .. } => self.open = Kind::Other,
            StreamEvent::Usage(usage) => self.usage = Some(*usage),
            StreamEvent::Stop(stop) => self.stop = Some(stop.clone()),
            // A comment: readers of this dialect pass over it, and the connection is seen to live.
            StreamEvent::Ping => out.extend_from_slice(b": ping\n\n"),
            StreamEvent::Error(fault) => {
                event::write(out, None, &error::value(fault));
                self.over = true;
            }
            StreamEvent::End => {
                self.end(out);
                self.over = true;
            }
        }
    }
}
