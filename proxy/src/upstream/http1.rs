//! HTTP/1.1 as its client sees it, without I/O: bytes in, the head and the body of an answer out.
//!
//! pingora's own client session costs a task and a second buffer for every connection that goes back to its pool, and a
//! copy of every body: more than all the gateway's own work on a small call. What is here reads only what an answer may
//! be, and takes nothing for granted that a provider could use to make two readers disagree: contradicting lengths, a
//! length beside chunks, unknown codings, bare line feeds and folded headers are faults, not guesses.

mod body;
mod head;

pub(super) use body::Body;
pub(super) use head::{Head, take_head};

/// The bytes are no HTTP/1.1 answer, or one that could be read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotHttp;
