//! An answer as it comes.
//!
//! A reader gives: `Start` once, first; for each part `PartStart`, its `PartDelta`s, `PartEnd`, one part after the other
//! (indexes count up from 0); `Usage` whenever the provider tells it, each time in whole (the last one counts); `Stop`
//! once the reason is known; `End` when the provider has said that its stream is over, or `Error`. Nothing follows `End`
//! or `Error`. A stream that stops without either was cut.

use aop_domain::usage::Usage;

use super::{Fault, Foreign, StopReason, TokenLogprob};

#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    Start {
        id: String,
        model: String,
    },
    PartStart {
        index: u32,
        part: PartStart,
    },
    PartDelta {
        index: u32,
        delta: Delta,
    },
    PartEnd {
        index: u32,
    },
    Usage(Usage),
    Stop(StopReason),
    /// The provider says that it is still there.
    Ping,
    Error(Fault),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PartStart {
    Text,
    Thinking {
        id: Option<String>,
    },
    /// Comes whole.
    RedactedThinking(String),
    ToolCall {
        id: String,
        name: String,
    },
    Refusal,
    /// Comes whole.
    Foreign(Foreign),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// Of a text, a refusal or a thinking part.
    Text(String),
    /// The signature of a thinking part.
    Signature(String),
    /// A piece of a tool call's arguments, which are JSON only when put together.
    Arguments(String),
    Logprobs(Vec<TokenLogprob>),
}
