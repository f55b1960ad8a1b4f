//! The form, into a request to generate content.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::wire::House;
use super::{contents, tools};
use crate::dialect::Written;
use crate::form::{Content, Effort, Output, Request};
use crate::policy::{Losses, Policy, RequestError};
use crate::providers::names::{self, Thinking};
use crate::{Dialect, rest};

pub(super) fn write(request: &Request, policy: Policy, house: House) -> Result<Written, RequestError> {
    let (body, dropped) = write_value(request, policy, house)?;
    Ok(Written { body: Bytes::from(Value::Object(body).to_string()), dropped })
}

pub(super) fn write_value(
    request: &Request,
    policy: Policy,
    house: House,
) -> Result<(Map<String, Value>, Vec<String>), RequestError> {
    let mut losses = Losses::new(policy, Dialect::Gemini);
    let mut body = Map::new();
    let system = system(request, &mut losses)?;
    if !system.is_empty() {
        body.insert("systemInstruction".to_owned(), json!({"parts": system}));
    }
    body.insert("contents".to_owned(), contents::write(request, house, &mut losses)?.into());
    tools::write(request, &mut body, &mut losses)?;
    let config = config(request, &mut losses)?;
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), config.into());
    }
    names::drop_labels(request, &mut losses);
    rest::write(request, Dialect::Gemini, &mut body, &mut losses)?;
    Ok((body, losses.into_dropped()))
}

fn system(request: &Request, losses: &mut Losses) -> Result<Vec<Value>, RequestError> {
    let mut parts = Vec::new();
    for (at, part) in request.system.iter().enumerate() {
        contents::note_cache(part, losses);
        match &part.content {
            Content::Text(text) => parts.push(json!({"text": text})),
            _ => losses.unsupported(format!("system[{at}]"))?,
        }
    }
    Ok(parts)
}

fn config(request: &Request, losses: &mut Losses) -> Result<Map<String, Value>, RequestError> {
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    let sampling = &request.sampling;
    set("temperature", sampling.temperature.map(Value::from));
    set("topP", sampling.top_p.map(Value::from));
    set("topK", sampling.top_k.map(Value::from));
    set("frequencyPenalty", sampling.frequency_penalty.map(Value::from));
    set("presencePenalty", sampling.presence_penalty.map(Value::from));
    set("seed", sampling.seed.map(Value::from));
    set("maxOutputTokens", request.max_output_tokens.map(Value::from));
    set("stopSequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    set("responseLogprobs", request.logprobs.map(|_| true.into()));
    set("logprobs", request.logprobs.filter(|&top| top > 0).map(Value::from));
    set("thinkingConfig", thinking(request));
    match &request.output {
        Output::Text => {}
        Output::Json => set("responseMimeType", Some("application/json".into())),
        Output::Schema { description, schema, .. } => {
            // The wire holds every answer to its schema, `strict` or not, and has no place for a name.
            set("responseMimeType", Some("application/json".into()));
            set("responseJsonSchema", Some(described(schema, description.as_deref())));
        }
    }
    names::no_verbosity(request, losses)?;
    Ok(config)
}

/// A schema that says nothing about itself gets the description that stood beside it.
fn described(schema: &Value, description: Option<&str>) -> Value {
    let mut schema = schema.clone();
    if let (Value::Object(schema), Some(description)) = (&mut schema, description) {
        schema.entry("description").or_insert_with(|| description.into());
    }
    schema
}

/// Models before Gemini 3 count thinking in tokens, later ones in levels; all take a budget.
fn thinking(request: &Request) -> Option<Value> {
    let asked = names::thinking(request.reasoning.as_ref()?)?;
    let counts = is_before_3(&request.model);
    Some(match asked {
        Thinking::Off if counts => json!({"thinkingBudget": 0}),
        Thinking::Off => json!({"thinkingLevel": "minimal"}),
        Thinking::On => json!({"includeThoughts": true}),
        Thinking::Budget(budget) => json!({"includeThoughts": true, "thinkingBudget": budget}),
        Thinking::Effort(effort) if counts => {
            json!({"includeThoughts": true, "thinkingBudget": budget(effort)})
        }
        Thinking::Effort(effort) => json!({"includeThoughts": true, "thinkingLevel": level(effort)}),
    })
}

pub(super) fn is_before_3(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.starts_with("gemini-1") || name.starts_with("gemini-2")
}

/// As Google's own OpenAI endpoint turns efforts into tokens.
fn budget(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal | Effort::Low => 1_024,
        Effort::Medium => 8_192,
        Effort::High | Effort::XHigh | Effort::Max => 24_576,
    }
}

fn level(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::XHigh | Effort::Max => "high",
    }
}
