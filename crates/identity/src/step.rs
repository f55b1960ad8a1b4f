//! The last step of a call, for telling whether a caller does the same again and again: what it sends, and which tools it
//! has just had run. Dates, clock times and ids are left out of it, as in the soft form of prompts.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::history::History;
use crate::memo::Memo;
use crate::message::{self, Message, Role};
use crate::request::{Fields, system_text};
use crate::{hash, soft};

/// Messages that are read, from the end. Of a longer history the length speaks for the rest.
const TAIL_MESSAGES: usize = 8;
/// Longer texts are known by their ends and windows between.
const SOFT_BYTES: usize = 2 << 10;
/// What stands in a message that asks for a tool or brings a tool's result, in each dialect.
const TOOL_WORDS: [&[u8]; 3] = [b"tool", b"function", b"call_id"];
static TOOL_FINDERS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| TOOL_WORDS.map(Finder::new));

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The same for calls that send the same.
    pub call: u64,
    /// One for each tool whose result this call brings: its name and its arguments.
    pub tools: Vec<u64>,
}

impl Step {
    /// `memo`: what was read of earlier calls. `None`: the request has no history. Calls of different scopes never meet.
    pub fn of(scope: u64, model: &str, fields: &Fields<'_>, memo: &Memo) -> Option<Self> {
        let raw = fields.history();
        if raw.is_empty() {
            return None;
        }
        let mut history = History::open(fields);
        let cut = history.ends().nth(TAIL_MESSAGES);
        let rest = if cut.is_some() { raw.len() } else { 0 };
        let mut call = hash::join(scope, hash::bytes(21, model.as_bytes()));
        let outer = fields.outer_system();
        call = hash::join(call, memo.key(outer, || text_key(&system_text(outer))));
        call = history.leading.iter().fold(call, |call, leading| {
            hash::join(call, memo.key(leading, || text_key(&String::from_utf8_lossy(leading))))
        });
        let written: Vec<&[u8]> =
            history.written_behind(cut.unwrap_or(history.start())).map(|(raw, _)| raw).collect();
        if written.is_empty() {
            // A history that is one text.
            let messages = history.take_whole();
            call = hash::join(call, hash::join(rest as u64, messages.len() as u64));
            call = messages.iter().fold(call, |call, message| hash::join(call, message_key(message)));
            return Some(Self { call, tools: Vec::new() });
        }
        call = hash::join(call, hash::join(rest as u64, written.len() as u64));
        call = written.iter().fold(call, |call, raw| hash::join(call, written_key(raw, memo)));
        Some(Self { call, tools: tools(&written) })
    }
}

/// A long message without tools is known as it is written: reading it costs more than all else that is looked at.
fn is_long_talk(raw: &[u8]) -> bool {
    raw.len() > SOFT_BYTES && !speaks_of_tools(raw)
}

fn speaks_of_tools(raw: &[u8]) -> bool {
    TOOL_FINDERS.iter().any(|word| word.find(raw).is_some())
}

fn written_key(raw: &[u8], memo: &Memo) -> u64 {
    if is_long_talk(raw) {
        return hash::sampled(24, raw);
    }
    memo.key(raw, || message_key(&message::read(raw, 0)))
}

fn text_key(text: &str) -> u64 {
    if text.len() <= SOFT_BYTES { soft::of(text).key } else { hash::sampled(23, text.as_bytes()) }
}

fn message_key(message: &Message<'_>) -> u64 {
    let mut key = hash::mix(message.role as u64 + 1);
    for text in &message.texts {
        key = hash::join(key, text_key(text));
    }
    for call in &message.calls {
        key = hash::join(key, tool_key(&call.name, &call.arguments));
    }
    for result in &message.results {
        key = hash::join(key, text_key(&result.text));
    }
    key
}

/// The tools of the last turn, when their results are what the history ends with.
fn tools(written: &[&[u8]]) -> Vec<u64> {
    if written.last().is_none_or(|last| !speaks_of_tools(last)) {
        return Vec::new();
    }
    let mut back = written.iter().rev().map(|raw| message::read(raw, 0)).peekable();
    if back.peek().is_none_or(|last| last.role != Role::Tool) {
        return Vec::new();
    }
    let turns = back
        .skip_while(|message| message.role == Role::Tool)
        .take_while(|message| message.role == Role::Assistant);
    turns.flat_map(|turn| turn.calls).map(|call| tool_key(&call.name, &call.arguments)).collect()
}

