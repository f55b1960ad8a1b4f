//! Replay: recorded calls sent again, to another model or with other words, and what of a recorded talk may follow an
//! answer that is not the recorded one.
//!
//! A replay asks the model anew and nothing else. Tools are not run and nobody is asked: where the new answer asks for
//! the tools that the recorded one asked for, their recorded results stand; where it does not, nothing that was recorded
//! can follow, and the talk ends there. What people and other agents said stays as it was recorded.

mod answer;
mod follow;
mod plan;
mod request;

pub use answer::{ToolUse, Turn, messages, turn};
pub use follow::{Parted, Sent, Told, follow, history};
pub use plan::{Edits, OtherArguments, Piece, Plan, PlannedCall, Scope, edit, editable};
pub use request::{Dialect, Refused, body, check};

/// Calls of one replay at most.
pub const MAX_CALLS: usize = 100;
/// What was said in them, each message once.
pub const MAX_BYTES: u64 = 8 << 20;
/// Longest replay.
pub const LONGEST_S: u64 = 1_800;
