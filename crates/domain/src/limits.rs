//! Limits and budgets: rules (who may use how much of what in which window), the arithmetic that keeps them, and the
//! estimate by which a call reserves before it is made.
//!
//! A limit is kept by three parts that never see each other's memory: the **ledger** ([`Ledger`], in Postgres the same
//! rule as a function) knows what was settled and who holds how much of the rest; a proxy holds a **slice** ([`Slice`])
//! of what is left and admits calls from it; a call **holds** part of the slice while it runs and **settles** what it
//! really used. A slice that was not given back counts as used: nothing is ever admitted twice.

mod estimate;
mod ledger;
mod rule;
mod slice;
mod window;

pub use estimate::{Ask, Asks, ColdCost, Learned, Outcome, Sizes};
pub use ledger::{Exchange, Ledger, Reply};
pub use rule::{BadLimit, Kind, Limit, LimitScope, Window};
pub use slice::{Refused, Slice};
pub use window::Span;
