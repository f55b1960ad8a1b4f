//! Watches a streamed answer as it passes: first token, usage, finish reason, id, model, the end, errors;
//! and keeps the text for an estimate in case no usage comes.
//!
//! Bytes pass unchanged, with one exception: the extra chunk that only carries usage, when we asked for it
//! and the client did not. To hide it, bytes are held back until their event is whole; nothing else is.

use aop_dialects::Dialect;
use aop_domain::usage::Usage;
use bytes::{Bytes, BytesMut};

use super::named::Named;
use super::sse::{Event, Splitter};
use crate::usage::{json, openai};

/// Text kept for an estimate. More is only counted.
const KEPT_TEXT_BYTES: usize = 256 << 10;

/// What was seen of a stream so far. Empty text where the stream does not say.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// When the first token (text, reasoning, refusal or tool call) passed, on the caller's clock of [`Observer::push`].
    pub first_token_us: Option<u64>,
    /// The last usage reported.
    pub usage: Option<Usage>,
    pub finish_reason: String,
    pub response_id: String,
    pub response_model: String,
    pub service_tier: String,
    /// `[DONE]` was seen.
    pub done: bool,
    /// The provider sent an error event; its message, cut at 256 bytes.
    pub error: Option<String>,
    /// Data events other than `[DONE]`.
    pub events: u64,
    /// Events whose data is no JSON object, and events too large to read.
    pub unreadable_events: u64,
    /// Bytes of JSON-escaped output text that passed, kept or not.
    pub text_bytes: u64,
    /// Only an end of its own makes it whole (dialects other than chat completions).
    pub(super) needs_end: bool,
    /// Output text, still escaped: pieces of JSON strings put together are the inside of a JSON string.
    text: Vec<u8>,
}

impl Observed {
    /// The provider said that the answer is whole: `[DONE]`, or a finish reason for servers that send no `[DONE]`.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && (self.done || (!self.needs_end && !self.finish_reason.is_empty()))
    }

    /// Takes output. `value` is a raw JSON value; anything but a string that is not empty is no output.
    pub(super) fn take_text(&mut self, value: &[u8], elapsed_us: u64) {
        let inner = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default();
        if inner.is_empty() {
            return;
        }
        self.first_token_us.get_or_insert(elapsed_us);
        self.text_bytes += inner.len() as u64;
        if self.text.len() + inner.len() <= KEPT_TEXT_BYTES {
            self.text.extend_from_slice(inner);
        }
    }

    /// The kept text from byte `from` of its escaped form on, and where that form ends now. A piece that ends inside a pair
    /// of surrogates is left for the next time.
    pub fn text_since(&self, from: usize) -> (String, usize) {
        let new = self.text.get(from..).unwrap_or_default();
        let quoted = |escaped: &[u8]| {
            let mut quoted = Vec::with_capacity(escaped.len() + 2);
            quoted.push(b'"');
            quoted.extend_from_slice(escaped);
            quoted.push(b'"');
            serde_json::from_slice::<String>(&quoted).ok()
        };
        if let Some(text) = quoted(new) {
            return (text, self.text.len());
        }
        // Of one escape, `\uXXXX`.
        let whole = new.len().saturating_sub(6);
        match quoted(&new[..whole]) {
            Some(text) => (text, from + whole),
            // No pair that is about to come: the escapes stay.
            None => (String::from_utf8_lossy(new).into_owned(), self.text.len()),
        }
    }

    /// How much of `text_bytes` was kept.
    pub fn kept_text_bytes(&self) -> u64 {
        self.text.len() as u64
    }

    /// The output text (answer, reasoning, tool calls), at most the first 256 KB of it.
    pub fn text(&self) -> String {
        let mut quoted = Vec::with_capacity(self.text.len() + 2);
        quoted.push(b'"');
        quoted.extend_from_slice(&self.text);
        quoted.push(b'"');
        // A lone surrogate (a stream dropped in the middle of a pair) makes it no string: then the escapes stay.
        serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(&self.text).into_owned())
    }
}

