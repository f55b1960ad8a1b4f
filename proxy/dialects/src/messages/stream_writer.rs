//! Events of the form, into a stream of message events for a client.

use aop_domain::usage::Usage;
use bytes::BytesMut;
use serde_json::{Value, json};

use super::{error, wire};
use crate::dialect::{Answering, StreamWriter};
use crate::event;
use crate::form::{Delta, PartStart, StopReason, StreamEvent};

pub(super) struct Writer {
    answering: Answering,
    /// Id and model, until `message_start` is written: it waits for one event, because the usage of the input may follow.
    waiting: Option<(String, String)>,
    usage: Usage,
    stop: StopReason,
    /// The open part is not of this dialect, and is passed over.
    skipping: bool,
    /// The open part is thinking.
    thinking: bool,
    /// Number of the open block, or of the next.
    next: u32,
    over: bool,
}

impl Writer {
    pub(super) fn new(answering: Answering) -> Self {
        Self {
            answering,
            waiting: None,
            usage: Usage::default(),
            stop: StopReason::End,
            skipping: false,
            thinking: false,
            next: 0,
            over: false,
        }
    }

    fn start(&mut self, out: &mut BytesMut) {
        let Some((id, model)) = self.waiting.take() else { return };
        let model = if model.is_empty() { &self.answering.model } else { &model };
        let message = json!({
            "id": wire::id(&id, &self.answering.id),
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": wire::usage(&self.usage),
        });
        send("message_start", json!({"type": "message_start", "message": message}), out);
    }

    fn part_start(&mut self, part: &PartStart, out: &mut BytesMut) {
        let block = match part {
            PartStart::Text | PartStart::Refusal => json!({"type": "text", "text": ""}),
            PartStart::Thinking { .. } => json!({"type": "thinking", "thinking": "", "signature": ""}),
            PartStart::RedactedThinking(data) => json!({"type": "redacted_thinking", "data": data}),
            PartStart::ToolCall { id, name } => {
                json!({"type": "tool_use", "id": id, "name": name, "input": {}})
            }
            PartStart::Foreign(foreign) if foreign.dialect == crate::Dialect::Messages => {
                foreign.value.clone()
            }
            PartStart::Foreign(_) => {
                self.skipping = true;
                return;
            }
        };
        let event = json!({"type": "content_block_start", "index": self.next, "content_block": block});
        send("content_block_start", event, out);
    }

    fn part_delta(&self, delta: &Delta, out: &mut BytesMut) {
        let delta = match delta {
            Delta::Text(text) if self.thinking => json!({"type": "thinking_delta", "thinking": text}),
            Delta::Text(text) => json!({"type": "text_delta", "text": text}),
            Delta::Signature(signature) => json!({"type": "signature_delta", "signature": signature}),
            Delta::Arguments(arguments) => json!({"type": "input_json_delta", "partial_json": arguments}),
            Delta::Logprobs(_) => return,
        };
        let event = json!({"type": "content_block_delta", "index": self.next, "delta": delta});
        send("content_block_delta", event, out);
    }

    fn part_end(&mut self, out: &mut BytesMut) {
        if std::mem::take(&mut self.skipping) {
            return;
        }
        send("content_block_stop", json!({"type": "content_block_stop", "index": self.next}), out);
        self.next += 1;
    }

    fn end(&self, out: &mut BytesMut) {
        let (stop_reason, stop_sequence) = wire::stop_reason(&self.stop);
        let delta = json!({"stop_reason": stop_reason, "stop_sequence": stop_sequence});
        let event = json!({"type": "message_delta", "delta": delta, "usage": wire::usage(&self.usage)});
        send("message_delta", event, out);
        send("message_stop", json!({"type": "message_stop"}), out);
    }
}

#[allow(clippy::needless_pass_by_value)]
fn send(name: &str, event: Value, out: &mut BytesMut) {
    event::write(out, Some(name), &event);
}

impl StreamWriter for Writer {
    fn write(&mut self, event: &StreamEvent, out: &mut BytesMut) {
        if self.over {
            return;
        }
        if let StreamEvent::Usage(usage) = event {
            self.usage = *usage;
        }
        if !matches!(event, StreamEvent::Start { .. } | StreamEvent::Error(_)) {
            self.start(out);
        }
        match event {
            StreamEvent::Start { id, model } => self.waiting = Some((id.clone(), model.clone())),
            StreamEvent::PartStart { part, .. } => {
                self.thinking = matches!(part, PartStart::Thinking { .. });
                self.part_start(part, out);
            }
            StreamEvent::PartDelta { delta, .. } if !self.skipping => self.part_delta(delta, out),
            StreamEvent::PartEnd { .. } => self.part_end(out),
            StreamEvent::Stop(stop) => self.stop = stop.clone(),
            StreamEvent::Ping => send("ping", json!({"type": "ping"}), out),
            StreamEvent::Error(fault) => {
                send("error", error::value(fault), out);
                self.over = true;
            }
            StreamEvent::End => {
                self.end(out);
                self.over = true;
            }
            StreamEvent::PartDelta { .. } | StreamEvent::Usage(_) => {}
        }
    }
}
