//! The form, into a response's request for a provider.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::write_items;
use crate::dialect::Written;
use crate::form::{Content, Effort, Message, Output, Reasoning, Request, Role, Tool, ToolChoice, ToolKind};
use crate::policy::{Losses, Policy, RequestError};
use crate::{Dialect, rest};

pub fn write(request: &Request, policy: Policy) -> Result<Written, RequestError> {
    let mut losses = Losses::new(policy, Dialect::Responses);
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.as_str().into());
    input(request, &mut body, &mut losses)?;
    tools(request, &mut body, &mut losses)?;
    text(request, &mut body);
    if let Some(reasoning) = request.reasoning.as_ref().and_then(reasoning) {
        body.insert("reasoning".to_owned(), reasoning);
    }
    sampling(request, &mut body, &mut losses)?;
    rest::write(request, Dialect::Responses, &mut body, &mut losses)?;
    // Another dialect's client keeps its own conversation: nothing is to be stored for it.
    if request.dialect != Dialect::Responses {
        body.entry("store").or_insert(Value::Bool(false));
    }
    Ok(Written { body: Bytes::from(Value::Object(body).to_string()), dropped: losses.into_dropped() })
}

fn input(request: &Request, body: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let mut system = request.system.iter();
    if let Some(Content::Text(text)) = system.next().map(|part| &part.content) {
        body.insert("instructions".to_owned(), text.as_str().into());
    }
    if request.system.iter().any(|part| part.cache.is_some()) {
        losses.dropped("cache_control");
    }
    let mut items = Vec::new();
    let rest: Vec<_> = system.cloned().collect();
    if !rest.is_empty() {
        write_items::write(&Message::new(Role::System, rest), request.dialect, &mut items, losses)?;
    }
    for message in &request.messages {
        write_items::write(message, request.dialect, &mut items, losses)?;
    }
    body.insert("input".to_owned(), items.into());
    Ok(())
}

fn sampling(
    request: &Request,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let sampling = &request.sampling;
    let tier = match (request.dialect, request.service_tier.as_deref()) {
        (Dialect::Messages, Some("standard_only")) => Some("default"),
        (_, tier) => tier,
    };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    set("temperature", sampling.temperature.map(Value::from));
    set("top_p", sampling.top_p.map(Value::from));
    set("max_output_tokens", request.max_output_tokens.map(Value::from));
    set("user", request.user.clone().map(Value::from));
    set("metadata", (!request.metadata.is_empty()).then(|| request.metadata.clone().into()));
    set("service_tier", tier.map(Value::from));
    set("stream", request.stream.then_some(Value::Bool(true)));
    if let Some(top) = request.logprobs {
        set("top_logprobs", Some(top.into()));
        set("include", Some(json!(["message.output_text.logprobs"])));
    }
    for (name, penalty) in
        [("frequency_penalty", sampling.frequency_penalty), ("presence_penalty", sampling.presence_penalty)]
    {
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            losses.unsupported(name)?;
        }
    }
    for (name, is_set) in [
        ("seed", sampling.seed.is_some()),
        ("top_k", sampling.top_k.is_some()),
        ("stop", !request.stop.is_empty()),
    ] {
        if is_set {
            losses.unsupported(name)?;
        }
    }
    Ok(())
}

fn reasoning(reasoning: &Reasoning) -> Option<Value> {
    let mut written = Map::new();
    let effort = match (reasoning.enabled, reasoning.effort, reasoning.budget_tokens) {
        (_, Some(effort), _) => Some(effort),
        (Some(false), ..) => Some(Effort::None),
        (_, None, Some(0..2_048)) => Some(Effort::Low),
        (_, None, Some(2_048..16_384)) => Some(Effort::Medium),
        (_, None, Some(_)) => Some(Effort::High),
        (enabled, None, None) => enabled.map(|_| Effort::Medium),
    };
    written.extend(effort.map(|effort| ("effort".to_owned(), Value::from(effort.as_str()))));
    // Another dialect's word for thinking that is shown or is not.
    let summary = match reasoning.summary.as_deref() {
        Some("omitted") => None,
        Some("summarized") => Some("auto"),
        other => other,
    };
    written.extend(summary.map(|summary| ("summary".to_owned(), Value::from(summary))));
    (!written.is_empty()).then(|| written.into())
}

fn tools(request: &Request, body: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let mut written = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        if tool.cache.is_some() {
            losses.dropped("cache_control");
        }
        match self::tool(tool) {
            Some(tool) => written.push(tool),
            None => losses.unsupported(format!("tools[{at}]"))?,
        }
    }
    if !written.is_empty() {
        body.insert("tools".to_owned(), written.into());
    }
    if let Some(parallel) = request.parallel_tools {
        body.insert("parallel_tool_calls".to_owned(), parallel.into());
    }
    let choice = match &request.tool_choice {
        None => return Ok(()),
        Some(ToolChoice::Auto) => "auto".into(),
        Some(ToolChoice::None) => "none".into(),
        Some(ToolChoice::Required) => "required".into(),
        Some(ToolChoice::Function(name)) => json!({"type": "function", "name": name}),
    };
    body.insert("tool_choice".to_owned(), choice);
    Ok(())
}

fn tool(tool: &Tool) -> Option<Value> {
    match &tool.kind {
        ToolKind::Foreign(foreign) => (foreign.dialect == Dialect::Responses).then(|| foreign.value.clone()),
        ToolKind::Function { name, description, parameters, strict } => {
            let mut written = json!({"type": "function", "name": name});
            if let Some(description) = description {
                written["description"] = description.as_str().into();
            }
            if let Some(parameters) = parameters {
                written["parameters"] = parameters.clone();
            }
            // Here strict is the default; in the other dialects it is not.
            written["strict"] = strict.unwrap_or(false).into();
            Some(written)
        }
    }
}

fn text(request: &Request, body: &mut Map<String, Value>) {
    let mut text = Map::new();
    let format = match &request.output {
        Output::Text => None,
        Output::Json => Some(json!({"type": "json_object"})),
        Output::Schema { name, description, schema, strict } => {
            let name = name.as_deref().unwrap_or("answer");
            let mut format = json!({"type": "json_schema", "name": name, "schema": schema});
            if let Some(description) = description {
                format["description"] = description.as_str().into();
            }
            if let Some(strict) = strict {
                format["strict"] = (*strict).into();
            }
            Some(format)
        }
    };
    text.extend(format.map(|format| ("format".to_owned(), format)));
    text.extend(request.verbosity.clone().map(|verbosity| ("verbosity".to_owned(), Value::from(verbosity))));
    if !text.is_empty() {
        body.insert("text".to_owned(), text.into());
    }
}
