//! A stream on its way to the client, with its rules in the way. What could still be the beginning of something a rule
//! looks for is held back until it is decided; the rest goes on as it came.
//!
//! Each text of the stream (a choice, a block, a tool's arguments) is looked at for itself, over the borders of its
//! events. Of each, the last [`WINDOW_BYTES`] are held, and more only while a match touches the end of what has come.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::{Tally, walk};
use crate::mask::Mask;
use crate::rules::{Match, Rules};
use crate::sse;

/// What is found is found whole when it is no longer than this.
pub const WINDOW_BYTES: usize = 256;
/// A match that goes on and on is decided as it is when it has come to this.
pub const MOST_HELD_BYTES: usize = 16 << 10;
/// Other texts may wait behind one that says no more; not longer than this.
const MOST_QUEUED_BYTES: usize = 64 << 10;
/// What stood before, for rules that look at the neighbours of a match.
const CONTEXT_BYTES: usize = 64;
/// Events that end a stream: what is held of its texts can grow no more.
const LAST: &[&str] =
    &["message_stop", "response.completed", "response.incomplete", "response.failed", "error"];

pub struct Passing {
    rules: Rules,
    /// Half an event.
    rest: Vec<u8>,
    queue: VecDeque<Event>,
    queued_bytes: usize,
    texts: HashMap<String, Text>,
    pub tally: Tally,
}

/// An event that waits until its pieces are decided.
struct Event {
    raw: Vec<u8>,
    value: Option<Value>,
    pieces: Vec<Piece>,
    changed: bool,
}

struct Piece {
    pointer: String,
    text: String,
    start: usize,
    end: usize,
}

/// One text of the stream, as far as it has come. Places are counted from its beginning.
#[derive(Default)]
struct Text {
    /// What is not decided, and some of what stood before.
    tail: String,
    tail_start: usize,
    /// Everything before is decided.
    decided: usize,
    masks: Vec<Mask>,
}

impl Passing {
    pub fn new(rules: Rules) -> Self {
        let tally = Tally::new(&rules);
        Self {
            rules,
            rest: Vec::new(),
            queue: VecDeque::new(),
            queued_bytes: 0,
            texts: HashMap::new(),
            tally,
        }
    }

    /// Takes what comes and gives what may go. Once a rule blocks, nothing may.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let rest = std::mem::take(&mut self.rest);
        let (events, half) = sse::split(&rest);
        for event in events {
            self.take(event);
        }
        self.rest = half.to_vec();
        self.release()
    }

    /// The stream is over: everything is decided.
    pub fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.take(&rest);
        }
        self.decide_all();
        self.release()
    }

    fn take(&mut self, raw: &[u8]) {
        let data = sse::data(raw);
        let mut value: Option<Value> = data.as_ref().and_then(|data| serde_json::from_slice(data).ok());
        let mut event = Event { raw: raw.to_vec(), value: None, pieces: Vec::new(), changed: false };
        let mut ended = None;
        let mut is_last = data.as_deref().is_some_and(|data| data.trim_ascii() == b"[DONE]");
        if let Some(value) = &mut value {
            is_last |= value.get("type").and_then(Value::as_str).is_some_and(|kind| LAST.contains(&kind));
            for piece in sse::pieces(value) {
                let said = value.pointer(&piece.pointer).and_then(Value::as_str).unwrap_or_default();
                event.pieces.push(self.append(piece, said));
            }
            if event.pieces.is_empty() {
                event.changed = self.whole(value);
                ended = sse::ended(value);
            }
        }
        event.value = value.filter(|_| event.changed || !event.pieces.is_empty());
        let names: Vec<String> = event.pieces.iter().map(|piece| piece.text.clone()).collect();
        self.queued_bytes += event.raw.len();
        self.queue.push_back(event);
        for name in names {
            if let Some(text) = self.texts.get_mut(&name) {
                text.decide(&self.rules, &mut self.tally, false);
            }
        }
        if is_last || self.queued_bytes > MOST_QUEUED_BYTES {
            self.decide_all();
        } else if let Some(ended) = ended {
            self.decide_ended(&ended);
        }
    }

    /// An event that tells something whole. Where it repeats what was told in pieces, it was counted there.
    fn whole(&mut self, value: &mut Value) -> bool {
        let mut once_more = Tally::new(&self.rules);
        let tally = if self.texts.is_empty() { &mut self.tally } else { &mut once_more };
        let changed = walk(&self.rules, value, tally);
        self.tally.blocked = self.tally.blocked.or(once_more.blocked);
        changed
    }

    fn append(&mut self, piece: sse::Piece, said: &str) -> Piece {
        let text = self.texts.entry(piece.text.clone()).or_default();
        let start = text.end();
        text.tail.push_str(said);
        Piece { pointer: piece.pointer, text: piece.text, start, end: text.end() }
    }

    /// The texts of a block that is over.
    fn decide_ended(&mut self, numbers: &[String]) {
        for (name, text) in &mut self.texts {
            if numbers.iter().all(|number| name.contains(number)) {
                text.decide(&self.rules, &mut self.tally, true);
            }
        }
    }

    fn decide_all(&mut self) {
        for text in self.texts.values_mut() {
            text.decide(&self.rules, &mut self.tally, true);
        }
    }

    fn release(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.tally.blocked.is_some() {
            return out;
        }
        while let Some(event) = self.queue.front() {
            let is_decided =
                |piece: &Piece| self.texts.get(&piece.text).is_none_or(|text| piece.end <= text.decided);
            if !event.pieces.iter().all(is_decided) {
                break;
            }
            if let Some(event) = self.queue.pop_front() {
                self.queued_bytes -= event.raw.len();
                out.extend(self.written(event));
            }
        }
        out
    }

    fn written(&self, mut event: Event) -> Vec<u8> {
        let Some(value) = &mut event.value else { return event.raw };
        for piece in &event.pieces {
            let Some(said) = value.pointer_mut(&piece.pointer) else { continue };
            let Some(text) = self.texts.get(&piece.text) else { continue };
            if let Some(clean) = said.as_str().and_then(|said| text.masked(piece, said)) {
                *said = Value::String(clean);
                event.changed = true;
            }
        }
        if event.changed { sse::with_data(&event.raw, value.to_string().as_bytes()) } else { event.raw }
    }
}

