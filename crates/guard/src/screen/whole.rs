//! A stream whose answer is judged as a whole: nothing of its text leaves before the verdict, or (where it is only to be
//! noted) it passes and is remembered.

use serde_json::Value;

use crate::said::Said;
use crate::sse;

/// Events that say nothing and keep a connection alive do not wait.
const SIGNS_OF_LIFE: &[&str] = &["ping"];

#[derive(Debug)]
pub struct Holding {
    /// Nothing leaves before the verdict.
    holds: bool,
    /// Half an event.
    rest: Vec<u8>,
    held: Vec<u8>,
    pub said: Said,
}

impl Holding {
    pub fn new(holds: bool) -> Self {
        Self { holds, rest: Vec::new(), held: Vec::new(), said: Said::default() }
    }

    pub fn held_bytes(&self) -> usize {
        self.held.len() + self.rest.len()
    }

    /// Something waits for its verdict.
    pub fn is_waiting(&self) -> bool {
        self.holds && !self.held.is_empty()
    }

    /// Takes what comes and gives what may go.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let (events, half) = sse::split(&rest);
        let mut out = Vec::new();
        for event in events {
            self.take(event, &mut out);
        }
        self.rest = half.to_vec();
        out
    }

    fn take(&mut self, event: &[u8], out: &mut Vec<u8>) {
        let value: Option<Value> = sse::data(event).and_then(|data| serde_json::from_slice(&data).ok());
        let mut says = false;
        if let Some(value) = &value {
            let pieces = sse::pieces(value);
            says = !pieces.is_empty();
            if pieces.is_empty() {
                self.said.event(value);
            }
            for piece in pieces {
                let text = value.pointer(&piece.pointer).and_then(Value::as_str).unwrap_or_default();
                self.said.piece(&piece, text);
            }
        }
        let kind = value.as_ref().and_then(|value| value.get("type")).and_then(Value::as_str);
        let is_life = value.is_none() && sse::data(event).is_none()
            || kind.is_some_and(|kind| SIGNS_OF_LIFE.contains(&kind));
        // What comes before the first text says nothing that could be wrong.
        let waits = self.holds && !is_life && (says || !self.held.is_empty());
        if waits {
            self.held.extend_from_slice(event);
        } else {
            out.extend_from_slice(event);
        }
    }

    /// The stream is over. What is left of it is no whole event.
    pub fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.rest);
        let mut out = Vec::new();
        if !rest.is_empty() {
            self.take(&rest, &mut out);
        }
        out
    }

    /// From here on nothing is held or remembered.
    pub fn let_pass(&mut self) -> Vec<u8> {
        self.holds = false;
        self.said = Said::default();
        std::mem::take(&mut self.held)
    }

    /// What was held, with `texts` in place of what was said, text by text. `None`: as it came.
    pub fn release(&mut self, texts: Option<&[String]>) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let Some(texts) = texts else { return held };
        let before = self.said.names().zip(self.said.texts());
        let mut told: Vec<Told<'_>> = before
            .zip(texts)
            .map(|((name, before), after)| Told { name, before, after, is_told: false })
            .collect();
        let mut out = Vec::with_capacity(held.len());
        let (events, rest) = sse::split(&held);
        for event in events {
            out.extend(replaced(event, &mut told));
        }
        out.extend_from_slice(rest);
        out
    }
}

struct Told<'a> {
    name: &'a str,
    before: &'a str,
    after: &'a str,
    is_told: bool,
}

/// The first piece of a text tells all of it, the others nothing; where a text is told again as a whole, it is the new one.
fn replaced(event: &[u8], told: &mut [Told<'_>]) -> Vec<u8> {
    let Some(mut value) = sse::data(event).and_then(|data| serde_json::from_slice::<Value>(&data).ok())
    else {
        return event.to_vec();
    };
    let pieces = sse::pieces(&value);
    let mut changed = false;
    for piece in &pieces {
        let Some(text) = told.iter_mut().find(|text| text.name == piece.text) else { continue };
        if let Some(said) = value.pointer_mut(&piece.pointer) {
            let is_first = !std::mem::replace(&mut text.is_told, true);
            *said = Value::String(if is_first { text.after.to_owned() } else { String::new() });
            changed = true;
        }
    }
    changed |= pieces.is_empty() && again(&mut value, told);
    if changed { sse::with_data(event, value.to_string().as_bytes()) } else { event.to_vec() }
}

fn again(value: &mut Value, told: &[Told<'_>]) -> bool {
    match value {
        Value::String(said) => match told.iter().find(|text| text.before == said && !said.is_empty()) {
            Some(text) => {
                text.after.clone_into(said);
                true
            }
            None => false,
        },
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| again(item, told) | changed),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| super::holds_text(name))
            .fold(false, |changed, (_, value)| again(value, told) | changed),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(value: &Value) -> String {
        format!("data: {value}\n\n")
    }

    fn chat(text: &str) -> String {
        event(&json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
    }

    #[test]
    fn nothing_that_is_said_leaves_before_its_verdict_and_signs_of_life_do() {
        let mut holding = Holding::new(true);
        let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n";
        assert_eq!(holding.push(start.as_bytes()), start.as_bytes());
        let piece = event(
            &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}),
        );
        assert!(holding.push(piece.as_bytes()).is_empty());
        let life = ": keep\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n";
        assert_eq!(holding.push(life.as_bytes()), life.as_bytes());
        let stop = event(&json!({"type": "message_stop"}));
        assert!(holding.push(stop.as_bytes()).is_empty());
        assert!(holding.finish().is_empty() && holding.is_waiting());
        assert_eq!(holding.release(None), [piece, stop].concat().as_bytes());
    }

    #[test]
    fn replaced_texts_are_told_once_and_told_again_as_wholes() {
        let delta = |text: &str| {
            event(
                &json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "i", "content_index": 0, "delta": text}),
            )
        };
        let done = event(
            &json!({"type": "response.output_text.done", "output_index": 0, "item_id": "i", "content_index": 0, "text": "my secret"}),
        );
        let mut holding = Holding::new(true);
        for piece in [delta("my "), delta("secret"), done, event(&json!({"type": "my secret"}))] {
            for byte in piece.as_bytes() {
                assert!(holding.push(&[*byte]).is_empty());
            }
        }
        assert_eq!(holding.said.texts().collect::<Vec<_>>(), ["my secret"]);
        let out = String::from_utf8(holding.release(Some(&["[gone]".to_owned()]))).unwrap();
        assert_eq!(out.matches("[gone]").count(), 2, "{out}");
        assert_eq!(out.matches("my secret").count(), 1, "what an event is stays: {out}");
    }

    #[test]
    fn where_it_is_only_noted_everything_passes_and_is_remembered() {
        let mut holding = Holding::new(false);
        let stream = [chat("{\"a\""), chat(":1}"), "data: [DONE]\n\n".to_owned()].concat();
        assert_eq!(holding.push(stream.as_bytes()), stream.as_bytes());
        assert_eq!(holding.said.outputs().unwrap(), ["{\"a\":1}"]);
    }
}
