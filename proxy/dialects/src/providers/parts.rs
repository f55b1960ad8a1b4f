//! The parts of a streamed answer on wires that do not say where a part ends: it ends where another begins.

use crate::form::{Delta, Foreign, PartStart, StreamEvent};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    Call,
}

/// Numbers the parts and sees to it that one follows the other.
#[derive(Debug, Default)]
pub(super) struct Parts {
    open: Option<Kind>,
    next: u32,
}

impl Parts {
    /// A piece of the answer's text; an empty one says nothing.
    pub(super) fn text(&mut self, piece: &str, events: &mut Vec<StreamEvent>) {
        if !piece.is_empty() {
            self.continue_or_begin(Kind::Text, PartStart::Text, events);
            self.delta(Delta::Text(piece.to_owned()), events);
        }
    }

    pub(super) fn thinking(&mut self, piece: &str, events: &mut Vec<StreamEvent>) {
        if !piece.is_empty() {
            self.continue_or_begin(Kind::Thinking, PartStart::Thinking { id: None }, events);
            self.delta(Delta::Text(piece.to_owned()), events);
        }
    }

    /// Ends the thinking that is open, or stands for thinking that was not shown.
    pub(super) fn signature(&mut self, signature: String, events: &mut Vec<StreamEvent>) {
        self.continue_or_begin(Kind::Thinking, PartStart::Thinking { id: None }, events);
        self.delta(Delta::Signature(signature), events);
        self.end(events);
    }

    pub(super) fn call(&mut self, id: String, name: String, events: &mut Vec<StreamEvent>) {
        self.begin(Kind::Call, PartStart::ToolCall { id, name }, events);
    }

    /// A piece of the arguments of the call that is open.
    pub(super) fn arguments(&mut self, piece: &str, events: &mut Vec<StreamEvent>) {
        if self.open == Some(Kind::Call) && !piece.is_empty() {
            self.delta(Delta::Arguments(piece.to_owned()), events);
        }
    }

    pub(super) fn redacted(&mut self, data: String, events: &mut Vec<StreamEvent>) {
        self.whole(PartStart::RedactedThinking(data), events);
    }

    pub(super) fn foreign(&mut self, foreign: Foreign, events: &mut Vec<StreamEvent>) {
        self.whole(PartStart::Foreign(foreign), events);
    }

    /// Of the text that is open; without one they have nothing to stand on.
    pub(super) fn text_delta(&mut self, delta: Delta, events: &mut Vec<StreamEvent>) {
        if self.open == Some(Kind::Text) {
            self.delta(delta, events);
        }
    }

    pub(super) fn end(&mut self, events: &mut Vec<StreamEvent>) {
        if self.open.take().is_some() {
            events.push(StreamEvent::PartEnd { index: self.next - 1 });
        }
    }

    fn whole(&mut self, part: PartStart, events: &mut Vec<StreamEvent>) {
        self.end(events);
        events.push(StreamEvent::PartStart { index: self.next, part });
        events.push(StreamEvent::PartEnd { index: self.next });
        self.next += 1;
    }

    fn continue_or_begin(&mut self, kind: Kind, part: PartStart, events: &mut Vec<StreamEvent>) {
        if self.open != Some(kind) {
            self.begin(kind, part, events);
        }
    }

    fn begin(&mut self, kind: Kind, part: PartStart, events: &mut Vec<StreamEvent>) {
        self.end(events);
        events.push(StreamEvent::PartStart { index: self.next, part });
        self.open = Some(kind);
        self.next += 1;
    }

    fn delta(&self, delta: Delta, events: &mut Vec<StreamEvent>) {
        events.push(StreamEvent::PartDelta { index: self.next.saturating_sub(1), delta });
    }
}
