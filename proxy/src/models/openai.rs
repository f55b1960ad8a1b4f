//! Models as OpenAI's clients read them. Fields behind `owned_by` are ours; clients pass over what they do not know.

use aop_domain::model_facts::{Ability, Modality, ModelFacts, Purpose};
use serde::Serialize;

use super::Listed;

#[derive(Debug, Serialize)]
pub(super) struct Model<'a> {
    id: &'a str,
    object: &'static str,
    /// OpenAI's clients require it; when a route was made is nobody's business.
    created: u64,
    owned_by: &'a str,
    /// What it may be asked for: `chat`, `embedding`, `image`, ...
    operations: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    /// Most tokens of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    input_modalities: Vec<Modality>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_modalities: Vec<Modality>,
    /// Absent: not known. Empty: none of those that are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<Ability>>,
    /// The day its provider has named for its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_on: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

impl<'a> Model<'a> {
    pub(super) fn of(listed: &Listed<'a>) -> Self {
        let is_known = listed.facts.is_some();
        let ModelFacts { purpose, max_input_tokens, max_output_tokens, input, output, abilities, ends_on } =
            listed.facts.clone().unwrap_or_default();
        Self {
            id: listed.id,
            object: "model",
            created: 0,
            owned_by: listed.owned_by,
            operations: listed.operations,
            purpose,
            context_length: max_input_tokens,
            max_output_tokens,
            input_modalities: input,
            output_modalities: output,
            capabilities: is_known.then_some(abilities),
            ends_on,
        }
    }
}

impl<'a> List<'a> {
    pub(super) fn of(models: &[Listed<'a>]) -> Self {
        Self { object: "list", data: models.iter().map(Model::of).collect() }
    }
}
