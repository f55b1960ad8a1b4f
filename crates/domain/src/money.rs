//! Money is decimal, in US dollars. Never a float, never rounded before it is stored (12 decimals).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Decimals kept in the ledger: `Decimal(18, 12)`.
pub const LEDGER_SCALE: u32 = 12;

/// What one call cost, by part. `None` at the call's level means "unknown", which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Uncached, audio and image input, and per-request fees.
    pub input: Decimal,
    /// Cache reads and writes.
    pub cache: Decimal,
    pub output: Decimal,
}

impl Cost {
    pub fn total(&self) -> Decimal {
        self.input + self.cache + self.output
    }
}

/// A decimal as the ledger's integer of 10^-12 dollars. `None` when it does not fit (above about 9 million dollars).
pub fn to_ledger_units(amount: Decimal) -> Option<i64> {
    let mut scaled = amount.round_dp(LEDGER_SCALE);
    scaled.rescale(LEDGER_SCALE);
    i64::try_from(scaled.mantissa()).ok()
}

pub fn from_ledger_units(units: i64) -> Decimal {
    Decimal::new(units, LEDGER_SCALE).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledger_units_round_trip_exactly() {
        let amount: Decimal = "0.000412000001".parse().unwrap();
        assert_eq!(to_ledger_units(amount), Some(412_000_001));
        assert_eq!(from_ledger_units(412_000_001), amount);
    }

    #[test]
    fn an_amount_too_large_for_the_ledger_is_refused_not_wrapped() {
        assert_eq!(to_ledger_units("99999999".parse().unwrap()), None);
    }
}
