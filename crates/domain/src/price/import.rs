//! Price facts in LiteLLM's form, checked and brought into ours.
//!
//! Every number that says a price is either carried into a card, or a repetition of one that is, or listed by
//! name as not used: [`Report`] counts all three and [`Report::is_complete`] compares. Numbers are taken
//! from their decimal text and never pass through a float.

mod field;
mod number;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::card::{PriceCard, Rate};

/// Provider → model → card, in our form.
pub type Cards = BTreeMap<String, BTreeMap<String, PriceCard>>;

/// What an import did with every number it met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Models in the source, without its example.
    pub models: usize,
    /// Models that have at least one price.
    pub priced_models: usize,
    /// Numbers that say a price, in all models.
    pub price_numbers: usize,
    /// Numbers that became a rate.
    pub carried: usize,
    /// Numbers that say again what another field of the model says.
    pub repeated: usize,
    /// Field name → how many models' numbers were not used.
    pub not_used: BTreeMap<String, usize>,
    /// Model and field where two fields name the same price differently; the first is used.
    pub conflicts: Vec<String>,
}

impl Report {
    /// Nothing was lost: every price number is carried, repeated or listed.
    pub fn is_complete(&self) -> bool {
        self.carried + self.repeated + self.not_used.values().sum::<usize>() == self.price_numbers
    }
}

/// The source is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the price facts are not the JSON they should be: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the price '{text}' of {model}, {field}, is not a decimal of up to 28 digits")]
    BadNumber { model: String, field: String, text: String },
    #[error("the prices of {model} make no card: {cause}")]
    BadCard { model: String, cause: super::card::CardError },
}

/// The source's own example of all fields.
const EXAMPLE: &str = "sample_spec";

#[derive(Deserialize)]
struct ProviderOnly {
    litellm_provider: Option<String>,
}

/// Reads a whole price file.
pub fn from_litellm(json: &str) -> Result<(Cards, Report), ImportError> {
    let source: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
    let (mut cards, mut report) = (Cards::new(), Report::default());
    for (model, raw) in source.iter().filter(|(model, _)| *model != EXAMPLE) {
        report.models += 1;
        let provider: ProviderOnly = serde_json::from_str(raw.get())?;
        let rates = rates_of(model, raw, &mut report)?;
        if rates.is_empty() {
            continue;
        }
        report.priced_models += 1;
        let card =
            PriceCard::new(rates).map_err(|cause| ImportError::BadCard { model: model.clone(), cause })?;
        cards.entry(provider.litellm_provider.unwrap_or_default()).or_default().insert(model.clone(), card);
    }
    Ok((cards, report))
}

fn rates_of(model: &str, raw: &RawValue, report: &mut Report) -> Result<Vec<Rate>, ImportError> {
    let mut rates: Vec<Rate> = Vec::new();
    for number in number::all(raw.get())? {
        if !field::says_a_price(&number) {
            continue;
        }
        report.price_numbers += 1;
        let Some(key) = field::rate_key(&number) else {
            *report.not_used.entry(number.path.clone()).or_default() += 1;
            continue;
        };
        let price = number::decimal(&number.text).ok_or_else(|| ImportError::BadNumber {
            model: model.to_owned(),
            field: number.path.clone(),
            text: number.text.clone(),
        })?;
        let rate = key.with(price);
        match rates.iter().find(|known| known.same_key(&rate)) {
            None => {
                rates.push(rate);
                report.carried += 1;
            }
            Some(known) => {
                if known.price != rate.price {
                    report.conflicts.push(format!("{model}: {}", number.path));
                }
                report.repeated += 1;
            }
        }
    }
    rates.sort();
    Ok(rates)
}

#[cfg(test)]
mod tests;
