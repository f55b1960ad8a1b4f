//! Streams of named events (messages, responses) as they pass: what each event tells, read without building a tree.

use aop_dialects::Dialect;

use super::observe::{Observed, error_message};
use crate::usage::json::{field, fields, text};
use crate::usage::{convention, counts, openai};

#[derive(Debug)]
pub(super) struct Named {
    dialect: Dialect,
    /// Anthropic tells the input at the start and the output at the end.
    counts: Option<counts::Counts>,
}

impl Named {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, counts: None }
    }

    pub(super) fn watch(&mut self, data: &[u8], observed: &mut Observed, elapsed_us: u64) {
        let Some(kind) = field(data, "type").and_then(text) else {
            if data.trim_ascii() != b"[DONE]" {
                observed.unreadable_events += 1;
            }
            return;
        };
        observed.events += 1;
        match self.dialect {
            Dialect::Responses => self.response(&kind, data, observed, elapsed_us),
            _ => self.message(&kind, data, observed, elapsed_us),
        }
    }

    fn message(&mut self, kind: &str, data: &[u8], observed: &mut Observed, elapsed_us: u64) {
        match kind {
            "message_start" => {
                let Some(message) = field(data, "message") else { return };
                names(message, observed);
                self.usage(field(message, "usage"), observed);
            }
            "content_block_start" => {
                // A tool's name is output too, and a block may begin with some of its text.
                for (key, value) in field(data, "content_block").into_iter().flat_map(fields) {
                    if matches!(key, b"name" | b"text" | b"thinking") {
                        observed.take_text(value, elapsed_us);
                    }
                }
            }
            "content_block_delta" => {
                for (key, value) in field(data, "delta").into_iter().flat_map(fields) {
                    if matches!(key, b"text" | b"thinking" | b"partial_json") {
                        observed.take_text(value, elapsed_us);
                    }
                }
            }
            "message_delta" => {
                self.usage(field(data, "usage"), observed);
                let reason = field(data, "delta").and_then(|delta| field(delta, "stop_reason"));
                if let Some(reason) = reason.filter(|reason| *reason != b"null") {
                    observed.finish_reason = openai::short_text(reason);
                }
            }
            "message_stop" => observed.done = true,
            "error" => fail(data, observed),
            _ => {}
        }
    }

    fn response(&mut self, kind: &str, data: &[u8], observed: &mut Observed, elapsed_us: u64) {
        match kind {
            "response.created" => {
                if let Some(response) = field(data, "response") {
                    names(response, observed);
                }
            }
            "response.completed" | "response.incomplete" => {
                observed.done = true;
                let Some(response) = field(data, "response") else { return };
                names(response, observed);
                observed.finish_reason = openai::response_finish(response);
                self.usage(field(response, "usage"), observed);
            }
            "response.failed" => {
                let response = field(data, "response").unwrap_or(data);
                self.usage(field(response, "usage"), observed);
                fail(response, observed);
            }
            "error" => fail(data, observed),
            "response.output_item.added" => {
                if let Some(name) = field(data, "item").and_then(|item| field(item, "name")) {
                    observed.take_text(name, elapsed_us);
                }
            }
            // Sound is no text; what is spoken is told beside it.
            _ if kind.ends_with("audio.delta") => {}
            _ if kind.ends_with(".delta") => {
                if let Some(delta) = field(data, "delta") {
                    observed.take_text(delta, elapsed_us);
                }
            }
            _ => {}
        }
    }

    /// Each event tells the counts it knows, as new totals: the others stay.
    fn usage(&mut self, usage: Option<&[u8]>, observed: &mut Observed) {
        let Some(new) = usage.and_then(counts::read) else { return };
        let all = match self.counts {
            None => new,
            Some(known) => new.or(known),
        };
        self.counts = Some(all);
        observed.usage = Some(convention::disjoint(&all));
        if let Some(tier) = usage.and_then(|usage| field(usage, "service_tier")) {
            observed.service_tier = openai::tier(tier);
        }
    }
}

fn names(object: &[u8], observed: &mut Observed) {
    for (key, value) in fields(object) {
        match key {
            b"id" => observed.response_id = openai::short_text(value),
            b"model" => observed.response_model = openai::short_text(value),
            b"service_tier" => observed.service_tier = openai::tier(value),
            _ => {}
        }
    }
}

