//! The dialects as a client and a provider see them: documented shapes, crossings, round trips, streams cut anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crossings;
mod errors;
mod fold;
mod generate;
mod losses;
mod round_trips;
mod shapes;
mod streams;
