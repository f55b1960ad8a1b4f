//! The gateway's facts (keys, routes, prices) as the hot path reads them: one immutable index per version of the
//! snapshot, swapped whole. No lock, no Postgres.

mod index;
mod nearest;
mod pattern;
mod target;

pub(crate) use index::{Index, RouteEntry, RouteTarget, allows};
pub(crate) use pattern::matches as matches_pattern;
pub(crate) use target::{Headers, Target};
