//! The languages models are called in, and the one internal form between them.
//!
//! [`form`] is that form. [`chat`], [`messages`] and [`responses`] are the three dialects clients speak; each reads and
//! writes both sides of a call, so that the same code serves a client and a provider of that dialect. [`providers`] is
//! the seam a provider plugs into: address, credential, dialect.
//!
//! Never belongs here: I/O, a clock, randomness, or a call's way through the gateway. Readers of streams take bytes cut
//! anywhere, and are bounded.

pub mod chat;
mod data_url;
mod dialect;
pub mod event;
pub mod form;
pub mod messages;
mod object;
mod policy;
pub mod providers;
pub mod responses;
pub mod rest;
pub mod sse;
pub mod usage;

pub use dialect::{AnswerError, Answering, ClientDialect, Dialect, StreamReader, StreamWriter, Written};
pub use policy::{Losses, Policy, RequestError};
