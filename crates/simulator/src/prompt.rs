//! A request as the script sees it, whichever wire it came in on.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    /// The result of a tool call.
    Tool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: String,
    /// JSON schema of the arguments.
    pub(crate) schema: Value,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    Never,
    Must,
    Named(String),
}

/// The shape the answer must have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Format {
    #[default]
    Text,
    AnyJson,
    Schema(Value),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Prompt {
    pub(crate) model: String,
    pub(crate) turns: Vec<Turn>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel_tools: bool,
    pub(crate) format: Format,
    /// Most tokens of the answer.
    pub(crate) max_tokens: Option<u64>,
    /// Words asked for by `sim.words`.
    pub(crate) words: Option<usize>,
    /// Verbatim answer asked for by `sim.text`.
    pub(crate) text: Option<String>,
}

impl Prompt {
    pub(crate) fn system(&self) -> String {
        let system = self.turns.iter().filter(|turn| turn.role == Role::System);
        system.map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn last_user(&self) -> &str {
        let last = self.turns.iter().rev().find(|turn| turn.role == Role::User);
        last.map(|turn| turn.text.as_str()).unwrap_or_default()
    }

    /// Results of the tools called since the user last spoke.
    pub(crate) fn tool_results(&self) -> Vec<&str> {
        let since = self.turns.iter().rposition(|turn| turn.role == Role::User).unwrap_or(0);
        let results = self.turns[since..].iter().filter(|turn| turn.role == Role::Tool);
        results.map(|turn| turn.text.as_str()).collect()
    }

    /// What stands last, when it is the assistant's: the answer goes on from there.
    pub(crate) fn beginning(&self) -> Option<&str> {
        let last = self.turns.last().filter(|turn| turn.role == Role::Assistant)?;
        Some(last.text.as_str()).filter(|text| !text.is_empty())
    }

    /// Seeds everything made up for this request.
    pub(crate) fn seed(&self) -> u64 {
        let mut parts = vec![self.model.as_str()];
        parts.extend(self.turns.iter().map(|turn| turn.text.as_str()));
        crate::text::hash(&parts)
    }

    /// Tokens of the whole prompt: each turn costs 4 more than its text, the reply is primed with 3.
    pub(crate) fn tokens(&self) -> u64 {
        let turns: u64 = self.turns.iter().map(|turn| crate::usage::tokens(&turn.text) + 4).sum();
        let tools: u64 =
            self.tools.iter().map(|tool| crate::usage::tokens(&tool.schema.to_string()) + 8).sum();
        turns + tools + 3
    }
}

/// The text of a message's content: a string, or the text parts of a list.
pub(crate) fn content_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(part_text).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn part_text(part: &Value) -> String {
    match part.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        // An image, a file, audio: its kind stands for it, so that it still changes the answer.
        None => format!("[{}]", part.get("type").and_then(Value::as_str).unwrap_or("part")),
    }
}
