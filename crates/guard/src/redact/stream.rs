//! The transcript of a stream. A text that came in many pieces is looked at as a whole; where something is taken out of
//! it, its first piece tells all of it and the others tell nothing.

use std::collections::HashMap;

use serde_json::Value;

use super::{DEEPEST, Redactor};
use crate::sse;

struct Event<'a> {
    raw: &'a [u8],
    data: Option<Vec<u8>>,
    value: Option<Value>,
    changed: bool,
}

impl Redactor {
    /// `None`: nothing was found. An event that is not whole (the recording bound cut it) is left out: it cannot be read.
    pub fn stream(&mut self, transcript: &[u8]) -> Option<Vec<u8>> {
        let (raws, rest) = sse::split(transcript);
        let mut events: Vec<Event<'_>> = raws.into_iter().map(Event::read).collect();
        let mut clean = self.texts(&events);
        for event in &mut events {
            self.event(event, &mut clean);
        }
        if rest.is_empty() && !events.iter().any(|event| event.changed) {
            return None;
        }
        let mut out = Vec::with_capacity(transcript.len());
        for event in &events {
            match (&event.value, event.changed) {
                (_, false) => out.extend_from_slice(event.raw),
                (Some(value), true) => out.extend(sse::with_data(event.raw, value.to_string().as_bytes())),
                (None, true) => {
                    out.extend(sse::with_data(event.raw, event.data.as_deref().unwrap_or_default()));
                }
            }
        }
        Some(out)
    }

    /// The texts in which something was found, by name, as they are told from now on.
    fn texts(&mut self, events: &[Event<'_>]) -> HashMap<String, String> {
        let mut texts: HashMap<String, String> = HashMap::new();
        for value in events.iter().filter_map(|event| event.value.as_ref()) {
            for piece in sse::pieces(value) {
                let told = value.pointer(&piece.pointer).and_then(Value::as_str).unwrap_or_default();
                texts.entry(piece.text).or_default().push_str(told);
            }
        }
        texts.into_iter().filter_map(|(name, text)| Some((name, self.text(&text)?))).collect()
    }

    fn event(&mut self, event: &mut Event<'_>, clean: &mut HashMap<String, String>) {
        if let Some(value) = &mut event.value {
            for piece in sse::pieces(value) {
                if let Some(text) = clean.get_mut(&piece.text)
                    && let Some(told) = value.pointer_mut(&piece.pointer)
                {
                    *told = Value::String(std::mem::take(text));
                    event.changed = true;
                }
            }
            event.changed |= self.value(value, DEEPEST);
            return;
        }
        let said = event.data.as_deref().unwrap_or(event.raw);
        if let Some(text) = self.text(&String::from_utf8_lossy(said)) {
            // A comment goes with its line: what is left of it would be one no more.
            if event.data.is_none() {
                event.raw = b"";
            }
            event.data = Some(text.replace(['\r', '\n'], " ").into_bytes());
            event.changed = true;
        }
    }
}

impl<'a> Event<'a> {
    fn read(raw: &'a [u8]) -> Self {
        let data = sse::data(raw);
        let value = data.as_ref().and_then(|data| serde_json::from_slice(data).ok());
        Self { raw, data, value, changed: false }
    }
}
