//! The tools a model may call, and how it may choose among them.

use serde_json::Value;

use super::{CacheMarker, Foreign};

#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub kind: ToolKind,
    pub cache: Option<CacheMarker>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ToolKind {
    Function {
        name: String,
        description: Option<String>,
        /// JSON schema of the arguments; `None` when the client sent none.
        parameters: Option<Value>,
        /// The arguments must follow the schema exactly.
        strict: Option<bool>,
    },
    /// A tool the provider runs itself (web search, computer use), or of a kind only its dialect has.
    Foreign(Foreign),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    Auto,
    /// No tool.
    None,
    /// At least one tool, whichever.
    Required,
    /// This function.
    Function(String),
}