/// One for each streamed attempt.
#[derive(Debug)]
pub struct Observer {
    splitter: Splitter,
    hide_usage: bool,
    named: Option<Named>,
    observed: Observed,
}

impl Observer {
    /// `hide_usage`: we asked the provider for usage and the client did not.
    pub fn new(hide_usage: bool) -> Self {
        Self { splitter: Splitter::default(), hide_usage, named: None, observed: Observed::default() }
    }

    /// Takes a chunk as it came and gives the bytes to pass on now (maybe none). `elapsed_us` is the time
    /// since the call began.
    pub fn push(&mut self, chunk: Bytes, elapsed_us: u64) -> Bytes {
        self.splitter.push(&chunk);
        let mut passing = Passing::default();
        while let Some(event) = self.splitter.next_event() {
            if !self.watch(&event, elapsed_us) {
                passing.add(event.raw);
            }
        }
        if self.hide_usage { passing.into_bytes() } else { chunk }
    }

    /// The stream has ended: the bytes held back, to pass on.
    pub fn finish(&mut self, elapsed_us: u64) -> Bytes {
        let Some(event) = self.splitter.finish() else { return Bytes::new() };
        let hidden = self.watch(&event, elapsed_us);
        if self.hide_usage && !hidden { event.raw } else { Bytes::new() }
    }

    /// For a stream of named events.
    pub fn of(dialect: Dialect) -> Self {
        let observed = Observed { needs_end: true, ..Observed::default() };
        Self { named: Some(Named::new(dialect)), observed, ..Self::new(false) }
    }

    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    pub fn into_observed(self) -> Observed {
        self.observed
    }

    /// Is this the event to hide?
    fn watch(&mut self, event: &Event, elapsed_us: u64) -> bool {
        let named_error = event.name() == Some(b"error");
        let Some(data) = event.data() else {
            self.observed.unreadable_events += u64::from(!event.readable);
            return false;
        };
        if let Some(named) = &mut self.named {
            named.watch(&data, &mut self.observed, elapsed_us);
            return false;
        }
        if data.trim_ascii() == b"[DONE]" {
            self.observed.done = true;
            return false;
        }
        self.observed.events += 1;
        let chunk = Chunk::read(&data);
        if chunk.fields == 0 {
            self.observed.unreadable_events += 1;
        }
        if chunk.error.is_some() || named_error {
            self.observed.error.get_or_insert_with(|| error_message(chunk.error.unwrap_or(&data)));
        }
        self.take_names(&chunk);
        self.take_output(&chunk, elapsed_us);
        let usage = chunk.usage.and_then(openai::from_object);
        self.observed.usage = usage.or(self.observed.usage);
        self.hide_usage && usage.is_some() && !chunk.has_choices
    }

    fn take_names(&mut self, chunk: &Chunk<'_>) {
        let take = |kept: &mut String, value: Option<&[u8]>| {
            if let Some(value) = value.filter(|_| kept.is_empty()) {
                *kept = openai::short_text(value);
            }
        };
        take(&mut self.observed.response_id, chunk.id);
        take(&mut self.observed.response_model, chunk.model);
        take(&mut self.observed.service_tier, chunk.service_tier);
    }

    fn take_output(&mut self, chunk: &Chunk<'_>, elapsed_us: u64) {
        for choice in chunk.choices.into_iter().flat_map(json::items) {
            for (key, value) in json::fields(choice) {
                match key {
                    b"delta" => self.take_delta(value, elapsed_us),
                    b"text" => self.observed.take_text(value, elapsed_us),
                    b"finish_reason" if value != b"null" => {
                        self.observed.finish_reason = openai::short_text(value)
                    }
                    _ => {}
                }
            }
        }
    }

    fn take_delta(&mut self, delta: &[u8], elapsed_us: u64) {
        for (key, value) in json::fields(delta) {
            match key {
                b"content" | b"reasoning_content" | b"reasoning" | b"refusal" => {
                    self.observed.take_text(value, elapsed_us)
                }
                b"tool_calls" => {
                    let functions = json::items(value).filter_map(|call| json::field(call, "function"));
                    functions.for_each(|function| self.take_function(function, elapsed_us));
                }
                b"function_call" => self.take_function(value, elapsed_us),
                // What is spoken is told as text beside the sound.
                b"audio" => {
                    if let Some(spoken) = json::field(value, "transcript") {
                        self.observed.take_text(spoken, elapsed_us);
                    }
                }
                _ => {}
            }
        }
    }

