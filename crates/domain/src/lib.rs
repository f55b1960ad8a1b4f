//! Pure types and rules of AOP: ids, identity, usage, money, price, records, routing facts.
//!
//! Never belongs here: I/O, the clock, randomness, logging, or any framework. Time, ids and
//! randomness are always passed in, so every rule here can be tested exactly.

pub mod correction;
pub mod crew;
pub mod error_kind;
pub mod frame;
pub mod gateway;
pub mod guard;
pub mod hex;
pub mod hook;
pub mod id;
pub mod identity;
pub mod in_flight;
pub mod inference;
pub mod kill;
pub mod limits;
pub mod model_facts;
pub mod model_pattern;
pub mod money;
pub mod price;
pub mod record;
pub mod replay;
pub mod routing;
pub mod run_event;
pub mod runaway;
pub mod tokenizer;
pub mod usage;
