//! The form, into a request to converse.

use serde_json::{Map, Value, json};

use super::blocks;
use super::wire::Family;
use crate::form::{Content, Effort, Message, Output, Request, Role, ToolChoice, ToolKind};
use crate::messages::betas::{self, Cloud};
use crate::messages::generations;
use crate::policy::{Losses, Policy, RequestError};
use crate::providers::names::{self, Thinking};
use crate::{Dialect, messages, rest};

/// The service takes this many labels, of this length.
const MOST_LABELS: usize = 16;
const LONGEST_LABEL_BYTES: usize = 256;

pub(super) fn write(
    request: &Request,
    policy: Policy,
) -> Result<(Map<String, Value>, Vec<String>), RequestError> {
    let mut losses = Losses::new(policy, Dialect::Bedrock);
    let family = Family::of(&request.model);
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| {
        if !matches!(&value, Value::Object(map) if map.is_empty())
            && !matches!(&value, Value::Array(list) if list.is_empty())
        {
            body.insert(name.to_owned(), value);
        }
    };
    set("system", system(request, family, &mut losses)?.into());
    set("messages", conversation(request, family, &mut losses)?.into());
    set("inferenceConfig", inference(request).into());
    set("toolConfig", tools(request, family, &mut losses)?.into());
    set("outputConfig", output(request, &mut losses)?.into());
    set("requestMetadata", labels(request, &mut losses).into());
    set("serviceTier", tier(request, &mut losses).into());
    set("additionalModelRequestFields", more(request, family, &mut losses)?.into());
    unsayable(request, &mut losses)?;
    rest::write(request, Dialect::Bedrock, &mut body, &mut losses)?;
    Ok((body, losses.into_dropped()))
}

fn system(request: &Request, family: Family, losses: &mut Losses) -> Result<Vec<Value>, RequestError> {
    let mut written = Vec::new();
    for (at, part) in request.system.iter().enumerate() {
        match &part.content {
            Content::Text(text) => written.push(json!({"text": text})),
            _ => losses.unsupported(format!("system[{at}]"))?,
        }
        written.extend(blocks::cache_point(part.cache, family, losses));
    }
    Ok(written)
}

/// Two roles in turn: the turns of one role that follow one another are one.
fn conversation(request: &Request, family: Family, losses: &mut Losses) -> Result<Vec<Value>, RequestError> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut documents = 0;
    for (at, message) in request.messages.iter().enumerate() {
        let path = names::message(at);
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::System => {
                losses.unsupported(format!("{path}.role"))?;
                continue;
            }
        };
        names::drop_speaker(message, &path, losses);
        let content = turn(message, &path, family, &mut documents, losses)?;
        match turns.last_mut() {
            Some((last, all)) if *last == role => all.extend(content),
            _ => turns.push((role, content)),
        }
    }
    turns.retain(|(_, content)| !content.is_empty());
    Ok(turns.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect())
}

fn turn(
    message: &Message,
    path: &str,
    family: Family,
    documents: &mut usize,
    losses: &mut Losses,
) -> Result<Vec<Value>, RequestError> {
    let mut written = Vec::new();
    for (at, part) in message.parts.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        written.extend(blocks::write(&part.content, &path, documents, losses)?);
        written.extend(blocks::cache_point(part.cache, family, losses));
    }
    Ok(written)
}

fn inference(request: &Request) -> Map<String, Value> {
    let mut config = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    set("maxTokens", request.max_output_tokens.map(Value::from));
    set("temperature", request.sampling.temperature.map(Value::from));
    set("topP", request.sampling.top_p.map(Value::from));
    set("stopSequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    config
}

fn tools(request: &Request, family: Family, losses: &mut Losses) -> Result<Map<String, Value>, RequestError> {
    let mut tools = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        match &tool.kind {
            ToolKind::Foreign(_) => losses.unsupported(format!("tools[{at}]"))?,
            ToolKind::Function { name, description, parameters, strict } => {
                let anything = || json!({"type": "object", "properties": {}});
                let schema = parameters.clone().unwrap_or_else(anything);
                let mut spec = json!({"name": name, "inputSchema": {"json": schema}});
                if let Some(description) = description.as_deref().filter(|text| !text.is_empty()) {
                    spec["description"] = description.into();
                }
                if *strict == Some(true) {
                    spec["strict"] = true.into();
                }
                tools.push(json!({"toolSpec": spec}));
            }
        }
        tools.extend(blocks::cache_point(tool.cache, family, losses));
    }
    let choice = match request.tool_choice.as_ref().filter(|_| !tools.is_empty()) {
        None => None,
        Some(ToolChoice::Auto) => Some(json!({"auto": {}})),
        Some(ToolChoice::Required) => Some(json!({"any": {}})),
        Some(ToolChoice::Function(name)) => Some(json!({"tool": {"name": name}})),
        // The wire has no word for "none", but a request without tools says the same, when no call stands in it.
        Some(ToolChoice::None) if !has_calls(request) => return Ok(Map::new()),
        Some(ToolChoice::None) => {
            losses.unsupported("tool_choice")?;
            None
        }
    };
    let mut config = Map::new();
    if !tools.is_empty() {
        config.insert("tools".to_owned(), tools.into());
        config.extend(choice.map(|choice| ("toolChoice".to_owned(), choice)));
    }
    Ok(config)
}

fn has_calls(request: &Request) -> bool {
    let mut parts = request.messages.iter().flat_map(|message| &message.parts);
    parts.any(|part| matches!(part.content, Content::ToolCall(_) | Content::ToolResult(_)))
}

