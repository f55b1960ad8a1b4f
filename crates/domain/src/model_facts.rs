//! What models can do: sizes, kinds of input and output, abilities. Facts for people and clients that choose a model; no
//! call is refused by them, because providers change their models before anybody tells us.

mod import;
mod shipped;

use serde::{Deserialize, Serialize};

pub use import::{Facts, ImportError, from_litellm, to_file};
pub use shipped::find;

/// What a model is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Chat,
    Completion,
    Embedding,
    Moderation,
    Rerank,
    Image,
    Speech,
    Transcription,
    Video,
    Realtime,
    Other,
}

/// A kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Text,
    Image,
    Audio,
    Video,
    /// Documents, PDF above all.
    File,
}

/// Something that not every model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    Tools,
    /// Several tools at once.
    ParallelTools,
    /// An answer after a JSON schema.
    JsonSchema,
    /// Thinks before it answers.
    Reasoning,
    PromptCaching,
    WebSearch,
    ComputerUse,
}

/// What is known of one model at one provider. Absent or empty: not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// The context size: most tokens a request may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// In order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Modality>,
    /// In order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<Modality>,
    /// In order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub abilities: Vec<Ability>,
    /// The day the provider has named for its end, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<String>,
}

impl ModelFacts {
    /// What a caller may count on when any of several targets may answer: the smallest sizes, the kinds and abilities that
    /// all of them have. `None`: of one of them nothing is known, or there is none.
    pub fn of_all(targets: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut targets = targets.into_iter();
        let first = targets.next()??;
        targets.try_fold(first, |known, next| Some(known.and(&next?)))
    }

    fn and(self, other: &Self) -> Self {
        let least = |a: Option<u32>, b: Option<u32>| a.zip(b).map(|(a, b)| a.min(b));
        Self {
            purpose: self.purpose.filter(|purpose| Some(*purpose) == other.purpose),
            max_input_tokens: least(self.max_input_tokens, other.max_input_tokens),
            max_output_tokens: least(self.max_output_tokens, other.max_output_tokens),
            input: self.input.into_iter().filter(|kind| other.input.contains(kind)).collect(),
            output: self.output.into_iter().filter(|kind| other.output.contains(kind)).collect(),
            abilities: self.abilities.into_iter().filter(|it| other.abilities.contains(it)).collect(),
            // The first that ends takes nothing away from the others.
            ends_on: self.ends_on.zip(other.ends_on.clone()).map(|(a, b)| a.max(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(input_tokens: u32, input: &[Modality], abilities: &[Ability]) -> ModelFacts {
        ModelFacts {
            purpose: Some(Purpose::Chat),
            max_input_tokens: Some(input_tokens),
            input: input.to_vec(),
            abilities: abilities.to_vec(),
            ..ModelFacts::default()
        }
    }

    #[test]
    fn of_several_targets_only_what_all_can_do_counts() {
        let large = facts(200_000, &[Modality::Text, Modality::Image], &[Ability::Tools, Ability::Reasoning]);
        let small = facts(8_000, &[Modality::Text], &[Ability::Tools]);
        let both = ModelFacts::of_all([Some(large.clone()), Some(small)]).unwrap_or_default();
        assert_eq!(both.max_input_tokens, Some(8_000));
        assert_eq!((both.input, both.abilities), (vec![Modality::Text], vec![Ability::Tools]));
        assert_eq!(both.max_output_tokens, None, "what is not known of both is not known");
        assert_eq!(ModelFacts::of_all([Some(large), None]), None);
        assert_eq!(ModelFacts::of_all([]), None);
    }
}
