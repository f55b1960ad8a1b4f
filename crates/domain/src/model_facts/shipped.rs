//! The facts that come with AOP: `data/models.json` (made by the importer from public model facts) and
//! `data/simulator_models.json`.
//!
//! Loading finds the borders of every entry and reads none; an entry is read when it is asked for.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::value::RawValue;

use super::ModelFacts;
use crate::price;

const MODELS: &str = include_str!("../../data/models.json");
const SIMULATOR: &str = include_str!("../../data/simulator_models.json");

type Entries = HashMap<&'static str, HashMap<&'static str, &'static RawValue>>;

/// The facts of a model, by the name under which prices know its provider.
pub fn find(provider: &str, model: &str) -> Option<ModelFacts> {
    static SHIPPED: LazyLock<Entries> = LazyLock::new(load);
    let exactly = |provider: &str, model: &str| SHIPPED.get(provider)?.get(model).copied();
    let raw = price::listed(provider, model, exactly)?;
    serde_json::from_str(raw.get()).ok()
}

/// A file that does not parse would leave its models without facts; a test reads them all.
fn load() -> Entries {
    let mut all = Entries::new();
    for text in [MODELS, SIMULATOR] {
        let Ok(parts) = serde_json::from_str::<HashMap<&str, &'static RawValue>>(text) else { continue };
        let Some(providers) = parts.get("providers") else { continue };
        let providers: Entries = serde_json::from_str(providers.get()).unwrap_or_default();
        for (provider, models) in providers {
            all.entry(provider).or_default().extend(models);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::super::{Ability, Modality, Purpose};
    use super::*;

    #[test]
    fn every_entry_reads_and_says_something() {
        let mut entries = 0;
        for (model, raw) in load().values().flatten() {
            let facts: ModelFacts =
                serde_json::from_str(raw.get()).unwrap_or_else(|error| panic!("{model}: {error}"));
            assert_ne!(facts, ModelFacts::default(), "{model}");
            entries += 1;
        }
        assert!(entries > 3_500, "{entries}");
    }

    #[test]
    fn known_models_are_what_their_providers_publish() {
        let gpt = find("openai", "gpt-4o").unwrap();
        assert_eq!((gpt.max_input_tokens, gpt.max_output_tokens), (Some(128_000), Some(16_384)));
        assert_eq!(gpt.input, [Modality::Text, Modality::Image, Modality::File]);
        assert!(gpt.abilities.contains(&Ability::Tools) && !gpt.abilities.contains(&Ability::Reasoning));
        let claude = find("anthropic", "claude-sonnet-4-5").unwrap();
        assert_eq!((claude.max_input_tokens, claude.max_output_tokens), (Some(200_000), Some(64_000)));
        assert!(claude.abilities.contains(&Ability::Reasoning));
        let gemini = find("google", "gemini-2.5-pro").unwrap();
        assert_eq!(gemini.max_input_tokens, Some(1_048_576), "found under the spelling of the source");
        let whisper = find("openai", "whisper-1").unwrap();
        assert_eq!(whisper.purpose, Some(Purpose::Transcription));
        assert_eq!((whisper.input, whisper.output), (vec![Modality::Audio], vec![Modality::Text]));
        assert_eq!(find("openai", "no-such-model"), None);
    }
}
