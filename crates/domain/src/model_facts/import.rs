//! Model facts in LiteLLM's form, brought into ours.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Ability, Modality, ModelFacts, Purpose};

/// The source is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("the model facts are not the JSON they should be: {0}")]
pub struct ImportError(#[from] serde_json::Error);

/// Provider → model → facts.
pub type Facts = BTreeMap<String, BTreeMap<String, ModelFacts>>;

/// The source's own example of all fields.
const EXAMPLE: &str = "sample_spec";

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Source {
    litellm_provider: Option<String>,
    mode: Option<String>,
    max_input_tokens: Option<u32>,
    max_output_tokens: Option<u32>,
    max_tokens: Option<u32>,
    supported_modalities: Vec<String>,
    supported_output_modalities: Vec<String>,
    deprecation_date: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

const ABILITIES: &[(&str, Ability)] = &[
    ("supports_function_calling", Ability::Tools),
    ("supports_parallel_function_calling", Ability::ParallelTools),
    ("supports_response_schema", Ability::JsonSchema),
    ("supports_reasoning", Ability::Reasoning),
    ("supports_prompt_caching", Ability::PromptCaching),
    ("supports_web_search", Ability::WebSearch),
    ("supports_computer_use", Ability::ComputerUse),
];

const INPUTS: &[(&str, Modality)] = &[
    ("supports_vision", Modality::Image),
    ("supports_image_input", Modality::Image),
    ("supports_embedding_image_input", Modality::Image),
    ("supports_audio_input", Modality::Audio),
    ("supports_video_input", Modality::Video),
    ("supports_pdf_input", Modality::File),
];

/// Reads a whole file of facts.
pub fn from_litellm(json: &str) -> Result<Facts, ImportError> {
    let source: BTreeMap<String, Value> = serde_json::from_str(json)?;
    let mut all = Facts::new();
    for (model, value) in source.into_iter().filter(|(model, _)| model != EXAMPLE) {
        let source: Source = serde_json::from_value(value)?;
        let provider = source.litellm_provider.clone().unwrap_or_default();
        let facts = source.facts();
        // Prices of one size of a model's pictures (`low/1024-x-1024/gpt-image-1`) are no model.
        if facts != ModelFacts::default() && !model.contains("-x-") {
            all.entry(provider).or_default().insert(model, facts);
        }
    }
    Ok(all)
}

/// The file's text: one line a model, sorted, so that a new import is a readable change.
pub fn to_file(facts: &Facts, version: u32, source: &str) -> Result<String, ImportError> {
    let source = serde_json::to_string(source)?;
    let mut text = format!("{{\"format\":1,\"version\":{version},\"source\":{source},\"providers\":{{");
    for (at, (provider, models)) in facts.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(provider)?);
        text.push_str(":{");
        for (at, (model, facts)) in models.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            text.push_str(&serde_json::to_string(model)?);
            text.push(':');
            text.push_str(&serde_json::to_string(facts)?);
        }
        text.push('}');
    }
    text.push_str("}}\n");
    Ok(text)
}

impl Source {
    fn facts(self) -> ModelFacts {
        let purpose = self.mode.as_deref().map(purpose);
        let writes = matches!(purpose, Some(Purpose::Chat | Purpose::Completion));
        let known = |tokens: Option<u32>| tokens.filter(|tokens| *tokens > 0);
        ModelFacts {
            purpose,
            max_input_tokens: known(self.max_input_tokens)
                .or_else(|| known(self.max_tokens).filter(|_| !writes)),
            max_output_tokens: known(self.max_output_tokens)
                .or_else(|| known(self.max_tokens).filter(|_| writes))
                .filter(|_| writes || purpose == Some(Purpose::Transcription)),
            input: self.input(purpose),
            output: self.output(purpose),
            abilities: self.having(ABILITIES),
            ends_on: self.deprecation_date.filter(|day| is_day(day)),
        }
    }

    fn having<T: Copy + Ord>(&self, table: &[(&str, T)]) -> Vec<T> {
        let has = |field: &str| self.rest.get(field) == Some(&Value::Bool(true));
        sorted(table.iter().filter(|(field, _)| has(field)).map(|(_, what)| *what))
    }

    fn input(&self, purpose: Option<Purpose>) -> Vec<Modality> {
        let named = self.supported_modalities.iter().filter_map(|name| modality(name));
        let usual: &[Modality] = match purpose {
            Some(Purpose::Transcription) => &[Modality::Audio],
            None | Some(Purpose::Other | Purpose::Realtime) => &[],
            _ => &[Modality::Text],
        };
        let usual = usual.iter().copied().filter(|_| self.supported_modalities.is_empty());
        sorted(named.chain(usual).chain(self.having(INPUTS)))
    }

