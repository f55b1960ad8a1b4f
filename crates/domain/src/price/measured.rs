//! What a recorded call used, as a cost can be made of it again: under another price, or another model's.

use rust_decimal::Decimal;

use super::card::PriceCard;
use super::cost::{Facts, Unit, cost_of_measured};
use super::meter::Meter;
use crate::money::Cost;
use crate::usage::Usage;

/// What was measured of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// `None`: no tokens are known, which is not the same as none.
    pub usage: Option<Usage>,
    pub units: Vec<Unit>,
    pub service_tier: String,
}

impl Measured {
    /// `None`: the card has no price for something that was used.
    pub fn cost(&self, card: &PriceCard) -> Option<Cost> {
        let facts = Facts { service_tier: &self.service_tier };
        cost_of_measured(self.usage.as_ref(), &self.units, facts, card)
    }

    /// Whether there is anything that a price could be applied to.
    pub fn is_anything(&self) -> bool {
        self.usage.is_some() || !self.units.is_empty()
    }
}

impl Unit {
    /// From the name that the ledger has for it: the meter, with `#` and its variant where it has one. `None`: no meter of ours.
    pub fn named(name: &str, count: Decimal) -> Option<Self> {
        let (meter, variant) = name.split_once('#').unwrap_or((name, ""));
        Some(Self { meter: Meter::find(meter)?, variant: variant.to_owned(), count })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_call_is_priced_again_by_all_that_was_measured_of_it() {
        let card = PriceCard::parse(
            r#"{"input":"1","output":"2","input@flex":"0.5","output@flex":"1","search#high":"7"}"#,
        )
        .unwrap();
        let usage = Usage { in_uncached: 10, out_text: 5, ..Usage::default() };
        let plain = Measured { usage: Some(usage), ..Measured::default() };
        assert_eq!(plain.cost(&card).unwrap().total(), 20.into());
        let flex = Measured { service_tier: "flex".into(), ..plain.clone() };
        assert_eq!(flex.cost(&card).unwrap().total(), 10.into());
        let searched = Unit::named("search#high", 2.into()).unwrap();
        assert_eq!(Measured { units: vec![searched], ..plain }.cost(&card).unwrap().total(), 34.into());
    }

    #[test]
    fn a_name_that_is_no_meter_is_no_unit() {
        assert_eq!(Unit::named("parsecs", 1.into()), None);
        let seconds = Unit::named("second_in", 3.into()).unwrap();
        assert_eq!((seconds.meter, seconds.variant.as_str()), (Meter::SecondIn, ""));
    }
}
