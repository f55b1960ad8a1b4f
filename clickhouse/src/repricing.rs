//! Prices given again to calls that were metered: what was measured of them, page by page; what a re-pricing changed; and the
//! change itself ([`apply`]), which is the collector's to make.

mod apply;
mod differences;
mod priced;

pub use apply::{SliceId, apply};
pub use priced::{Place, PricedCall, Repriced, calls, of_call, of_slice};
