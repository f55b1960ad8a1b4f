//! What a replay is to send: the recorded calls by the pieces they were stored in, each piece once, with the edits already
//! in them. It travels from whoever may read records to whoever may call models.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::request::Dialect;

/// How much of a run is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One call.
    Call,
    /// The call and those after it in its conversation.
    Conversation,
    /// The call and all that started after it in its run.
    Run,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Conversation => "conversation",
            Self::Run => "run",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Call, Self::Conversation, Self::Run].into_iter().find(|scope| scope.as_str() == text)
    }
}

/// What becomes of a talk whose new answer asks the recorded tool for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherArguments {
    /// It ends there: nobody knows what the tool would have said.
    #[default]
    Stop,
    /// The recorded result stands, and the call is marked.
    UseRecorded,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub model: String,
    /// Absent: as recorded.
    pub temperature: Option<f64>,
    pub other_arguments: OtherArguments,
    /// Dollars; no further call is sent once so much is spent.
    pub max_cost: Option<Decimal>,
    pub pieces: BTreeMap<String, Piece>,
    pub calls: Vec<PlannedCall>,
}

/// A message, a list of tools: as it was stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    pub role: String,
    pub content: Value,
}

/// One recorded call. Texts name pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    pub call_id: Uuid,
    pub dialect: Dialect,
    /// 0: none is known.
    pub conversation: u64,
    pub params: Map<String, Value>,
    pub tools: Option<String>,
    pub input: Vec<String>,
    pub output: Vec<String>,
    /// Who it said that it was, by the name of the header that says so.
    pub stated: Vec<(String, String)>,
}

impl Plan {
    pub fn content(&self, piece: &str) -> Option<&Value> {
        self.pieces.get(piece).map(|piece| &piece.content)
    }

    pub fn role(&self, piece: &str) -> &str {
        self.pieces.get(piece).map_or("missing", |piece| piece.role.as_str())
    }

    pub fn recorded_answer(&self, call: &PlannedCall) -> Vec<&Value> {
        call.output.iter().filter_map(|piece| self.content(piece)).collect()
    }
}

/// What the first call of a replay says otherwise than it was recorded. Absent: as recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edits {
    /// The system prompt, in every call that had the same one.
    pub system: Option<String>,
    /// The last message, here and wherever it comes back as history.
    pub message: Option<String>,
}

/// The texts of a call that can be edited: of the system prompt and of the last message. Absent: there is none, or it holds
/// more than text.
pub fn editable(plan: &Plan, call: &PlannedCall) -> Edits {
    let text = |at: Option<usize>| {
        let content = plan.content(call.input.get(at?)?)?;
        text_of(if content.is_object() { content.get("content")? } else { content })
    };
    Edits { system: text(system_of(plan, call)), message: text(last_of(plan, call)) }
}

/// Edits the first call, and all that hold what was edited. The error is the name of what cannot be edited.
pub fn edit(plan: &mut Plan, edits: &Edits) -> Result<(), &'static str> {
    let Some(first) = plan.calls.first().cloned() else { return Ok(()) };
    let may = editable(plan, &first);
    if let Some(text) = &edits.system {
        let at = system_of(plan, &first).filter(|_| may.system.is_some()).ok_or("system")?;
        replace(plan, &first.input[at], None, text);
    }
    if let Some(text) = &edits.message {
        let at = last_of(plan, &first).filter(|_| may.message.is_some()).ok_or("message")?;
        replace(plan, &first.input[at], Some(at), text);
    }
    Ok(())
}

/// Puts the text into a piece of its own, in every call that has the piece there.
fn replace(plan: &mut Plan, was: &str, only_at: Option<usize>, text: &str) {
    let Some(old) = plan.pieces.get(was) else { return };
    let mut piece = old.clone();
    if piece.content.is_object() {
        let content = with_text(&piece.content["content"], text);
        piece.content["content"] = content;
    } else {
        piece.content = json!(text);
    }
    let is = format!("edited:{was}");
    plan.pieces.insert(is.clone(), piece);
    for call in &mut plan.calls {
        for (at, name) in call.input.iter_mut().enumerate() {
            if name == was && only_at.is_none_or(|only| only == at) {
                name.clone_from(&is);
            }
        }
    }
}

fn system_of(plan: &Plan, call: &PlannedCall) -> Option<usize> {
    let is_system = |role: &str| matches!(role, "system" | "developer");
    call.input.iter().position(|piece| is_system(plan.role(piece)))
}

/// The last message is somebody's words to the model, or there is none that could be edited.
fn last_of(plan: &Plan, call: &PlannedCall) -> Option<usize> {
    let last = call.input.len().checked_sub(1)?;
    matches!(plan.role(&call.input[last]), "user" | "tool" | "function" | "input").then_some(last)
}

const TEXTS: [&str; 3] = ["text", "input_text", "output_text"];

/// A text, or parts that are texts and nothing else.
pub(super) fn text_of(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) if !parts.is_empty() => {
            let texts: Option<Vec<&str>> = parts
                .iter()
                .map(|part| {
                    let is_text = part["type"].as_str().is_some_and(|kind| TEXTS.contains(&kind));
                    part["text"].as_str().filter(|_| is_text)
                })
                .collect();
            texts.map(|texts| texts.join("\n\n"))
        }
        _ => None,
    }
}

/// One part keeps what else it says (that it is to be cached); several become one.
fn with_text(content: &Value, text: &str) -> Value {
    match content {
        Value::Array(parts) if !parts.is_empty() => {
            let mut part = parts[parts.len() - 1].clone();
            part["text"] = json!(text);
            Value::Array(vec![part])
        }
        _ => json!(text),
    }
}