fn output(request: &Request, losses: &mut Losses) -> Result<Map<String, Value>, RequestError> {
    let mut config = Map::new();
    match &request.output {
        Output::Text => {}
        Output::Json => losses.unsupported("response_format (json_object: this provider wants a schema)")?,
        Output::Schema { name, description, schema, .. } => {
            // The schema is text on this wire.
            let mut written = json!({"schema": schema.to_string()});
            if let Some(name) = name {
                written["name"] = name.as_str().into();
            }
            if let Some(description) = description {
                written["description"] = description.as_str().into();
            }
            config.insert(
                "textFormat".to_owned(),
                json!({"type": "json_schema", "structure": {"jsonSchema": written}}),
            );
        }
    }
    Ok(config)
}

/// Labels the service keeps with its own log of the call.
fn labels(request: &Request, losses: &mut Losses) -> Map<String, Value> {
    if request.user.is_some() {
        losses.dropped(if request.dialect == Dialect::Messages { "metadata.user_id" } else { "user" });
    }
    let fits = |text: &str| {
        text.len() <= LONGEST_LABEL_BYTES
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || " _@$#=/+,-.:".contains(letter))
    };
    let all_fit = request.metadata.len() <= MOST_LABELS
        && request.metadata.iter().all(|(name, value)| fits(name) && value.as_str().is_some_and(fits));
    if !all_fit {
        losses.dropped("metadata");
        return Map::new();
    }
    request.metadata.clone()
}

fn tier(request: &Request, losses: &mut Losses) -> Map<String, Value> {
    let mut tier = Map::new();
    match request.service_tier.as_deref() {
        Some(name @ ("priority" | "flex" | "reserved")) => {
            tier.insert("type".to_owned(), name.into());
        }
        _ => names::drop_tier(request, losses),
    }
    tier
}

/// What only one family of models takes, each under its own names.
fn more(request: &Request, family: Family, losses: &mut Losses) -> Result<Map<String, Value>, RequestError> {
    let mut fields = Map::new();
    if let Some(top_k) = request.sampling.top_k {
        match family {
            Family::Anthropic => fields.insert("top_k".to_owned(), top_k.into()),
            Family::Nova => fields.insert("inferenceConfig".to_owned(), json!({"topK": top_k})),
            _ => {
                losses.unsupported("top_k")?;
                None
            }
        };
    }
    thinking(request, family, &mut fields, losses)?;
    if family == Family::Anthropic && request.dialect == Dialect::Messages {
        let mut gone = Vec::new();
        if losses.drops() {
            gone = generations::fit(&mut fields, &request.model, request.max_output_tokens);
            gone.iter().for_each(|name| losses.dropped(name));
        }
        let paired =
            betas::read(std::iter::once(generations::without_pairs(&request.betas.join(","), &gone)));
        let (known, unknown) = betas::at(Cloud::Bedrock, &paired);
        unknown.iter().for_each(|beta| losses.dropped(format!("anthropic-beta: {beta}")));
        if !known.is_empty() {
            fields.insert("anthropic_beta".to_owned(), known.into());
        }
    }
    Ok(fields)
}

fn thinking(
    request: &Request,
    family: Family,
    fields: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let Some(reasoning) = &request.reasoning else { return Ok(()) };
    let asked = names::thinking(reasoning);
    match (family, asked) {
        (_, None) => {}
        (Family::Anthropic, Some(_)) => {
            let (thinking, effort) = messages::thinking(reasoning, request, losses);
            fields.extend(thinking.map(|thinking| ("thinking".to_owned(), thinking)));
            let effort =
                effort.map(|effort| ("output_config".to_owned(), json!({"effort": effort.as_str()})));
            fields.extend(effort);
        }
        (Family::Nova, Some(Thinking::Off)) => {
            fields.insert("reasoningConfig".to_owned(), json!({"type": "disabled"}));
        }
        (Family::Nova, Some(asked)) => {
            let config = json!({"type": "enabled", "maxReasoningEffort": effort(asked)});
            fields.insert("reasoningConfig".to_owned(), config);
        }
        (Family::OpenAi, Some(Thinking::Off)) | (Family::Other, Some(_)) => {
            losses.unsupported(names::reasoning(request.dialect))?;
        }
        (Family::OpenAi, Some(asked)) => {
            fields.insert("reasoning_effort".to_owned(), effort(asked).into());
        }
    }
    Ok(())
}

/// For models that know three efforts.
fn effort(asked: Thinking) -> &'static str {
    match asked {
        Thinking::Off | Thinking::Effort(Effort::None | Effort::Minimal | Effort::Low) => "low",
        Thinking::On | Thinking::Effort(Effort::Medium) => "medium",
        Thinking::Effort(_) => "high",
        Thinking::Budget(tokens) => match tokens {
            0..4_096 => "low",
            4_096..16_384 => "medium",
            _ => "high",
        },
    }
}

fn unsayable(request: &Request, losses: &mut Losses) -> Result<(), RequestError> {
    let sampling = &request.sampling;
    // 0 is no penalty: nothing is lost.
    let penalty = |value: Option<f64>| value.is_some_and(|value| value != 0.0);
    let fields = [
        ("frequency_penalty", penalty(sampling.frequency_penalty)),
        ("presence_penalty", penalty(sampling.presence_penalty)),
        ("seed", sampling.seed.is_some()),
        ("logprobs", request.logprobs.is_some()),
    ];
    for (name, _) in fields.into_iter().filter(|(_, asked)| *asked) {
        losses.unsupported(name)?;
    }
    names::no_verbosity(request, losses)?;
    names::no_parallel_switch(request, losses)
}
