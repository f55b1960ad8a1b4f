//! What is looked at in an answer that passes: fields of JSON, events of a stream, items of an array that streams, or
//! nothing but its length.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::said::Said;
use crate::body::budget::Budget;
use crate::body::skim::Skim;
use crate::body::transcript::Transcript;
use crate::stream::items::Items;
use crate::stream::sse::Splitter;
use crate::units::Seen;
use crate::usage::json as raw;
use aop_dialects::providers::bedrock::passed::{self, Events, Told};
use aop_dialects::usage::told;

enum Kind {
    Json(Skim),
    /// A stream was asked for: an array of what it tells, or one whole answer after all.
    Undecided,
    Items(Items),
    Events(Splitter),
    /// Amazon's binary messages.
    Amazon(Events),
    Text,
    Other,
}

pub(super) struct Watch {
    kind: Kind,
    seen: Seen,
    /// Of text.
    kept: Transcript,
    limit: usize,
    /// What its events say is counted.
    counts: bool,
    said: Said,
}

pub(super) struct Watched {
    pub(super) seen: Seen,
    pub(super) kept: Transcript,
    pub(super) said: Said,
    /// What was kept are events, as they came or as they were read.
    pub(super) is_sse: bool,
}

impl Watch {
    /// `limit`: so much of text is kept, as far as `budget` has room. `counts`: what a model says is counted.
    /// `may_be_items`: a stream was asked for, and JSON may be one.
    pub(super) fn new(
        content_type: &str,
        is_event_stream: bool,
        may_be_items: bool,
        limit: usize,
        budget: &Arc<Budget>,
        counts: bool,
    ) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let kind = match kind.as_str() {
            "text/event-stream" => Kind::Events(Splitter::default()),
            _ if is_event_stream => Kind::Amazon(Events::default()),
            "application/json" if may_be_items => Kind::Undecided,
            "application/json" => Kind::Json(told_by()),
            kind if kind.ends_with("+json") => Kind::Json(told_by()),
            kind if kind.starts_with("text/") || kind == "application/x-ndjson" => Kind::Text,
            _ => Kind::Other,
        };
        let limit = if matches!(kind, Kind::Other) { 0 } else { limit };
        let kept = Transcript::new(budget, limit);
        Self { kind, seen: Seen::default(), kept, limit, counts, said: Said::default() }
    }

    pub(super) fn is_sse(&self) -> bool {
        matches!(self.kind, Kind::Events(_))
    }

    /// What a model has said so far.
    pub(super) fn text_bytes(&self) -> u64 {
        self.said.bytes()
    }

    /// Has the first token come? `None`: of this kind of answer every byte is one.
    pub(super) fn has_token(&self) -> Option<bool> {
        matches!(self.kind, Kind::Amazon(_)).then_some(self.said.bytes() > 0)
    }

    /// What a stream that has to be cut is ended with, when an SDK would understand it here.
    pub(super) fn exception(&self, message: &str) -> Option<Bytes> {
        match &self.kind {
            Kind::Amazon(_) => Some(passed::exception(message)),
            _ => None,
        }
    }

    /// Bytes at the end of what was pushed that wait for more: a stream can be ended before them, and not behind.
    pub(super) fn partial_bytes(&self) -> usize {
        match &self.kind {
            Kind::Amazon(events) => events.partial_bytes(),
            _ => 0,
        }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        if self.limit > 0 && !matches!(self.kind, Kind::Amazon(_)) {
            self.kept.keep(piece);
        }
        if let Kind::Undecided = self.kind {
            self.kind = match Items::is_array(piece) {
                None => return,
                Some(true) => Kind::Items(Items::default()),
                Some(false) => Kind::Json(told_by()),
            };
        }
        let (seen, counts, said) = (&mut self.seen, self.counts, &mut self.said);
        let mut watched = |data: &[u8]| {
            watch(data, seen);
            if counts {
                said.event(data);
            }
        };
        match &mut self.kind {
            Kind::Json(skim) => skim.push(piece),
            Kind::Items(items) => items.push(piece, watched),
            Kind::Events(splitter) => {
                splitter.push(piece);
                while let Some(event) = splitter.next_event() {
                    if let Some(data) = event.data() {
                        watched(&data);
                    }
                }
            }
            Kind::Amazon(events) => {
                let (kept, keeps) = (&mut self.kept, self.limit > 0);
                events.push(piece, |told| {
                    let event = match told {
                        Told::Event(event) => event,
                        Told::Failed(why) => Bytes::from(json!({"error": {"message": why}}).to_string()),
                    };
                    watched(&event);
                    if keeps {
                        kept.keep(&as_text(&event));
                    }
                });
            }
            Kind::Undecided | Kind::Text | Kind::Other => {}
        }
    }

    pub(super) fn finish(mut self) -> Watched {
        match &mut self.kind {
            Kind::Json(skim) => {
                skim.fields().for_each(|(key, value)| self.seen.told.field(key.as_bytes(), value));
                self.seen.pictures = skim.items("data");
            }
            Kind::Events(splitter) => {
                let last = splitter.finish();
                if let Some(data) = last.as_ref().and_then(|event| event.data()) {
                    watch(&data, &mut self.seen);
                    if self.counts {
                        self.said.event(&data);
                    }
                }
            }
            Kind::Items(_) | Kind::Amazon(_) | Kind::Undecided | Kind::Text | Kind::Other => {}
        }
        let is_sse = matches!(self.kind, Kind::Events(_) | Kind::Amazon(_));
        Watched { is_sse, seen: self.seen, kept: self.kept, said: self.said }
    }
}

