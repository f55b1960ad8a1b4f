//! Which recorded calls may follow a new answer, and with which history.
//!
//! Where a later call holds, word for word, an answer that was replayed, the new answer stands in its place, under the
//! recorded ids of its tool calls, so that the recorded results answer them. A new answer that asks for other tools than
//! the recorded one has nothing recorded that could follow it.

use serde_json::{Value, json};

use super::answer::{ToolUse, Turn, turn};
use super::plan::{OtherArguments, Plan, PlannedCall};
use super::request::Dialect;

/// Messages that one answer came back as, at most.
const LONGEST_ANSWER: usize = 32;

/// A call of the plan that was dealt with.
#[derive(Debug, Clone)]
pub enum Sent {
    /// Answered, and the recorded talk may go on from it: the messages that take the place of the recorded answer.
    Answered(Vec<Value>),
    /// Answered, and nothing recorded can follow.
    Parted(Parted),
    /// It was not sent, or not answered.
    Missing,
}

/// How the new answer differs, so that nothing recorded can follow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Parted {
    #[error("The new answer asks for {}, the recorded one for {}.", named(asked), named(recorded))]
    OtherTools { recorded: Vec<String>, asked: Vec<String> },
    #[error(
        "The new answer asks {tool} for something else than the recorded one, and its result for that is not known."
    )]
    OtherArguments { tool: String },
}

impl Parted {
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherTools { .. } => "other_tools",
            Self::OtherArguments { .. } => "other_arguments",
        }
    }
}

fn named(tools: &[String]) -> String {
    if tools.is_empty() { "no tool".to_owned() } else { tools.join(", ") }
}

/// What may follow a new answer. `true`: a tool is asked for something else, and is taken for having answered the same.
pub fn follow(
    recorded: &Turn,
    messages: &[Value],
    rule: OtherArguments,
) -> Result<(Vec<Value>, bool), Parted> {
    let new = turn(messages);
    let names = |turn: &Turn| turn.tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>();
    let mut left: Vec<&ToolUse> = recorded.tools.iter().collect();
    let mut renamed = Vec::new();
    let mut is_other = false;
    for asked in &new.tools {
        // The same asked for the same first, then the same tool in its order.
        let same = left.iter().position(|tool| tool.name == asked.name && tool.arguments == asked.arguments);
        let named = || left.iter().position(|tool| tool.name == asked.name);
        let Some(at) = same.or_else(named) else { return Err(other_tools(names(recorded), names(&new))) };
        if same.is_none() {
            if rule == OtherArguments::Stop {
                return Err(Parted::OtherArguments { tool: asked.name.clone() });
            }
            is_other = true;
        }
        renamed.push((asked.id.clone(), left.remove(at).id.clone()));
    }
    if !left.is_empty() {
        return Err(other_tools(names(recorded), names(&new)));
    }
    let mut messages = messages.to_vec();
    let mut renamed = renamed.into_iter();
    messages.iter_mut().for_each(|message| rename(message, &mut renamed));
    Ok((messages, is_other))
}

fn other_tools(recorded: Vec<String>, asked: Vec<String>) -> Parted {
    Parted::OtherTools { recorded, asked }
}

/// Gives tool calls their recorded ids, in the order they are read in.
fn rename(message: &mut Value, ids: &mut impl Iterator<Item = (String, String)>) {
    let mut set = |asked: &mut Value, name: &str| {
        if let Some((_, id)) = ids.next() {
            asked[name] = json!(id);
        }
    };
    if matches!(message["type"].as_str(), Some("function_call" | "custom_tool_call")) {
        set(message, "call_id");
        return;
    }
    if let Some(parts) = message.get_mut("content").and_then(Value::as_array_mut) {
        parts.iter_mut().filter(|part| part["type"] == "tool_use").for_each(|part| set(part, "id"));
    }
    if let Some(calls) = message.get_mut("tool_calls").and_then(Value::as_array_mut) {
        calls.iter_mut().for_each(|call| set(call, "id"));
    }
}

/// What a call is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub history: Vec<Value>,
    /// Answers in it that are new.
    pub replaced: usize,
}

/// The history of a call, with the new answers in it. The error is the earlier call (its place in the plan) whose recorded
/// answer it holds and that has none to stand in its place. `sent`: what became of the calls before it.
pub fn history(plan: &Plan, call: &PlannedCall, sent: &[Sent]) -> Result<Told, usize> {
    let recorded: Vec<Turn> =
        plan.calls.iter().take(sent.len()).map(|call| turn(plan.recorded_answer(call))).collect();
    let mut told = Told { history: Vec::with_capacity(call.input.len()), replaced: 0 };
    let (mut at, mut next) = (0, 0);
    while at < call.input.len() {
        let found = answer_at(plan, call, at, &recorded, next);
        let Some((which, length)) = found else {
            told.history.extend(plan.content(&call.input[at]).cloned());
            at += 1;
            continue;
        };
        let Sent::Answered(messages) = &sent[which] else { return Err(which) };
        told.history.extend(as_it_came(plan, &call.input[at..at + length], messages));
        told.replaced += 1;
        (at, next) = (at + length, which + 1);
    }
    Ok(told)
}

/// The replayed call whose recorded answer stands at this place of a history, and how many messages it is. Answers come
/// back in the order they were given.
fn answer_at(
    plan: &Plan,
    call: &PlannedCall,
    at: usize,
    recorded: &[Turn],
    next: usize,
) -> Option<(usize, usize)> {
    let is_answer = |piece: &String| plan.role(piece) == "assistant";
    // Only an answer of responses is several items; the shortest that says all of it is it.
    let most = if call.dialect == Dialect::Responses { LONGEST_ANSWER } else { 1 };
    let longest = call.input[at..].iter().take(most).take_while(|piece| is_answer(piece)).count();
    for length in 1..=longest {
        let messages: Option<Vec<&Value>> =
            call.input[at..at + length].iter().map(|piece| plan.content(piece)).collect();
        let said = turn(messages?);
        if said.says_nothing() {
            continue;
        }
        let of = |which: &usize| recorded[*which].is(&said) && may_be(plan, call, at, *which, &said);
        if let Some(which) = (next..recorded.len()).find(of) {
            return Some((which, length));
        }
    }
    None
}

/// Words that are short are said by many. They are taken for an answer in its own conversation only, and never where the
/// answered call itself had them before.
fn may_be(plan: &Plan, call: &PlannedCall, at: usize, which: usize, said: &Turn) -> bool {
    const TELLING_BYTES: usize = 40;
    let answered = &plan.calls[which];
    let was_there = answered.input.get(..=at).is_some_and(|before| before == &call.input[..=at]);
    let one_talk = answered.conversation != 0 && answered.conversation == call.conversation;
    let is_telling =
        said.text.trim().len() >= TELLING_BYTES || said.tools.iter().any(|tool| !tool.id.is_empty());
    !was_there && (one_talk || is_telling)
}

/// The new messages, with what the recorded history says beside the answer: a framework may have put a name to it.
fn as_it_came(plan: &Plan, recorded: &[String], new: &[Value]) -> Vec<Value> {
    let mut new = new.to_vec();
    if let ([piece], [message]) = (recorded, new.as_mut_slice())
        && let Some(name) = plan.content(piece).and_then(|content| content.get("name"))
    {
        message["name"] = name.clone();
    }
    new
}
