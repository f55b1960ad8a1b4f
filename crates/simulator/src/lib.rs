//! The built-in fake provider: the wires of OpenAI, Anthropic, Google, Amazon, Cohere and Mistral, tools, streams, scripted failures, pace.
//! The same request always gets the same answer, so that a first run needs no account and a test
//! needs no luck. Used by `aop up`, by tests and by the benchmarks.
//!
//! Never belongs here: anything of AOP's own (records, keys, prices). To the gateway this is just
//! another provider on the other side of HTTP.

mod amazon;
mod anthropic;
mod call;
mod cohere;
mod control;
mod crew;
mod google;
mod media;
mod mistral;
mod model;
mod openai;
mod pace;
mod prompt;
mod rank;
mod schema;
mod script;
mod serve;
mod text;
mod usage;
mod vector;

pub use model::{Mode, Model, models};
pub use serve::{Config, Error, app, run, serve};
