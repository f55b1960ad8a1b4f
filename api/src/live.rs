//! Live records and calls in flight: one subscription to the collector, fanned out to WebSockets by team and trace. Runs: one
//! subscription to Postgres, fanned out to the event streams of executions.

pub mod calls;
pub mod hub;
pub mod runs;
pub mod socket;
pub mod source;
pub mod ticket;
