//! What a model can do, as the imported facts say it.

use aop_domain::model_facts;
use serde::Serialize;
use utoipa::ToSchema;

/// Facts for choosing a model. Absent or empty: not known.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelFacts {
    /// The context size: most tokens a request may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    pub input: Vec<Modality>,
    pub output: Vec<Modality>,
    pub abilities: Vec<Ability>,
    /// The day its provider has named for its end, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<String>,
}

/// A kind of content.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    Text,
    Image,
    Audio,
    Video,
    File,
}

/// Something that not every model can do.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    Tools,
    ParallelTools,
    JsonSchema,
    Reasoning,
    PromptCaching,
    WebSearch,
    ComputerUse,
}

impl From<model_facts::ModelFacts> for ModelFacts {
    fn from(facts: model_facts::ModelFacts) -> Self {
        Self {
            max_input_tokens: facts.max_input_tokens,
            max_output_tokens: facts.max_output_tokens,
            input: facts.input.into_iter().map(Modality::from).collect(),
            output: facts.output.into_iter().map(Modality::from).collect(),
            abilities: facts.abilities.into_iter().map(Ability::from).collect(),
            ends_on: facts.ends_on,
        }
    }
}

impl From<model_facts::Modality> for Modality {
    fn from(kind: model_facts::Modality) -> Self {
        match kind {
            model_facts::Modality::Text => Self::Text,
            model_facts::Modality::Image => Self::Image,
            model_facts::Modality::Audio => Self::Audio,
            model_facts::Modality::Video => Self::Video,
            model_facts::Modality::File => Self::File,
        }
    }
}

impl From<model_facts::Ability> for Ability {
    fn from(ability: model_facts::Ability) -> Self {
        match ability {
            model_facts::Ability::Tools => Self::Tools,
            model_facts::Ability::ParallelTools => Self::ParallelTools,
            model_facts::Ability::JsonSchema => Self::JsonSchema,
            model_facts::Ability::Reasoning => Self::Reasoning,
            model_facts::Ability::PromptCaching => Self::PromptCaching,
            model_facts::Ability::WebSearch => Self::WebSearch,
            model_facts::Ability::ComputerUse => Self::ComputerUse,
        }
    }
}
