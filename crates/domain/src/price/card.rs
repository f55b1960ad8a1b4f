//! A price card: what one model costs at one provider, in force from one date.
//!
//! As JSON it is one flat object, in US dollars per unit, prices as decimal text:
//!
//! ```json
//! {"input": "0.00000125", "cache_read": "0.000000125", "output": "0.00001",
//!  "input>200000": "0.0000025", "output>200000": "0.000015",
//!  "input@batch": "0.000000625", "search#low": "0.035"}
//! ```
//!
//! A key is `meter[#variant][>tokens][@tier]`: `>200000` when the whole input is longer than 200,000 tokens
//! (then every token is at that price), `@batch` in that service tier.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::meter::{Meter, Variant};

/// One price, in US dollars for one unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    pub meter: Meter,
    pub variant: Variant,
    /// In force when the whole input is longer than this many tokens; 0 always.
    pub above_tokens: u32,
    /// `batch`, `flex`, `priority`, ...; empty for the default tier.
    pub tier: Box<str>,
    pub price: Decimal,
}

/// The prices of one model. Order of rates does not matter; no two have the same key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceCard {
    rates: Vec<Rate>,
}

/// Why a text is no price card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    #[error("a price card is a JSON object of prices: {0}")]
    NotAnObject(String),
    #[error("'{0}' is not a price's key; it is meter[#variant][>tokens][@tier], e.g. input>200000@batch")]
    UnknownKey(String),
    #[error("the price of '{0}' must be a decimal in quotes, not negative, e.g. \"0.0000025\"")]
    BadPrice(String),
    #[error("the price of '{0}' stands there twice")]
    Twice(String),
    #[error("a price card needs at least one price")]
    Empty,
}

impl PriceCard {
    /// Rates must differ in their keys.
    pub fn new(rates: Vec<Rate>) -> Result<Self, CardError> {
        let mut card = Self { rates: Vec::with_capacity(rates.len()) };
        for rate in rates {
            if rate.price.is_sign_negative() && !rate.price.is_zero() {
                return Err(CardError::BadPrice(rate.key()));
            }
            if card.rates.iter().any(|known| known.same_key(&rate)) {
                return Err(CardError::Twice(rate.key()));
            }
            card.rates.push(rate);
        }
        if card.rates.is_empty() { Err(CardError::Empty) } else { Ok(card) }
    }

    /// From the JSON form.
    pub fn parse(json: &str) -> Result<Self, CardError> {
        let object: Map<String, Value> =
            serde_json::from_str(json).map_err(|error| CardError::NotAnObject(error.to_string()))?;
        let rate = |(key, value): (&String, &Value)| Rate::parse(key, value.as_str().unwrap_or_default());
        Self::new(object.iter().map(rate).collect::<Result<_, _>>()?)
    }

    /// The JSON form.
    pub fn to_json(&self) -> String {
        let prices = self.rates.iter().map(|rate| (rate.key(), Value::from(rate.price.to_string())));
        Value::Object(prices.collect()).to_string()
    }

    pub fn rates(&self) -> &[Rate] {
        &self.rates
    }

    pub fn has_token_prices(&self) -> bool {
        self.rates.iter().any(|rate| rate.meter.is_token())
    }

    /// Has it any price of this meter?
    pub fn charges(&self, meter: Meter) -> bool {
        self.rates.iter().any(|rate| rate.meter == meter)
    }

    /// The price of a meter for an input of this length in this tier, without falling back to another meter.
    ///
    /// The length decides first: of the prices in force, those with the highest threshold. A tier without a
    /// price of its own at that threshold has the default tier's: long requests lose their tier's discount or
    /// surcharge, as providers document it.
    pub fn price(&self, meter: Meter, variant: &str, input_tokens: u64, tier: &str) -> Option<Decimal> {
        let of_meter = self.rates.iter().filter(|rate| rate.meter == meter && *rate.variant == *variant);
        let in_force = of_meter.filter(|rate| rate.is_in_force(input_tokens, tier));
        in_force.max_by_key(|rate| rate.strength()).map(|rate| rate.price)
    }
}

