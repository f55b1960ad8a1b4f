//! What is asked of a model.

use serde_json::{Map, Value};

use super::{Part, Tool, ToolChoice};
use crate::Dialect;

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The dialect it was read from: owner of `rest`.
    pub dialect: Dialect,
    pub model: String,
    /// Instructions before the first message. Text only, each part with its cache marker.
    pub system: Vec<Part>,
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub tool_choice: Option<ToolChoice>,
    /// May the model call several tools in one answer? `None`: as the provider likes.
    pub parallel_tools: Option<bool>,
    pub output: Output,
    pub sampling: Sampling,
    pub max_output_tokens: Option<u64>,
    pub reasoning: Option<Reasoning>,
    pub stop: Vec<String>,
    /// Log-probabilities wanted, with so many alternatives for each token.
    pub logprobs: Option<u8>,
    /// The end user as the client names them.
    pub user: Option<String>,
    /// Labels for bookkeeping; the model does not see them.
    pub metadata: Map<String, Value>,
    pub service_tier: Option<String>,
    /// What the client asked for beside the body (`anthropic-beta`), in its dialect's words.
    pub betas: Vec<String>,
    /// How wordy the answer shall be: `low`, `medium`, `high`.
    pub verbosity: Option<String>,
    pub stream: bool,
    /// A chat client has asked for usage at the end of its stream. The other dialects always tell it.
    pub stream_usage: bool,
    /// Top-level fields of `dialect` that the form has no word for, as they came.
    pub rest: Map<String, Value>,
    /// Names of fields further in that the form has no word for. No writer can say them.
    pub unread: Vec<String>,
}

impl Request {
    pub fn new(dialect: Dialect, model: impl Into<String>) -> Self {
        Self {
            dialect,
            model: model.into(),
            system: Vec::new(),
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: None,
            parallel_tools: None,
            output: Output::Text,
            sampling: Sampling::default(),
            max_output_tokens: None,
            reasoning: None,
            stop: Vec::new(),
            logprobs: None,
            user: None,
            metadata: Map::new(),
            service_tier: None,
            betas: Vec::new(),
            verbosity: None,
            stream: false,
            stream_usage: false,
            rest: Map::new(),
            unread: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    User,
    Assistant,
    /// An instruction in the middle of the conversation.
    System,
}

/// One turn. Tool results stand in a user's turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub role: Role,
    pub parts: Vec<Part>,
    /// Who of several speakers this is.
    pub name: Option<String>,
}

impl Message {
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Self { role, parts, name: None }
    }
}

/// The shape the answer's text must have.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Text,
    /// Any JSON object.
    Json,
    Schema {
        name: Option<String>,
        description: Option<String>,
        schema: Value,
        strict: Option<bool>,
    },
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub top_k: Option<u64>,
    pub frequency_penalty: Option<f64>,
    pub presence_penalty: Option<f64>,
    pub seed: Option<i64>,
}

/// How much the model shall think. What is `None` is the provider's choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasoning {
    /// `Some(false)`: thinking is turned off.
    pub enabled: Option<bool>,
    pub effort: Option<Effort>,
    pub budget_tokens: Option<u64>,
    /// Whether and how its thinking is shown: `auto`, `concise`, `detailed`.
    pub summary: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::None, "none"),
        (Self::Minimal, "minimal"),
        (Self::Low, "low"),
        (Self::Medium, "medium"),
        (Self::High, "high"),
        (Self::XHigh, "xhigh"),
        (Self::Max, "max"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(effort, _)| *effort == self).map_or("medium", |(_, name)| name)
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(effort, _)| *effort)
    }
}
