//! Finds the price that a call is metered at: a team's own, an admin's for all, or the shipped one.

use std::collections::HashMap;
use std::sync::Arc;

use super::card::{CardError, PriceCard};
use super::shipped::Shipped;
use crate::gateway::PriceOverride;
use crate::id::TeamId;

/// Which version of a price a call was metered at. Shipped prices have the date of their import, `YYYYMMDD`;
/// prices set by people count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PriceVersion(pub u32);

/// A price that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<'a> {
    pub version: PriceVersion,
    pub card: &'a PriceCard,
}

/// An override that cannot be used; the rest of the book stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the price of {provider}/{model}, version {version}, is not used: {cause}")]
pub struct BadOverride {
    pub provider: String,
    pub model: String,
    pub version: u32,
    pub cause: CardError,
}

struct Dated {
    effective_from_s: i64,
    version: PriceVersion,
    card: PriceCard,
}

/// By provider and model, latest first.
type Prices = HashMap<(Arc<str>, Arc<str>), Vec<Dated>>;

/// Made anew with every snapshot; finding never allocates more than a name.
pub struct PriceBook {
    shipped: &'static Shipped,
    /// By whose they are: a team's, or an admin's for all.
    overrides: HashMap<Option<TeamId>, Prices>,
}

/// Names under which the price table knows a provider, for the names people give it.
const PROVIDER_NAMES: &[(&str, &[&str])] = &[
    ("azure", &["azure", "azure_ai"]),
    ("azure_openai", &["azure", "azure_ai"]),
    ("bedrock", &["bedrock", "bedrock_converse"]),
    ("cohere", &["cohere", "cohere_chat"]),
    ("fireworks", &["fireworks_ai"]),
    ("google", &["gemini"]),
    ("together", &["together_ai"]),
    (
        "vertex_ai",
        &[
            "vertex_ai",
            "vertex_ai-language-models",
            "vertex_ai-anthropic_models",
            "vertex_ai-mistral_models",
            "vertex_ai-llama_models",
            "vertex_ai-embedding-models",
        ],
    ),
];

impl PriceBook {
    /// The shipped prices with a snapshot's overrides. Bad overrides are left out and returned.
    pub fn new(overrides: &[PriceOverride]) -> (Self, Vec<BadOverride>) {
        let mut book = Self { shipped: Shipped::get(), overrides: HashMap::new() };
        let mut bad = Vec::new();
        for given in overrides {
            match PriceCard::parse(&given.card_json) {
                Ok(card) => book.add(given, card),
                Err(cause) => bad.push(BadOverride {
                    provider: given.provider.clone(),
                    model: given.model.clone(),
                    version: given.version,
                    cause,
                }),
            }
        }
        (book, bad)
    }

    fn add(&mut self, given: &PriceOverride, card: PriceCard) {
        let key = (Arc::from(given.provider.as_str()), Arc::from(given.model.as_str()));
        let dated = self.overrides.entry(given.team_id).or_default().entry(key).or_default();
        let version = PriceVersion(given.version);
        dated.push(Dated { effective_from_s: given.effective_from_s, version, card });
        dated.sort_by_key(|dated| std::cmp::Reverse((dated.effective_from_s, dated.version)));
    }

    /// The price for a team's call at a time (Unix seconds): by the model that answered, else by the model that
    /// was asked for. For each name a team's own price wins over an admin's, and that over the shipped one.
    /// `None`: the price is unknown.
    pub fn find(
        &self,
        team: TeamId,
        provider: &str,
        response_model: &str,
        requested_model: &str,
        at_s: i64,
    ) -> Option<Found<'_>> {
        let names = [response_model, requested_model];
        names
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(|model| self.find_one(team, provider, model, at_s))
    }

    fn find_one(&self, team: TeamId, provider: &str, model: &str, at_s: i64) -> Option<Found<'_>> {
        let set_by = |whose: Option<TeamId>| self.find_override(whose, provider, model, at_s);
        set_by(Some(team)).or_else(|| set_by(None)).or_else(|| self.find_shipped(provider, model))
    }

    fn find_override(
        &self,
        whose: Option<TeamId>,
        provider: &str,
        model: &str,
        at_s: i64,
    ) -> Option<Found<'_>> {
        let prices = self.overrides.get(&whose)?;
        let dated = prices.get(&(Arc::from(provider), Arc::from(model)))?;
        let in_force = dated.iter().find(|dated| dated.effective_from_s <= at_s)?;
        Some(Found { version: in_force.version, card: &in_force.card })
    }

    fn find_shipped(&self, provider: &str, model: &str) -> Option<Found<'_>> {
        let card = listed(provider, model, |provider, model| self.shipped.find(provider, model))?;
        Some(Found { version: PriceVersion(self.shipped.version()), card })
    }
}

