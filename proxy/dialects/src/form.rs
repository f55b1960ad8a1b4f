//! The internal form: what a model call says, whatever the wire it came on. A dialect is read into it and written
//! from it; two dialects never know each other.
//!
//! The form holds what more than one dialect can say. What only one can say stays as its own JSON, marked with the
//! dialect ([`Foreign`]), so that nothing is lost on the way and a writer of another dialect sees that it cannot say it.

mod error;
mod part;
mod request;
mod response;
mod stream;
mod tool;

pub use error::{Fault, FaultKind};
pub use part::{
    Audio, CacheMarker, Content, File, Foreign, Image, Part, Source, Thinking, ToolCall, ToolResult,
};
pub use request::{Effort, Message, Output, Reasoning, Request, Role, Sampling};
pub use response::{Alternative, Response, StopReason, TokenLogprob};
pub use stream::{Delta, PartStart, StreamEvent};
pub use tool::{Tool, ToolChoice, ToolKind};
