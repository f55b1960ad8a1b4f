//! Every number in a JSON value with the path to it, as text.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// One number of a model's facts.
pub(super) struct Number {
    /// `input_cost_per_token`, `tiered_pricing[].input_cost_per_token`.
    pub(super) path: String,
    /// The last name of the path.
    pub(super) name: String,
    /// As it stands in the source.
    pub(super) text: String,
    /// Start of the `range` beside it, in tokens, for an entry of `tiered_pricing`.
    pub(super) range_start: Option<String>,
}

/// Numbers in the order of the source.
pub(super) fn all(json: &str) -> Result<Vec<Number>, serde_json::Error> {
    let mut numbers = Vec::new();
    walk("", "", serde_json::from_str::<&RawValue>(json)?, None, &mut numbers)?;
    Ok(numbers)
}

fn walk(
    path: &str,
    name: &str,
    raw: &RawValue,
    range_start: Option<&str>,
    numbers: &mut Vec<Number>,
) -> Result<(), serde_json::Error> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let fields: indexed::Fields<'_> = serde_json::from_str(text)?;
            let range = fields.0.iter().find(|(key, _)| key == "range").map(|(_, range)| first_of(range));
            for (key, value) in &fields.0 {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&below, key, value, range.as_deref().or(range_start), numbers)?;
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            for item in items {
                walk(&format!("{path}[]"), name, item, range_start, numbers)?;
            }
        }
        Some(b'-' | b'0'..=b'9') => numbers.push(Number {
            path: path.to_owned(),
            name: name.to_owned(),
            text: text.to_owned(),
            range_start: range_start.map(str::to_owned),
        }),
        _ => {}
    }
    Ok(())
}

fn first_of(range: &RawValue) -> String {
    let items: Vec<&RawValue> = serde_json::from_str(range.get()).unwrap_or_default();
    items.first().map(|first| first.get().to_owned()).unwrap_or_default()
}

/// The exact value of a JSON number: `1.5e-07` is 0.00000015. `None` when it does not fit 28 decimals.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let lower = text.to_ascii_lowercase();
    let (digits, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let mantissa = i128::from_str(&format!("{whole}{fraction}")).ok()?;
    let scale = i32::try_from(fraction.len()).ok()? - exponent;
    if scale < 0 {
        let grown = 10i128.checked_pow(scale.unsigned_abs())?.checked_mul(mantissa)?;
        return Decimal::try_from_i128_with_scale(grown, 0).ok();
    }
    Decimal::try_from_i128_with_scale(mantissa, scale.unsigned_abs()).ok().map(|exact| exact.normalize())
}

/// The start of a range as tokens: `256000.0` is 256,000.
pub(super) fn tokens(text: &str) -> Option<u32> {
    decimal(text).filter(|number| number.fract().is_zero()).and_then(|number| u32::try_from(number).ok())
}

/// Fields in their order, with raw values.
mod indexed {
    use super::RawValue;
    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use std::fmt;

    pub(super) struct Fields<'a>(pub(super) Vec<(String, &'a RawValue)>);

    impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct InOrder;
            impl<'de> Visitor<'de> for InOrder {
                type Value = Vec<(String, &'de RawValue)>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut fields = Vec::new();
                    while let Some(field) = map.next_entry()? {
                        fields.push(field);
                    }
                    Ok(fields)
                }
            }
            deserializer.deserialize_map(InOrder).map(Self)
        }
    }
}
