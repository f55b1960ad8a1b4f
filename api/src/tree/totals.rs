//! Sums of calls.

use aop_clickhouse::runs::RunCall;
use aop_domain::money::from_ledger_units;

use crate::wire::tree::Totals;

/// Figures that add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) calls: u64,
    pub(super) internal_calls: u64,
    pub(super) errors: u64,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    /// Ledger units.
    pub(super) cost: i64,
    pub(super) unknown_cost_calls: u64,
}

impl Sum {
    pub(super) fn of(call: &RunCall) -> Self {
        Self {
            calls: 1,
            internal_calls: u64::from(!call.internal.is_empty()),
            errors: u64::from(failed(call)),
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            cost: if call.cost_known { call.cost } else { 0 },
            unknown_cost_calls: u64::from(!call.cost_known),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.internal_calls += other.internal_calls;
        self.errors += other.errors;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cost = self.cost.saturating_add(other.cost);
        self.unknown_cost_calls += other.unknown_cost_calls;
    }
}

impl From<Sum> for Totals {
    fn from(sum: Sum) -> Self {
        Self {
            calls: sum.calls,
            internal_calls: sum.internal_calls,
            errors: sum.errors,
            input_tokens: sum.input_tokens,
            output_tokens: sum.output_tokens,
            cost: from_ledger_units(sum.cost).to_string(),
            unknown_cost_calls: sum.unknown_cost_calls,
        }
    }
}

/// Ended neither well nor by whoever asked.
pub(super) fn failed(call: &RunCall) -> bool {
    !matches!(call.status.as_str(), "ok" | "cancelled")
}

/// As spans say it.
pub(super) fn status(call: &RunCall) -> &'static str {
    match call.status.as_str() {
        "ok" => "completed",
        "cancelled" => "cancelled",
        _ => "failed",
    }
}