    fn output(&self, purpose: Option<Purpose>) -> Vec<Modality> {
        let named = self.supported_output_modalities.iter().filter_map(|name| modality(name));
        let usual: &[Modality] = match purpose {
            Some(Purpose::Chat | Purpose::Completion | Purpose::Transcription) => &[Modality::Text],
            Some(Purpose::Image) => &[Modality::Image],
            Some(Purpose::Speech) => &[Modality::Audio],
            Some(Purpose::Video) => &[Modality::Video],
            _ => &[],
        };
        let usual = usual.iter().copied().filter(|_| self.supported_output_modalities.is_empty());
        let speaks = [("supports_audio_output", Modality::Audio)];
        sorted(named.chain(usual).chain(self.having(&speaks)))
    }
}

fn purpose(mode: &str) -> Purpose {
    match mode {
        "chat" | "responses" => Purpose::Chat,
        "completion" => Purpose::Completion,
        "embedding" => Purpose::Embedding,
        "moderation" => Purpose::Moderation,
        "rerank" => Purpose::Rerank,
        "image_generation" | "image_edit" => Purpose::Image,
        "audio_speech" => Purpose::Speech,
        "audio_transcription" => Purpose::Transcription,
        "video_generation" => Purpose::Video,
        "realtime" => Purpose::Realtime,
        _ => Purpose::Other,
    }
}

fn modality(name: &str) -> Option<Modality> {
    match name {
        "text" | "code" => Some(Modality::Text),
        "image" => Some(Modality::Image),
        "audio" => Some(Modality::Audio),
        "video" => Some(Modality::Video),
        _ => None,
    }
}

/// `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts(fields: &str) -> ModelFacts {
        let json =
            format!(r#"{{"sample_spec":{{"mode":"one of"}},"m":{{"litellm_provider":"p",{fields}}}}}"#);
        let all = from_litellm(&json).unwrap();
        assert_eq!(all.len(), 1, "the example is no model");
        all["p"]["m"].clone()
    }

    #[test]
    fn sizes_kinds_and_abilities_are_taken_over() {
        let chat = facts(
            r#""mode":"chat","max_input_tokens":1000,"max_output_tokens":50,"max_tokens":50,"supports_vision":true,
            "supports_pdf_input":true,"supports_function_calling":true,"supports_reasoning":false,
            "deprecation_date":"2027-01-02","input_cost_per_token":1e-6"#,
        );
        assert_eq!((chat.max_input_tokens, chat.max_output_tokens), (Some(1_000), Some(50)));
        assert_eq!(chat.input, [Modality::Text, Modality::Image, Modality::File]);
        assert_eq!((chat.output, chat.abilities), (vec![Modality::Text], vec![Ability::Tools]));
        assert_eq!(chat.ends_on.as_deref(), Some("2027-01-02"));
    }

    #[test]
    fn the_older_size_is_of_the_output_where_a_model_writes_and_of_the_input_elsewhere() {
        let old = facts(r#""mode":"chat","max_tokens":4096"#);
        assert_eq!((old.max_input_tokens, old.max_output_tokens), (None, Some(4_096)));
        let embedding = facts(r#""mode":"embedding","max_tokens":8191,"max_output_tokens":0"#);
        assert_eq!((embedding.max_input_tokens, embedding.max_output_tokens), (Some(8_191), None));
        assert_eq!(embedding.output, []);
    }

    #[test]
    fn modalities_that_are_named_count_more_than_the_usual_ones() {
        let audio = facts(r#""mode":"audio_transcription","supported_modalities":["audio","text"]"#);
        assert_eq!(audio.input, [Modality::Text, Modality::Audio]);
        let speech = facts(r#""mode":"audio_speech""#);
        assert_eq!((speech.input, speech.output), (vec![Modality::Text], vec![Modality::Audio]));
        assert_eq!(facts(r#""mode":"chat","deprecation_date":"soon""#).ends_on, None);
    }

    #[test]
    fn a_file_that_was_written_is_read_as_it_was() {
        let json = r#"{"a":{"litellm_provider":"p","mode":"chat"},"low/1-x-1/b":{"litellm_provider":"p","mode":"chat"}}"#;
        let all = from_litellm(json).unwrap();
        let text = to_file(&all, 20_260_101, "s").unwrap();
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["providers"]["p"]["a"]["purpose"], "chat");
        assert_eq!(back["providers"]["p"].as_object().unwrap().len(), 1, "a size of pictures is no model");
    }
}