/// What is looked at in a whole answer.
fn told_by() -> Skim {
    let (list, wanted) = told::Told::OF_FIRST;
    Skim::new(told::Told::FIELDS).and_of_first(list, wanted)
}

/// An event of Amazon's binary stream as the text that other streams are: what it tells, on one line.
fn as_text(event: &[u8]) -> Vec<u8> {
    let mut text = b"data: ".to_vec();
    // Between the values of JSON a line end is as good as a space, and within its texts there is none.
    text.extend(event.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    text.extend_from_slice(b"\n\n");
    text
}

fn watch(data: &[u8], seen: &mut Seen) {
    seen.told.document(data);
    let kind = raw::field(data, "type").and_then(raw::text).unwrap_or_default();
    // `image_generation.completed`, `image_edit.completed`: one picture each.
    if kind.starts_with("image_") && kind.ends_with(".completed") {
        *seen.pictures.get_or_insert(0) += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(content_type: &str, limit: usize, pieces: &[&str]) -> Watched {
        let budget = Budget::new(1 << 20);
        let is_event_stream = content_type.contains("eventstream");
        let mut watch = Watch::new(content_type, is_event_stream, false, limit, &budget, true);
        pieces.iter().for_each(|piece| watch.push(piece.as_bytes()));
        watch.finish()
    }

    #[test]
    fn of_json_fields_are_read_and_nothing_is_kept_unless_wished() {
        let pieces = [
            r#"{"data":[{"b64_json":"AA"},{"b64_"#,
            r#"json":"BB"}],"usage":{"input_tokens":3,"output_tokens":4}}"#,
        ];
        let seen = watched("application/json; charset=utf-8", 0, &pieces);
        assert_eq!((seen.seen.pictures, seen.seen.told.usage().unwrap().total()), (Some(2), 7));
        assert!(seen.kept.len() == 0 && !seen.kept.is_cut());
        let kept = watched("application/json", 10, &pieces);
        assert_eq!((kept.kept.len(), kept.kept.is_cut()), (10, true));
    }

    #[test]
    fn of_a_stream_the_events_are_read_wherever_they_were_cut() {
        let seen = watched(
            "text/event-stream",
            0,
            &[
                "data: {\"type\":\"image_generation.partial_image\"}\n\ndata: {\"type\":\"image_gener",
                "ation.completed\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n\n",
            ],
        );
        assert_eq!((seen.seen.pictures, seen.seen.told.usage().unwrap().total()), (Some(1), 3));
        let failed = watched("text/event-stream", 0, &["data: {\"error\":{\"message\":\"no\"}}"]);
        assert_eq!(failed.seen.told.error.as_deref(), Some("no"), "the last event has no empty line");
    }

    #[test]
    fn of_amazons_messages_what_they_tell_is_kept_as_events_on_one_line() {
        assert_eq!(as_text(b"{\"a\":\n\"b\\n\"}"), b"data: {\"a\": \"b\\n\"}\n\n");
        let watched = watched("application/vnd.amazon.eventstream", 100, &["no message at all"]);
        assert!(watched.is_sse && watched.kept.len() == 0);
    }

    #[test]
    fn of_json_that_was_to_be_a_stream_the_items_are_read_if_it_is_an_array() {
        let read = |pieces: &[&str]| {
            let budget = Budget::new(1 << 20);
            let mut watch = Watch::new("application/json", false, true, 0, &budget, true);
            pieces.iter().for_each(|piece| watch.push(piece.as_bytes()));
            let text_bytes = watch.text_bytes();
            (watch.finish().seen.told.usage().unwrap().total(), text_bytes)
        };
        let usage = r#""usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}"#;
        let said = r#"{"candidates":[{"content":{"parts":[{"text":"one ]},"}]}}]}"#;
        let last = format!("{{\"candidates\":[],{usage}}}]");
        assert_eq!(read(&[" ", "[", said, ",\r\n", &last]), (7, 7));
        assert_eq!(read(&["\n", &format!("{{{usage}}}")]), (7, 0), "one whole answer after all");
    }

    #[test]
    fn of_bytes_nothing_is_kept() {
        let sound = watched("audio/mpeg", 100, &["{\"usage\":{\"input_tokens\":3}}"]);
        assert_eq!((sound.kept.len(), sound.seen.told.usage()), (0, None));
    }
}
