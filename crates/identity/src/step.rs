//! The last step of a call, for telling whether a caller does the same again and again: what it sends, and which tools it
//! has just had run. Dates, clock times and ids are left out of it, as in the soft form of prompts.

use crate::history::History;
use crate::message::{Message, Role};
use crate::request::{Fields, system_text};
use crate::{hash, soft};

/// Messages that are read, from the end. Of a longer history the length speaks for the rest.
const TAIL_MESSAGES: usize = 8;
/// Longer texts are known by their ends and windows between.
const SOFT_BYTES: usize = 2 << 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The same for calls that send the same.
    pub call: u64,
    /// One for each tool whose result this call brings: its name and its arguments.
    pub tools: Vec<u64>,
}

impl Step {
    /// `None`: the request has no history. Calls of different scopes never meet.
    pub fn of(scope: u64, model: &str, fields: &Fields<'_>) -> Option<Self> {
        let raw = fields.history();
        if raw.is_empty() {
            return None;
        }
        let history = History::open(raw);
        let cut = history.ends().nth(TAIL_MESSAGES);
        let (messages, rest) = match cut {
            Some(end) => (history.behind(end), raw.len()),
            None => (history.whole(), 0),
        };
        let mut call = hash::join(scope, hash::bytes(21, model.as_bytes()));
        call = hash::join(call, text_key(&system_text(fields.outer_system())));
        call = history
            .leading
            .iter()
            .fold(call, |call, leading| hash::join(call, text_key(&String::from_utf8_lossy(leading))));
        call = hash::join(call, hash::join(rest as u64, messages.len() as u64));
        call = messages.iter().fold(call, |call, message| hash::join(call, message_key(message)));
        Some(Self { call, tools: tools(&messages) })
    }
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
fn tools(messages: &[Message<'_>]) -> Vec<u64> {
    let asked = messages.iter().rposition(|message| message.role != Role::Tool).map_or(0, |at| at + 1);
    if asked == messages.len() {
        return Vec::new();
    }
    let turns = messages[..asked].iter().rev().take_while(|message| message.role == Role::Assistant);
    turns.flat_map(|turn| &turn.calls).map(|call| tool_key(&call.name, &call.arguments)).collect()
}

fn tool_key(name: &str, arguments: &str) -> u64 {
    hash::join(hash::bytes(31, name.as_bytes()), hash::bytes(32, arguments.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(body: &str) -> Step {
        Step::of(1, "m", &Fields::of(body.as_bytes())).unwrap()
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
        let first = Step::of(1, "m", &fields).unwrap();
        assert_ne!(first, Step::of(2, "m", &fields).unwrap());
        assert_ne!(first, Step::of(1, "n", &fields).unwrap());
        assert_eq!(Step::of(1, "m", &Fields::of(b"{}")), None);
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
