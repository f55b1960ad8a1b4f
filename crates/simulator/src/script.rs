//! What the simulator answers: text, thoughts, tool calls. The same prompt always gets the same answer.

use serde_json::{Map, Value, json};

use crate::crew;
use crate::prompt::{Format, Prompt, Tool, ToolChoice};
use crate::schema;
use crate::text::{Sequence, pieces, sentences};
use crate::usage::{Tokens, tokens};

const MOST_WORDS: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    ToolCalls,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) reasoning: String,
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) finish: Finish,
    pub(crate) tokens: Tokens,
}

/// What a script decides; counting and cutting are done here.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) reasoning: String,
    pub(crate) text: String,
    /// Name and arguments of each tool call.
    pub(crate) calls: Vec<(String, Value)>,
}

impl Draft {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn calls(calls: Vec<(String, Value)>) -> Self {
        Self { calls, ..Self::default() }
    }
}

/// The answer to a prompt.
pub(crate) fn answer(prompt: &Prompt) -> Answer {
    let Some(beginning) = prompt.beginning() else { return finish(prompt, draft(prompt)) };
    // The rest of the answer that would be given without it, or so many words less of another's.
    let mut asked = prompt.clone();
    asked.turns.pop();
    let mut draft = draft(&asked);
    draft.text = match draft.text.strip_prefix(beginning) {
        Some(rest) => rest.to_owned(),
        None => words_behind(&draft.text, beginning.split_whitespace().count()),
    };
    finish(prompt, draft)
}

fn words_behind(text: &str, words: usize) -> String {
    text.split_whitespace().skip(words).map(|word| format!(" {word}")).collect()
}

fn draft(prompt: &Prompt) -> Draft {
    if let Some(text) = &prompt.text {
        return Draft::text(text.clone());
    }
    if let Some(calls) = forced_calls(prompt) {
        return Draft::calls(calls);
    }
    if prompt.model == "sim-crew" {
        return crew::draft(prompt);
    }
    if prompt.model == "sim-tools" && may_call(prompt) && prompt.tool_results().is_empty() {
        return Draft::calls(calls_of_two(prompt));
    }
    let mut draft = Draft::text(plain_text(prompt));
    if matches!(prompt.model.as_str(), "sim-reasoning" | "sim-usage") {
        draft.reasoning = sentences(prompt.seed() ^ 1, 18);
    }
    draft
}

/// Text in the asked format: from the tools' results when there are some, else made up.
pub(crate) fn plain_text(prompt: &Prompt) -> String {
    let seed = prompt.seed();
    match &prompt.format {
        Format::Schema(schema) => return schema::value(schema, schema, seed).to_string(),
        Format::AnyJson => return json!({ "answer": sentences(seed, 12) }).to_string(),
        Format::Text => {}
    }
    let results = prompt.tool_results();
    let words = prompt.words.unwrap_or_else(|| 24 + Sequence(seed).below(24)).min(MOST_WORDS);
    if results.is_empty() {
        return sentences(seed, words);
    }
    format!("The tools say: {}. {}", results.join("; "), sentences(seed, words.min(12)))
}

pub(crate) fn may_call(prompt: &Prompt) -> bool {
    !prompt.tools.is_empty() && prompt.tool_choice != ToolChoice::Never
}

/// Any model obeys a `tool_choice` that requires a call.
fn forced_calls(prompt: &Prompt) -> Option<Vec<(String, Value)>> {
    let tool = match &prompt.tool_choice {
        ToolChoice::Named(name) => prompt.tools.iter().find(|tool| tool.name == *name)?,
        ToolChoice::Must => prompt.tools.first()?,
        _ => return None,
    };
    Some(vec![(tool.name.clone(), arguments(tool, prompt.seed()))])
}

/// Two calls at once where that is allowed: of two tools, or of the only one with two sets of arguments.
fn calls_of_two(prompt: &Prompt) -> Vec<(String, Value)> {
    let how_many = if prompt.parallel_tools { 2 } else { 1 };
    let tools = prompt.tools.iter().cycle().take(how_many);
    let calls = tools.zip(0u64..).map(|(tool, at)| (tool.name.clone(), arguments(tool, prompt.seed() ^ at)));
    calls.collect()
}

pub(crate) fn arguments(tool: &Tool, seed: u64) -> Value {
    match schema::value(&tool.schema, &tool.schema, seed) {
        Value::Object(object) => Value::Object(object),
        _ => Value::Object(Map::new()),
    }
}

/// Cuts the draft at the token limit, names the calls, counts the tokens.
fn finish(prompt: &Prompt, draft: Draft) -> Answer {
    let seed = prompt.seed();
    let named = |(at, (name, arguments)): (u64, (String, Value))| {
        let id = format!("call_{:016x}", Sequence(seed ^ (at + 1)).next());
        ToolCall { id, name, arguments }
    };
    let calls: Vec<ToolCall> = (0u64..).zip(draft.calls).map(named).collect();
    let (text, cut) = cut_at(&draft.text, prompt.max_tokens);
    let finish = match (cut, calls.is_empty()) {
        (true, _) => Finish::Length,
        (false, false) => Finish::ToolCalls,
        (false, true) => Finish::Stop,
    };
    let reasoning_tokens = tokens(&draft.reasoning);
    let called: u64 =
        calls.iter().map(|call| tokens(&call.name) + tokens(&call.arguments.to_string()) + 4).sum();
    let counted = Tokens {
        input: prompt.tokens(),
        output: tokens(&text) + called + reasoning_tokens,
        reasoning: reasoning_tokens,
        ..Tokens::default()
    };
    let counted = if prompt.model == "sim-usage" { counted.in_every_class() } else { counted };
    Answer { reasoning: draft.reasoning, text, calls, finish, tokens: counted }
}

/// The longest run of whole pieces within the limit, and whether anything was cut.
fn cut_at(text: &str, max_tokens: Option<u64>) -> (String, bool) {
    let Some(limit) = max_tokens.filter(|&limit| tokens(text) > limit) else {
        return (text.to_owned(), false);
    };
    let mut kept = String::new();
    for piece in pieces(text) {
        if tokens(&kept) + tokens(piece) > limit {
            break;
        }
        kept.push_str(piece);
    }
    (kept, true)
}
