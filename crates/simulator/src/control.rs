//! What a request asks of the simulator beyond the model's own behavior: failures, pace, verbatim text.
//!
//! Given as headers `x-sim-<name>` (dashes) or in the body as `"sim": {"<name>": ...}` (underscores);
//! the body wins, because it passes every gateway unchanged. Counts of chunks count the data events
//! of a stream; for an answer that is not a stream, any cut or stall happens in the middle of the body. Who is asked to go on
//! with an answer does so without what was wished to break it.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The knobs. Absent means the model's own behavior.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Control {
    /// Answer with this HTTP status (400 to 599) and an error body.
    pub(crate) status: Option<u16>,
    /// Seconds, sent as `Retry-After` with `status`.
    pub(crate) retry_after_s: Option<u32>,
    /// Milliseconds before the response headers.
    pub(crate) header_delay_ms: u64,
    /// Milliseconds between the headers and the first byte of the body.
    pub(crate) delay_ms: u64,
    /// Milliseconds between two chunks of a stream.
    pub(crate) pace_ms: u64,
    /// Send nothing more after this many chunks, and keep the connection open.
    pub(crate) stall_after: Option<usize>,
    /// Break the connection after this many chunks.
    pub(crate) cut_after: Option<usize>,
    /// Send an event whose data is not JSON after this many chunks, then go on.
    pub(crate) malformed_after: Option<usize>,
    /// Send an error event after this many chunks, then end.
    pub(crate) error_after: Option<usize>,
    /// End the body cleanly after this many chunks, as if the answer were whole.
    pub(crate) end_after: Option<usize>,
    /// Answer 200 with bytes that are not an answer.
    pub(crate) garbage: bool,
    /// Leave usage out.
    pub(crate) no_usage: bool,
    /// Sent as `usage`, verbatim.
    pub(crate) usage: Option<Value>,
    /// The answer's text, verbatim.
    pub(crate) text: Option<String>,
    /// Words of the answer (at most 100,000).
    pub(crate) words: Option<usize>,
    /// Send the body in pieces of this many bytes, whatever the events' borders.
    pub(crate) split_bytes: Option<usize>,
}

impl Control {
    /// The model's behavior, changed by headers, changed by the body's `sim` object.
    pub(crate) fn read(base: Self, headers: &HeaderMap, body: &Value) -> Result<Self, String> {
        let mut wishes = Map::new();
        for (name, value) in headers {
            if let (Some(knob), Ok(text)) = (name.as_str().strip_prefix("x-sim-"), value.to_str()) {
                let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
                wishes.insert(knob.replace('-', "_"), value);
            }
        }
        if let Some(Value::Object(given)) = body.get("sim") {
            wishes.extend(given.clone());
        }
        if wishes.is_empty() {
            return Ok(base);
        }
        if is_continued(body) {
            BREAKS.iter().for_each(|knob| {
                wishes.remove(*knob);
            });
        }
        let asked: Self = serde_json::from_value(Value::Object(wishes.clone()))
            .map_err(|error| format!("the simulator does not know this wish: {error}"))?;
        Ok(base.overridden_by(asked, &wishes))
    }

    fn overridden_by(self, asked: Self, named: &Map<String, Value>) -> Self {
        let named = |knob: &str| named.contains_key(knob);
        Self {
            status: asked.status.or(self.status),
            retry_after_s: asked.retry_after_s.or(self.retry_after_s),
            header_delay_ms: if named("header_delay_ms") {
                asked.header_delay_ms
            } else {
                self.header_delay_ms
            },
            delay_ms: if named("delay_ms") { asked.delay_ms } else { self.delay_ms },
            pace_ms: if named("pace_ms") { asked.pace_ms } else { self.pace_ms },
            stall_after: asked.stall_after.or(self.stall_after),
            cut_after: asked.cut_after.or(self.cut_after),
            malformed_after: asked.malformed_after.or(self.malformed_after),
            error_after: asked.error_after.or(self.error_after),
            end_after: asked.end_after.or(self.end_after),
            garbage: asked.garbage || self.garbage,
            no_usage: asked.no_usage || self.no_usage,
            usage: asked.usage.or(self.usage),
            text: asked.text.or(self.text),
            words: asked.words.or(self.words),
            split_bytes: asked.split_bytes.or(self.split_bytes),
        }
    }

    /// The failing status, when one is asked for and is one.
    pub(crate) fn failing_status(&self) -> Option<u16> {
        self.status.filter(|status| (400..600).contains(status))
    }
}

const BREAKS: [&str; 5] = ["stall_after", "cut_after", "malformed_after", "error_after", "end_after"];

fn is_continued(body: &Value) -> bool {
    let last = body.get("messages").and_then(Value::as_array).and_then(|messages| messages.last());
    last.is_some_and(|message| message["role"] == "assistant")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_body_wins_over_headers_and_headers_over_the_model() {
        let mut headers = HeaderMap::new();
        headers.insert("x-sim-pace-ms", "7".parse().unwrap());
        headers.insert("x-sim-cut-after", "2".parse().unwrap());
        let base = Control { pace_ms: 40, delay_ms: 300, ..Control::default() };
        let control = Control::read(base, &headers, &json!({"sim": {"pace_ms": 0}})).unwrap();
        assert_eq!((control.pace_ms, control.delay_ms, control.cut_after), (0, 300, Some(2)));
    }

    #[test]
    fn who_goes_on_with_an_answer_is_not_broken_again() {
        let asked = |last: &str| json!({"messages": [{"role": "user"}, {"role": last}], "sim": {"cut_after": 2, "words": 9}});
        let read = |body| Control::read(Control::default(), &HeaderMap::new(), &body).unwrap();
        assert_eq!(read(asked("user")).cut_after, Some(2));
        assert_eq!((read(asked("assistant")).cut_after, read(asked("assistant")).words), (None, Some(9)));
    }

    #[test]
    fn an_unknown_wish_is_refused_not_ignored() {
        let error =
            Control::read(Control::default(), &HeaderMap::new(), &json!({"sim": {"stal": 1}})).unwrap_err();
        assert!(error.contains("stal"), "{error}");
    }
}
