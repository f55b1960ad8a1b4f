//! What tokens and other units cost: price cards, the book that finds them, and the one function that
//! turns usage into cost.
//!
//! Everything here is exact: prices are decimals from their text, never floats. A model without a price
//! costs "unknown" (`None`), which is not zero.

mod book;
mod card;
mod cost;
pub mod import;
mod measured;
mod meter;
mod shipped;

pub use book::{BadOverride, Found, PriceBook, PriceVersion, listed};
pub use card::{CardError, PriceCard, Rate};
pub use cost::{Classes, Facts, Unit, Units, cost, cost_of_many, cost_of_measured};
pub use measured::Measured;
pub use meter::{Meter, Variant};
pub use shipped::{Shipped, to_file};
