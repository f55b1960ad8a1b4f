//! What messages and answers are made of.

use serde_json::Value;

use crate::Dialect;

/// One part of a message or an answer, with the cache marker that stands on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub content: Content,
    /// The prompt up to and including this part shall be cached.
    pub cache: Option<CacheMarker>,
}

impl Part {
    pub fn new(content: Content) -> Self {
        Self { content, cache: None }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Content::Text(text.into()))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Text(String),
    Image(Image),
    File(File),
    Audio(Audio),
    ToolCall(ToolCall),
    ToolResult(ToolResult),
    Thinking(Thinking),
    /// Thinking that the provider has encrypted as a whole; to be sent back as it is.
    RedactedThinking(String),
    /// The model's words when it declines.
    Refusal(String),
    Foreign(Foreign),
}

impl Content {
    /// For messages to people.
    pub fn what(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::File(_) => "file",
            Self::Audio(_) => "audio",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::Thinking(_) => "thinking",
            Self::RedactedThinking(_) => "redacted_thinking",
            Self::Refusal(_) => "refusal",
            Self::Foreign(foreign) => &foreign.what,
        }
    }
}

/// How long a cached prompt is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheMarker {
    /// The provider's default, five minutes where it says so.
    Short,
    /// One hour.
    Long,
}

/// Where an image's or a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Url(String),
    /// `data` is base64 and never decoded on the way.
    Base64 {
        media_type: String,
        data: String,
    },
    /// The provider's own id of a file uploaded before.
    FileId(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub source: Source,
    /// `low`, `high`, `auto`.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub source: Source,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Base64.
    pub data: String,
    /// `wav`, `mp3`.
    pub format: String,
}

/// The model wants a tool called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// JSON text as the model wrote it, an object in every dialect that does not keep it as text.
    pub arguments: String,
}

/// What a called tool gave back.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    pub call_id: String,
    /// Text, images and files.
    pub content: Vec<Part>,
    pub is_error: bool,
}

/// The model's reasoning as far as it is shown, with the provider's proof that it is unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thinking {
    pub text: String,
    pub signature: Option<String>,
    /// The provider's id of this piece of reasoning, where it gives one.
    pub id: Option<String>,
}

/// JSON that only one dialect understands: server tools, their results, citations.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    pub dialect: Dialect,
    /// Its `type` there, for messages to people.
    pub what: String,
    pub value: Value,
}
