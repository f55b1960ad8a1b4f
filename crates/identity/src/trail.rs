//! What a call leaves behind so that it can be followed without a word of it: keys of the history it had, of what it was told
//! and of what was answered. Who does not keep what was said keeps these, and what goes on elsewhere is still found.
//!
//! A key says nothing to whoever has none of the texts; so that it says nothing to whoever guesses one either, the caller
//! seals each with a secret ([`Trail::of`]'s `seal`). Sealed keys can be compared and nothing else.

use crate::answer::Answer;
use crate::engine::key_of;
use crate::history::History;
use crate::message::{Message, Role, whole_text};
use crate::request::Fields;
use crate::{hash, json, print};

/// Answers in a history that are told of, from its end.
const MOST_STEPS: usize = 12;
/// Texts that are told of, the newest first.
const MOST_TEXTS: usize = 24;
/// Shorter texts are said by chance.
const SHORTEST_LETTERS: u32 = 32;

/// Sealed keys; 0 is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// The calls that this one goes on from: each its history and what was answered, as one key. The last one first.
    pub steps: Vec<u64>,
    /// This call as later ones may tell of it.
    pub step: u64,
    /// Texts of users and tools in its history.
    pub told: Vec<u64>,
    /// The answer, and texts that it gave to tools.
    pub said: Vec<u64>,
}

impl Trail {
    /// `scope`: of its key and team, as the call arrived with ([`crate::scope`]).
    pub fn of(scope: u64, fields: &Fields<'_>, answer: &Answer, seal: impl Fn(u64) -> u64) -> Self {
        let history = History::open(fields);
        let messages = history.whole();
        let length = |end: usize| history.fingerprint(scope, end);
        let mut steps: Vec<u64> = answers(messages)
            .take(MOST_STEPS)
            .flat_map(|(end, keys)| keys.into_iter().map(move |key| (end, key)))
            .map(|(end, key)| seal(step(length(end), key)))
            .collect();
        steps.dedup();
        let text = |text: &str| {
            let print = print::of(text);
            (print.letters >= SHORTEST_LETTERS).then(|| seal(hash::join(hash::join(71, scope), print.key)))
        };
        let heard = messages.iter().rev().filter(|message| matches!(message.role, Role::User | Role::Tool));
        let told = heard.flat_map(|message| {
            message.texts.iter().chain(message.results.iter().map(|result| &result.text))
        });
        let told = told.filter_map(|told| text(told)).take(MOST_TEXTS).collect();
        let end = messages.last().map(|message| message.end);
        if answer.failed {
            return Self { steps, told, ..Self::default() };
        }
        let key = key_of(print::of(&answer.text), answer.calls.iter().map(|call| call.id.as_str()));
        let given = answer.calls.iter().flat_map(|call| json::members(call.arguments.as_bytes()));
        let given = given.filter_map(|(_, value)| text(&json::text(value)?));
        let said = text(&answer.text).into_iter().chain(given).take(MOST_TEXTS).collect();
        Self { steps, step: end.map_or(0, |end| seal(step(length(end), key))), told, said }
    }
}

fn step(history: u64, answer: u64) -> u64 {
    hash::join(hash::join(72, history), answer)
}

/// The answers in a history, the last one first: where the history before each ends, and its keys.
fn answers<'m>(messages: &'m [Message<'_>]) -> impl Iterator<Item = (usize, Vec<u64>)> + 'm {
    let is_answer = |message: &Message<'_>| message.role == Role::Assistant;
    let begins = move |at: &usize| is_answer(&messages[*at]) && !is_answer(&messages[*at - 1]);
    (1..messages.len()).rev().filter(begins).map(move |at| {
        let leading = || messages[at..].iter().take_while(|message| message.role == Role::Assistant);
        let first = &messages[at];
        let mut keys = vec![key_of(print::of(&whole_text(first)), ids(first))];
        if leading().nth(1).is_some() {
            // An answer may come back as several items, or in pieces.
            let words: String = leading().flat_map(|message| &message.texts).map(AsRef::as_ref).collect();
            keys.push(key_of(print::of(&words), leading().flat_map(|message| ids(message))));
        }
        (messages[at - 1].end, keys)
    })
}

fn ids<'m>(message: &'m Message<'_>) -> impl Iterator<Item = &'m str> {
    message.calls.iter().map(|call| call.id.as_ref())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    fn trail(messages: &[Value], answer: &Value) -> Trail {
        let body = json!({"model": "m", "messages": messages}).to_string();
        let answer = json!({"choices": [{"message": answer}]}).to_string();
        Trail::of(7, &Fields::of(body.as_bytes()), &Answer::of_json(answer.as_bytes()), |key| key ^ 1)
    }

    fn said(role: &str, text: &str) -> Value {
        json!({"role": role, "content": text})
    }

    #[test]
    fn a_call_tells_of_the_calls_that_its_history_holds() {
        let talk = [
            said("system", "You plan journeys."),
            said("user", "How do I come to Busan on a Sunday morning, please?"),
            said("assistant", "Take the KTX at nine from Seoul station."),
            said("user", "And back?"),
            said("assistant", "At ten."),
            said("user", "Thanks."),
        ];
        let first = trail(&talk[..2], &talk[2]);
        let second = trail(&talk[..4], &talk[4]);
        let third = trail(&talk, &said("assistant", "You are welcome."));
        assert_eq!(second.steps, [first.step]);
        assert_eq!(third.steps, [second.step, first.step]);
        let otherwise = trail(&talk[..2], &said("assistant", "Take the bus."));
        assert_ne!(otherwise.step, first.step, "another answer is another step");
        assert_eq!(
            (first.told.len(), first.said.len(), second.told.len()),
            (1, 1, 1),
            "short texts are nobody's"
        );
        assert!(first.told != first.said);
    }

    #[test]
    fn what_a_tool_was_given_and_gave_back_is_told_of() {
        let task = "Find the shortest road from Jeonju to the southern sea.";
        let found = "Take the seventeen down to Suncheon and go on by ferry.";
        let asks = json!({"role": "assistant", "content": null, "tool_calls": [{"id": "call_abc123def", "type": "function",
            "function": {"name": "ask", "arguments": json!({"input": task, "n": 1}).to_string()}}]});
        let lead = trail(&[said("user", "A journey, please.")], &asks);
        let worker = trail(&[said("user", task)], &said("assistant", found));
        assert_eq!(lead.said, worker.told);
        let back = json!({"role": "tool", "tool_call_id": "call_abc123def", "content": found});
        let then = trail(&[said("user", "A journey, please."), asks, back], &said("assistant", "Go."));
        assert_eq!((&then.steps, &then.told), (&vec![lead.step], &worker.said));
    }

    #[test]
    fn a_call_that_failed_is_gone_on_from_by_nobody() {
        let body = json!({"messages": [said("user", "Hello")]}).to_string();
        let failed = Trail::of(7, &Fields::of(body.as_bytes()), &Answer::failed(), |key| key);
        assert_eq!(failed, Trail::default());
    }
}
