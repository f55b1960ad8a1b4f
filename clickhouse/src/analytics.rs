//! Usage over time, from the rollups; from raw calls only where corrected agents ask for it.

mod by_agent;
mod overview;
mod run;
mod tokens;

pub use overview::{Overview, UsageGroup, UsagePoint, UsageTotals, overview};
pub use run::{RunTotals, RunUsage, run_totals, run_usage};
pub use tokens::{TokensFilter, TokensGroup, tokens};
