//! Which deployment is asked, and what is known of each: one decision function ([`decide`]) with the time and the chance
//! passed in, one file a strategy, and the health of every deployment (calls in flight, time to first byte, breaker).
//!
//! A healthy deployment is never passed over, and no call is refused because deployments rest: resting ones come last.

mod board;
mod breaker;
mod class;
mod decide;
mod fallback;
mod health;
mod latency;
mod leg;
mod session;
mod strategy;
mod walk;

pub(crate) use board::{Board, States};
pub(crate) use class::Class;
pub(crate) use decide::{Question, decide};
pub(crate) use fallback::Fallbacks;
pub(crate) use health::{Health, Ticket};
pub(crate) use leg::Leg;
pub(crate) use walk::{Step, Walk};