fn tool_key(name: &str, arguments: &str) -> u64 {
    hash::join(hash::bytes(31, name.as_bytes()), hash::bytes(32, arguments.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(body: &str) -> Step {
        Step::of(1, "m", &Fields::of(body.as_bytes()), &Memo::new(5)).unwrap()
    }

    #[test]
    fn the_same_call_is_the_same_whatever_the_time_in_its_prompt() {
        let at = |time: &str, said: &str| {
            step(&format!(
                r#"{{"messages":[{{"role":"system","content":"It is {time}."}},{{"role":"user","content":"{said}"}}]}}"#
            ))
            .call
        };
        assert_eq!(at("2026-11-21T10:00:01Z", "go"), at("2026-11-21T10:00:09Z", "go"));
        assert_ne!(at("2026-11-21T10:00:01Z", "go"), at("2026-11-21T10:00:01Z", "stop"));
    }

    #[test]
    fn other_models_and_other_scopes_are_other_calls() {
        let body = br#"{"messages":[{"role":"user","content":"x"}]}"#;
        let fields = Fields::of(body);
        let memo = Memo::new(5);
        let first = Step::of(1, "m", &fields, &memo).unwrap();
        assert_ne!(first, Step::of(2, "m", &fields, &memo).unwrap());
        assert_ne!(first, Step::of(1, "n", &fields, &memo).unwrap());
        assert_eq!(Step::of(1, "m", &Fields::of(b"{}"), &memo), None);
    }

    #[test]
    fn a_history_that_grows_is_another_call_each_time() {
        let mut seen = std::collections::HashSet::new();
        for turns in 1..40 {
            let said = vec![r#"{"role":"user","content":"continue"}"#; turns].join(",");
            assert!(seen.insert(step(&format!(r#"{{"messages":[{said}]}}"#)).call), "{turns} turns");
        }
    }

    #[test]
    fn a_long_message_is_the_same_call_only_while_it_stays_the_same() {
        let talk = |end: &str| {
            let long = "what the log of the router says \\n".repeat(200);
            step(&format!(r#"{{"messages":[{{"role":"user","content":"{long}{end}"}}]}}"#))
        };
        assert_eq!(talk("go"), talk("go"));
        assert_ne!(talk("go").call, talk("no").call);
        assert_eq!(talk("go").tools, Vec::<u64>::new());
    }

    #[test]
    fn long_results_of_tools_are_read_for_what_was_asked() {
        let told = |id: &str| {
            let long = "row after row ".repeat(300);
            step(&format!(
                r#"{{"messages":[{{"role":"user","content":"x"}},
                {{"role":"assistant","content":null,"tool_calls":[{{"id":"{id}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}},
                {{"role":"tool","tool_call_id":"{id}","content":"{long}"}}]}}"#
            ))
        };
        assert_eq!(told("1").tools.len(), 1);
        assert_eq!(told("1"), told("2"));
    }

    #[test]
    fn a_history_that_is_one_text_is_a_step_too() {
        assert_eq!(step(r#"{"input":"hello there"}"#), step(r#"{"input":"hello there"}"#));
        assert_ne!(step(r#"{"input":"hello there"}"#), step(r#"{"input":"hello you"}"#));
    }

    #[test]
    fn the_tools_of_the_last_turn_are_known_in_every_dialect() {
        let chat = step(
            r#"{"messages":[{"role":"user","content":"x"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
            {"role":"tool","tool_call_id":"1","content":"done"}]}"#,
        );
        let later = step(
            r#"{"messages":[{"role":"user","content":"x"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"9","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
            {"role":"tool","tool_call_id":"9","content":"other"}]}"#,
        );
        let messages = step(
            r#"{"messages":[{"role":"user","content":"x"},
            {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"a":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"done"}]}]}"#,
        );
        let responses = step(
            r#"{"input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"1","name":"f","arguments":"{\"a\":1}"},
            {"type":"function_call_output","call_id":"1","output":"done"}]}"#,
        );
        assert_eq!(chat.tools.len(), 1);
        assert!([&later, &messages, &responses].iter().all(|other| other.tools == chat.tools));
        let spoken = step(
            r#"{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":"z"}]}"#,
        );
        assert_eq!(spoken.tools, Vec::<u64>::new());
    }
}
