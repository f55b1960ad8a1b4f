//! Measures the gateway as its users would: a mock upstream, a load generator without coordinated omission, and the same
//! load on a direct call, nginx and a bare pingora pass-through in the same run. `bench/run.sh` is the way in.
//!
//! Never belongs here: an assertion about speed. Figures are read by people, beside the baselines of the same run.

pub mod answer;
pub mod body;
pub mod connection;
pub mod continuations;
pub mod load;
pub mod machine;
pub mod report;
pub mod store;
pub mod target;