    fn take_function(&mut self, function: &[u8], elapsed_us: u64) {
        for (key, value) in json::fields(function) {
            if matches!(key, b"name" | b"arguments") {
                self.observed.take_text(value, elapsed_us);
            }
        }
    }
}

/// The raw fields of a stream chunk that matter here.
#[derive(Default)]
struct Chunk<'a> {
    fields: usize,
    id: Option<&'a [u8]>,
    model: Option<&'a [u8]>,
    service_tier: Option<&'a [u8]>,
    choices: Option<&'a [u8]>,
    has_choices: bool,
    usage: Option<&'a [u8]>,
    error: Option<&'a [u8]>,
}

impl<'a> Chunk<'a> {
    fn read(data: &'a [u8]) -> Self {
        let mut chunk = Self::default();
        for (key, value) in json::fields(data) {
            chunk.fields += 1;
            match key {
                b"id" => chunk.id = Some(value),
                b"model" => chunk.model = Some(value),
                b"service_tier" => chunk.service_tier = Some(value),
                b"choices" => {
                    let list = value.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
                    chunk.has_choices = list.is_some_and(|items| !items.trim_ascii().is_empty());
                    chunk.choices = Some(value);
                }
                b"usage" if value != b"null" => chunk.usage = Some(value),
                // Groq repeats the usage here, and older versions give it nowhere else.
                b"x_groq" => chunk.usage = chunk.usage.or(json::field(value, "usage")),
                b"error" if value != b"null" => chunk.error = Some(value),
                _ => {}
            }
        }
        chunk
    }
}

pub(super) fn error_message(error: &[u8]) -> String {
    let inner = json::field(error, "error").unwrap_or(error);
    let message = json::field(inner, "message").or(Some(inner)).map(openai::short_text).unwrap_or_default();
    if message.is_empty() { "the provider sent an error without a message".to_owned() } else { message }
}

/// Events to pass on, put together; only the second one costs a copy.
#[derive(Default)]
struct Passing {
    first: Bytes,
    rest: BytesMut,
}

impl Passing {
    fn add(&mut self, raw: Bytes) {
        if self.first.is_empty() {
            self.first = raw;
        } else {
            self.rest.extend_from_slice(&raw);
        }
    }

    fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() {
            return self.first;
        }
        let mut all = BytesMut::with_capacity(self.first.len() + self.rest.len());
        all.extend_from_slice(&self.first);
        all.extend_from_slice(&self.rest);
        all.freeze()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const STREAM: &str = concat!(
        ": hello\n\n",
        "data: {\"id\":\"c-1\",\"model\":\"m-2\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n",
        "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Caf\\u00e9 \\\"usage\\\"\"},\"finish_reason\":null}],\"usage\":null}\n\n",
        "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" \\ud83d\"}}]}\n\n",
        "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ude00\"}}]}\n\n",
        "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    );
    const USAGE: &str =
        "data: {\"id\":\"c-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n";
    const DONE: &str = "data: [DONE]\n\n";

    /// What passes, and what was seen; chunk number is the time.
    fn observe(hide: bool, chunks: &[&[u8]]) -> (String, Observed) {
        let mut observer = Observer::new(hide);
        let mut passed = Vec::new();
        for (at, chunk) in (1u64..).zip(chunks) {
            passed.extend(observer.push(Bytes::copy_from_slice(chunk), at));
        }
        passed.extend(observer.finish(chunks.len() as u64 + 1));
        (String::from_utf8(passed).unwrap(), observer.into_observed())
    }

    fn whole() -> String {
        [STREAM, USAGE, DONE].concat()
    }

    #[test]
    fn a_stream_tells_its_facts_as_it_passes() {
        let all = whole();
        let lines: Vec<&[u8]> = all.split_inclusive("\n\n").map(str::as_bytes).collect();
        let (passed, observed) = observe(false, &lines);
        assert_eq!(passed, all);
        assert_eq!(observed.first_token_us, Some(3), "the empty content of the first delta is no token");
        assert_eq!((observed.response_id.as_str(), observed.response_model.as_str()), ("c-1", "m-2"));
        assert_eq!((observed.finish_reason.as_str(), observed.done), ("stop", true));
        assert_eq!(observed.usage.unwrap().total(), 13);
        assert_eq!(observed.text(), "Café \"usage\" 😀");
        assert!(observed.is_complete());
    }

    #[test]
    fn only_the_extra_usage_chunk_is_hidden() {
        let (passed, observed) = observe(true, &[whole().as_bytes()]);
        assert_eq!(passed, [STREAM, DONE].concat());
        assert_eq!(observed.usage.unwrap().total(), 13);
    }

    #[test]
    fn usage_on_a_chunk_with_choices_is_read_and_not_hidden() {
        let chunk =
            "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":1}}\n\n";
        let (passed, observed) = observe(true, &[chunk.as_bytes()]);
        assert_eq!(passed, chunk);
        assert_eq!(observed.usage.unwrap().in_uncached, 1);
    }

    #[test]
    fn a_chunk_with_no_choices_and_no_usage_passes() {
        let chunk = "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n";
        assert_eq!(observe(true, &[chunk.as_bytes()]).0, chunk);
    }

    #[test]
    fn the_extra_chunk_is_hidden_however_its_empty_choices_are_written() {
        for choices in ["[]", "[ ]", "null"] {
            let chunk = format!("data: {{\"choices\":{choices},\"usage\":{{\"prompt_tokens\":1}}}}\n\n");
            assert_eq!(observe(true, &[chunk.as_bytes()]).0, "", "{choices}");
        }
    }

    #[test]
    fn a_cut_stream_is_not_complete_and_keeps_what_was_sent() {
        let cut = &STREAM[..STREAM.len() - 40];
        let (passed, observed) = observe(true, &[cut.as_bytes()]);
        assert_eq!(passed, cut);
        assert!(!observed.is_complete());
        assert_eq!(observed.text(), "Café \"usage\" 😀");
        assert_eq!(observed.usage, None);
    }

    #[test]
    fn an_error_event_is_seen_in_both_forms() {
        let as_data = "data: {\"error\":{\"message\":\"too busy\",\"code\":500}}\n\ndata: [DONE]\n\n";
        let as_name = "event: error\ndata: {\"message\":\"too busy\"}\n\n";
        for stream in [as_data, as_name] {
            let (_, observed) = observe(true, &[stream.as_bytes()]);
            assert_eq!(observed.error.as_deref(), Some("too busy"));
            assert!(!observed.is_complete());
        }
    }

    #[test]
    fn a_tool_call_is_a_token_and_counts_as_output() {
        let chunk = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n";
        let (_, observed) = observe(false, &[chunk.as_bytes()]);
        assert_eq!(observed.first_token_us, Some(1));
        assert_eq!(observed.text(), "add{\"a\":1}");
    }

    #[test]
    fn data_that_is_not_json_passes_and_is_counted() {
        let (passed, observed) =
            observe(true, &[b"data: {\"choices\":[{\"del\n\n", b"data: hm\n\n", DONE.as_bytes()]);
        assert!(passed.contains("hm"));
        assert_eq!((observed.unreadable_events, observed.done), (2, true));
    }

    proptest! {
        #[test]
        fn how_the_stream_was_cut_changes_neither_bytes_nor_facts(
            cuts in prop::collection::vec(0usize..900, 0..12), hide in any::<bool>()
        ) {
            let stream = whole();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]).collect();
            let (passed, observed) = observe(hide, &chunks);
            prop_assert_eq!(passed, if hide { [STREAM, DONE].concat() } else { stream });
            prop_assert_eq!(observed.text(), "Café \"usage\" 😀");
            prop_assert_eq!(observed.usage.unwrap().total(), 13);
            prop_assert!(observed.done);
        }
    }
}