impl Text {
    fn end(&self) -> usize {
        self.tail_start + self.tail.len()
    }

    fn decide(&mut self, rules: &Rules, tally: &mut Tally, is_whole: bool) {
        let end = self.end();
        let matches: Vec<Match> =
            rules.matches(&self.tail).into_iter().map(|found| self.placed(found)).collect();
        // More can only make it longer.
        if let Some(found) = matches.iter().find(|found| rules.blocks(found)) {
            tally.note(rules, found);
            return;
        }
        let mut decided = if is_whole { end } else { end.saturating_sub(WINDOW_BYTES).max(self.decided) };
        for (start, stop) in stretches(&matches).into_iter().filter(|(start, _)| *start >= self.decided) {
            if stop <= decided {
                continue;
            }
            // It goes to the end of what is known, or past it.
            let may_grow = !is_whole && end - start < MOST_HELD_BYTES;
            decided = if may_grow { decided.min(start) } else { decided.max(stop) };
        }
        let is_new = |start: usize| start >= self.decided && start < decided;
        matches.iter().filter(|found| is_new(found.start)).for_each(|found| tally.note(rules, found));
        self.masks.extend(rules.masks(&matches).into_iter().filter(|mask| is_new(mask.start)));
        self.decided = decided;
        self.forget();
    }

    fn placed(&self, found: Match) -> Match {
        Match { start: found.start + self.tail_start, end: found.end + self.tail_start, ..found }
    }

    /// Keeps what is not decided and some of what stood before it.
    fn forget(&mut self) {
        let mut keep = self.decided.saturating_sub(CONTEXT_BYTES).saturating_sub(self.tail_start);
        while !self.tail.is_char_boundary(keep) {
            keep -= 1;
        }
        self.tail.drain(..keep);
        self.tail_start += keep;
    }

    /// The piece with what is masked in it replaced: the mask stands where it begins. `None`: nothing is.
    fn masked(&self, piece: &Piece, said: &str) -> Option<String> {
        let mut clean: Option<String> = None;
        let mut at = piece.start;
        for mask in self.masks.iter().filter(|mask| mask.start < piece.end && mask.end > piece.start) {
            let clean = clean.get_or_insert_default();
            clean.push_str(&said[at - piece.start..mask.start.max(at) - piece.start]);
            if mask.start >= piece.start {
                clean.push_str(&format!("[{}]", mask.label));
            }
            at = mask.end.min(piece.end).max(at);
        }
        let mut clean = clean?;
        clean.push_str(&said[at - piece.start..]);
        Some(clean)
    }
}

