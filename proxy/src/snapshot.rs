//! The gateway's facts (keys, routes, prices) as the hot path reads them: one immutable index per version of the
//! snapshot, swapped whole. No lock, no Postgres.

mod awaited;
mod index;
mod nearest;
mod providers;
mod routes;
mod target;

pub(crate) use awaited::Awaited;
pub(crate) use index::{Index, allows};
pub(crate) use routes::{Found, RouteEntry, RouteTarget};
pub(crate) use target::{Headers, Target};
