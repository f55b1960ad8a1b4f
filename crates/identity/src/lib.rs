//! Who called: finds conversations, runs and agents in model calls that carry no identity of their own.
//!
//! Two things are told to the [`Engine`]: a call that arrives, and its answer. From the history in the request it finds
//! the conversation the call goes on with, the run it belongs to, the agent that speaks and who handed over to it; each
//! with the rule that found it and how sure it is. What it keeps is bounded, and is told apart by scope: calls of
//! different keys never meet.
//!
//! Never belongs here: I/O, the clock, randomness, logging; deciding what a key may do. All of this is a claim about a
//! caller, made from what the caller sent.

mod answer;
mod arena;
mod code;
mod engine;
mod framework;
mod google;
mod handover;
mod hash;
mod history;
mod index;
mod internal;
mod json;
mod memo;
mod message;
mod naming;
mod print;
mod request;
pub mod score;
mod session;
pub mod settle;
mod soft;
mod step;
mod template;
mod trail;
mod word;

pub use answer::Answer;
pub use engine::{
    Arrival, CallNumber, Edge, Engine, Giver, Learned, Limits, MARK, Piece, Placed, Saving, View,
    named_fingerprint, percent, scope,
};
pub use framework::{Framework, is_library, program};
pub use handover::Passing;
pub use internal::Internal;
pub use memo::Memo;
pub use naming::{Named, UNNAMED, canonical};
pub use request::{Fields, Operation, user_key};
pub use session::{of_user_id, sessions};
pub use step::Step;
pub use trail::Trail;