fn fail(data: &[u8], observed: &mut Observed) {
    let error = field(data, "error").filter(|error| *error != b"null").unwrap_or(data);
    observed.error.get_or_insert_with(|| error_message(error));
}

#[cfg(test)]
mod tests {
    use super::super::observe::Observer;
    use super::*;
    use bytes::Bytes;

    fn observe(dialect: Dialect, events: &[&str]) -> Observed {
        let mut observer = Observer::of(dialect);
        for (at, event) in (1..).zip(events) {
            let bytes = Bytes::from(format!("event: x\ndata: {event}\n\n"));
            assert_eq!(observer.push(bytes.clone(), at), bytes, "named events pass as they came");
        }
        observer.into_observed()
    }

    const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":60,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":40},"output_tokens":1,"service_tier":"standard"}}}"#;
    const DELTA: &str =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#;
    const END: &str =
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#;

    #[test]
    fn a_stream_of_messages_tells_its_input_at_the_start_and_its_output_at_the_end() {
        let observed = observe(Dialect::Messages, &[START, DELTA, END, r#"{"type":"message_stop"}"#]);
        let usage = observed.usage.unwrap();
        assert_eq!((usage.in_uncached, usage.in_cache_read, usage.out_text), (10, 100, 7));
        assert_eq!((usage.in_cache_write_5m, usage.in_cache_write_1h), (20, 40));
        assert_eq!((observed.response_id.as_str(), observed.response_model.as_str()), ("msg_1", "claude"));
        assert_eq!((observed.finish_reason.as_str(), observed.first_token_us), ("end_turn", Some(2)));
        assert_eq!(observed.service_tier, "", "the standard tier has the plain price");
        assert!(observed.is_complete());
    }

    #[test]
    fn a_stream_of_messages_without_its_stop_is_cut() {
        let observed = observe(Dialect::Messages, &[START, DELTA, END]);
        assert!(!observed.is_complete());
        assert_eq!(observed.text(), "hi");
    }

    #[test]
    fn an_error_event_is_seen_in_both_dialects() {
        let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#;
        assert_eq!(observe(Dialect::Messages, &[START, error]).error.as_deref(), Some("busy"));
        assert_eq!(observe(Dialect::Responses, &[error]).error.as_deref(), Some("busy"));
        let flat = r#"{"type":"error","code":"server_error","message":"broken"}"#;
        assert_eq!(observe(Dialect::Responses, &[flat]).error.as_deref(), Some("broken"));
        let failed = r#"{"type":"response.failed","response":{"error":{"code":"x","message":"failed"}}}"#;
        assert_eq!(observe(Dialect::Responses, &[failed]).error.as_deref(), Some("failed"));
    }

    #[test]
    fn sound_is_no_text_and_what_a_block_begins_with_is() {
        let spoken = r#"{"type":"response.output_audio_transcript.delta","delta":"hi"}"#;
        let sound = r#"{"type":"response.output_audio.delta","delta":"AAAAAAAA"}"#;
        assert_eq!(observe(Dialect::Responses, &[sound, spoken]).text(), "hi");
        let begun = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"so"}}"#;
        assert_eq!(observe(Dialect::Messages, &[START, begun, DELTA]).text(), "sohi");
    }

    #[test]
    fn a_stream_of_responses_tells_all_at_its_end() {
        let observed = observe(
            Dialect::Responses,
            &[
                r#"{"type":"response.created","response":{"id":"resp_1","model":"m"}}"#,
                r#"{"type":"response.output_text.delta","delta":"hi"}"#,
                r#"{"type":"response.incomplete","response":{"id":"resp_1","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":6},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":80}}}}"#,
            ],
        );
        let usage = observed.usage.unwrap();
        assert_eq!((usage.in_uncached, usage.in_cache_read, usage.out_reasoning), (30, 6, 80));
        assert_eq!((observed.finish_reason.as_str(), observed.done), ("max_output_tokens", true));
        assert_eq!((observed.first_token_us, observed.text()), (Some(2), "hi".to_owned()));
    }
}
