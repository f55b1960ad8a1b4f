//! Replays before they are sent: which recorded calls, what they said, whether it can be said again, and what it may cost. The
//! runner sends them; nothing here calls a model.

mod choose;
mod estimate;
mod plan;

pub use choose::{LeftOut, Wish};
pub use estimate::{Estimate, estimate};
pub use plan::{Prepared, prepare};