impl Rate {
    /// `meter[#variant][>tokens][@tier]`
    pub fn key(&self) -> String {
        KeyOf(self).to_string()
    }

    /// From the key and the price's text.
    pub fn parse(key: &str, price: &str) -> Result<Self, CardError> {
        let unknown = || CardError::UnknownKey(key.chars().take(80).collect());
        let (rest, tier) = split(key, '@');
        let (rest, above) = split(rest, '>');
        let (meter, variant) = split(rest, '#');
        let above_tokens = if above.is_empty() { 0 } else { above.parse().map_err(|_| unknown())? };
        let price = Decimal::from_str(price).ok().filter(|price| price.is_zero() || price.is_sign_positive());
        Ok(Self {
            meter: Meter::find(meter).ok_or_else(unknown)?,
            variant: variant.into(),
            above_tokens,
            tier: tier.into(),
            price: price.ok_or_else(|| CardError::BadPrice(key.chars().take(80).collect()))?,
        })
    }

    pub(super) fn is_in_force(&self, input_tokens: u64, tier: &str) -> bool {
        (self.above_tokens == 0 || u64::from(self.above_tokens) < input_tokens)
            && (self.tier.is_empty() || *self.tier == *tier)
    }

    /// Of two rates in force the stronger one counts: length before tier.
    pub(super) fn strength(&self) -> (u32, bool) {
        (self.above_tokens, !self.tier.is_empty())
    }

    pub(super) fn same_key(&self, other: &Self) -> bool {
        (self.meter, &self.variant, self.above_tokens, &self.tier)
            == (other.meter, &other.variant, other.above_tokens, &other.tier)
    }
}

fn split(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

struct KeyOf<'a>(&'a Rate);

impl fmt::Display for KeyOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.0;
        write!(f, "{}", rate.meter)?;
        if !rate.variant.is_empty() {
            write!(f, "#{}", rate.variant)?;
        }
        if rate.above_tokens > 0 {
            write!(f, ">{}", rate.above_tokens)?;
        }
        if !rate.tier.is_empty() {
            write!(f, "@{}", rate.tier)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_card_survives_its_json_form() {
        let json = r#"{"input":"0.00000125","input>200000@batch":"0.0000025","second_out#1080p":"0.10"}"#;
        let card = PriceCard::parse(json).unwrap();
        assert_eq!(card.rates().len(), 3);
        assert_eq!(card.to_json(), json);
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_key() {
        let refused = |json| PriceCard::parse(json).unwrap_err();
        assert!(matches!(refused(r#"{"inptu":"1"}"#), CardError::UnknownKey(key) if key == "inptu"));
        assert!(matches!(refused(r#"{"input":0.1}"#), CardError::BadPrice(_)), "a float is not exact");
        assert!(matches!(refused(r#"{"input":"-1"}"#), CardError::BadPrice(_)));
        assert!(matches!(refused(r#"{"input>x":"1"}"#), CardError::UnknownKey(_)));
        assert!(matches!(refused("{}"), CardError::Empty));
        assert!(matches!(refused("[1]"), CardError::NotAnObject(_)));
    }

    #[test]
    fn the_length_decides_before_the_tier() {
        let card = PriceCard::parse(
            r#"{"input":"1","input@priority":"2","input>200000":"3","input>200000@flex":"4"}"#,
        )
        .unwrap();
        let price = |tokens, tier| card.price(Meter::Input, "", tokens, tier).unwrap().to_string();
        assert_eq!(price(10, ""), "1");
        assert_eq!(price(10, "priority"), "2");
        assert_eq!(price(10, "unheard-of"), "1");
        assert_eq!(price(200_000, ""), "1", "the threshold itself is not above it");
        assert_eq!(price(200_001, ""), "3");
        assert_eq!(price(200_001, "priority"), "3");
        assert_eq!(price(200_001, "flex"), "4");
    }
}