/// Looks a model up under every name the imported facts may have for it: they know some providers by other names, and
/// write some models with their provider in front (`gemini/gemini-2.5-pro`).
pub fn listed<T>(provider: &str, model: &str, find: impl Fn(&str, &str) -> Option<T>) -> Option<T> {
    let known = PROVIDER_NAMES.iter().find(|(name, _)| *name == provider).map(|(_, names)| *names);
    let own = [provider];
    let names = known.unwrap_or(&own);
    names.iter().find_map(|name| find(name, model).or_else(|| find(name, &format!("{name}/{model}"))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    const TEAM: TeamId = TeamId(Uuid::from_u128(1));
    const OTHER: TeamId = TeamId(Uuid::from_u128(2));

    fn price(team_id: Option<TeamId>, version: u32, effective_from_s: i64, input: &str) -> PriceOverride {
        let card_json = format!(r#"{{"input":"{input}"}}"#);
        let (provider, model) = ("openai".to_owned(), "gpt-4o".to_owned());
        PriceOverride { team_id, version, provider, model, effective_from_s, card_json }
    }

    fn found(book: &PriceBook, team: TeamId, at_s: i64) -> (u32, String) {
        let found = book.find(team, "openai", "gpt-4o", "", at_s).unwrap();
        (found.version.0, found.card.rates()[0].price.to_string())
    }

    #[test]
    fn a_teams_price_wins_over_an_admins_and_that_over_the_shipped_one() {
        let (book, bad) = PriceBook::new(&[price(Some(TEAM), 7, 0, "3"), price(None, 2, 0, "4")]);
        assert!(bad.is_empty());
        assert_eq!(found(&book, TEAM, 10), (7, "3".into()));
        assert_eq!(found(&book, OTHER, 10), (2, "4".into()));
        assert_eq!(found(&PriceBook::new(&[]).0, TEAM, 10).1, "0.0000025");
    }

    #[test]
    fn the_price_in_force_at_the_time_of_the_call_counts() {
        let (book, _) =
            PriceBook::new(&[price(None, 1, 100, "1"), price(None, 3, 300, "3"), price(None, 2, 200, "2")]);
        let versions = [250, 300, 199, 100].map(|at_s| found(&book, TEAM, at_s).0);
        assert_eq!(versions, [2, 3, 1, 1]);
        assert!(found(&book, TEAM, 99).0 > 20_000_000, "before the first override: the shipped price");
    }

    #[test]
    fn the_model_that_answered_counts_before_the_model_asked_for() {
        let (book, _) = PriceBook::new(&[]);
        let input = |response, requested| {
            let found = book.find(TEAM, "openai", response, requested, 0)?;
            found.card.price(super::super::Meter::Input, "", 0, "").map(|price| price.to_string())
        };
        assert_eq!(input("gpt-4o-mini", "gpt-4o").unwrap(), "0.00000015");
        assert_eq!(input("gpt-4o-of-tomorrow", "gpt-4o").unwrap(), "0.0000025");
        assert_eq!(input("nobody-knows", "neither"), None);
    }

    #[test]
    fn providers_and_models_are_found_under_their_other_names() {
        let (book, _) = PriceBook::new(&[]);
        for (provider, model) in
            [("google", "gemini-2.5-pro"), ("azure_openai", "gpt-4o"), ("simulator", "sim-fast")]
        {
            assert!(book.find(TEAM, provider, model, "", 0).is_some(), "{provider}/{model}");
        }
        assert!(book.find(TEAM, "", "gpt-4o", "", 0).is_none(), "a price of an unknown provider is unknown");
    }

    #[test]
    fn a_bad_override_is_left_out_and_told() {
        let mut broken = price(None, 5, 0, "1");
        broken.card_json = "{}".into();
        let (book, bad) = PriceBook::new(&[broken]);
        assert_eq!((bad.len(), bad[0].version), (1, 5));
        assert_eq!(found(&book, TEAM, 0).1, "0.0000025");
    }
}
