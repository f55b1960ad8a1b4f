//! What a model answered, as a whole.

use aop_domain::usage::Usage;

use super::Part;

#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub id: String,
    pub model: String,
    /// Unix seconds, where the dialect says it.
    pub created_s: Option<i64>,
    /// Text, thinking, tool calls, refusals, in the order the model made them.
    pub parts: Vec<Part>,
    pub stop: StopReason,
    /// `None`: the provider reports none.
    pub usage: Option<Usage>,
    /// Of the answer's text, when they were asked for.
    pub logprobs: Vec<TokenLogprob>,
    pub service_tier: Option<String>,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// It had said what it wanted.
    End,
    /// A stop sequence came; which one, where the provider says so.
    Sequence(Option<String>),
    /// `max_output_tokens` were reached.
    Length,
    /// The model's context was full.
    ContextFull,
    /// It waits for tools.
    ToolCalls,
    /// It declined.
    Refusal,
    /// A filter of the provider took the answer.
    ContentFilter,
    /// The provider paused a long turn; the answer so far is to be sent back to go on.
    Paused,
    /// A reason no other dialect has.
    Other(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct TokenLogprob {
    pub chosen: Alternative,
    pub top: Vec<Alternative>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub token: String,
    pub logprob: f64,
    /// UTF-8 of the token, which may be a part of a character.
    pub bytes: Option<Vec<u8>>,
}