/// Matches that overlap are one stretch: none of them is decided before all are.
fn stretches(matches: &[Match]) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for found in matches {
        match stretches.last_mut() {
            Some((_, stop)) if found.start < *stop => *stop = found.end.max(*stop),
            _ => stretches.push((found.start, found.end)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{deny, rules};
    use aop_domain::guard::{Action, Check, Detector};
    use proptest::prelude::*;
    use serde_json::json;

    fn event(index: u32, said: &str) -> String {
        format!("data: {}\n\n", json!({"choices": [{"index": index, "delta": {"content": said}}]}))
    }

    /// What the events say of each choice.
    fn said(bytes: &[u8]) -> HashMap<u64, String> {
        let mut said: HashMap<u64, String> = HashMap::new();
        for event in sse::split(bytes).0 {
            let Some(value) = sse::data(event).and_then(|data| serde_json::from_slice::<Value>(&data).ok())
            else {
                continue;
            };
            let choice = &value["choices"][0];
            said.entry(choice["index"].as_u64().unwrap())
                .or_default()
                .push_str(choice["delta"]["content"].as_str().unwrap());
        }
        said
    }

    fn masking() -> Rules {
        rules(vec![
            (Check::Detectors { detectors: vec![Detector::Email, Detector::ApiKey] }, Action::Mask),
            (deny("project x"), Action::Mask),
        ])
    }

    proptest! {
        #[test]
        fn nothing_that_is_masked_leaves_however_the_stream_is_cut(
            words in prop::collection::vec(prop::sample::select(vec![
                "ann@example.com", "Project X", "한글 말", "sk-proj-abcdefghijklmnopqrstuvwx", "plain words", "a longer stretch of text that says nothing at all, over and over",
            ]), 1..30),
            sizes in prop::collection::vec(1usize..9, 1..50),
            bytes in 1usize..40,
        ) {
            let text = words.join(" ");
            let letters: Vec<char> = text.chars().collect();
            let mut stream = String::new();
            let (mut at, mut sizes) = (0, sizes.into_iter().cycle());
            while at < letters.len() {
                let next = (at + sizes.next().unwrap()).min(letters.len());
                let piece: String = letters[at..next].iter().collect();
                stream.push_str(&event(0, &piece));
                stream.push_str(&event(1, "other "));
                at = next;
            }
            stream.push_str("data: [DONE]\n\n");
            let mut passing = Passing::new(masking());
            let mut out = Vec::new();
            for chunk in stream.as_bytes().chunks(bytes) {
                out.extend(passing.push(chunk));
            }
            out.extend(passing.finish());
            let told = said(&out);
            let clean = text
                .replace("ann@example.com", "[email]")
                .replace("sk-proj-abcdefghijklmnopqrstuvwx", "[api_key]")
                .replace("Project X", "[phrase]");
            prop_assert_eq!(&told[&0], &clean);
            prop_assert!(out.ends_with(b"data: [DONE]\n\n"));
            let found: u32 = passing.tally.found().map(|(_, count, _)| count).sum();
            let planted = words.iter().filter(|word| ["ann@example.com", "Project X", "sk-proj-abcdefghijklmnopqrstuvwx"].contains(*word)).count();
            prop_assert_eq!(found as usize, planted, "each is counted once");
        }
    }

    #[test]
    fn a_rule_that_blocks_lets_nothing_of_it_out() {
        let mut passing = Passing::new(rules(vec![(deny("launch code"), Action::Block)]));
        let mut out = passing.push(event(0, &"before ".repeat(100)).as_bytes());
        out.extend(passing.push(event(0, "the laun").as_bytes()));
        assert_eq!(passing.tally.blocked, None);
        out.extend(passing.push(event(0, "ch co").as_bytes()));
        out.extend(passing.push(event(0, "de is 1").as_bytes()));
        assert_eq!(passing.tally.blocked, Some(0));
        assert!(passing.finish().is_empty());
        assert!(!String::from_utf8(out).unwrap().contains("laun"));
    }

    #[test]
    fn what_says_nothing_new_passes_byte_for_byte_and_a_block_that_is_over_holds_nothing_back() {
        let mut passing = Passing::new(masking());
        let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n: ping\n\n";
        assert_eq!(passing.push(start.as_bytes()), start.as_bytes());
        let piece = "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"short\"}}\n\n";
        assert!(passing.push(piece.as_bytes()).is_empty(), "it may go on to be anything");
        let stop = "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
        assert_eq!(passing.push(stop.as_bytes()), [piece, stop].concat().as_bytes());
    }

    #[test]
    fn a_text_told_again_as_a_whole_is_masked_and_counted_once() {
        let mut passing = Passing::new(masking());
        let delta = json!({"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "delta": "ann@example.com"});
        let done = json!({"type": "response.output_text.done", "item_id": "i", "output_index": 0, "content_index": 0, "text": "ann@example.com"});
        let mut out = passing.push(format!("data: {delta}\n\ndata: {done}\n\n").as_bytes());
        out.extend(passing.finish());
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("ann@") && text.matches("[email]").count() == 2, "{text}");
        assert_eq!(passing.tally.found().collect::<Vec<_>>(), [(0, 1, "email")]);
    }
}
