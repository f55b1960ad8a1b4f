//! Usage over time, from the rollups only: never from raw calls.

mod overview;
mod run;

pub use overview::{Overview, UsageGroup, UsagePoint, UsageTotals, overview};
pub use run::{RunTotals, RunUsage, run_totals, run_usage};
