//! The form, into a message's request for a provider.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::generations::{LEAST_BUDGET_TOKENS, budget_tokens, thinks_adaptively};
use super::write_blocks::{mark, request_blocks};
use crate::dialect::Written;
use crate::form::{Content, Effort, Output, Part, Reasoning, Request, Role, Tool, ToolChoice, ToolKind};
use crate::policy::{Losses, Policy, RequestError};
use crate::{Dialect, rest};

/// The wire wants a bound on every answer. For clients that set none: as much as every model of this dialect that is
/// still served can write.
const DEFAULT_MAX_TOKENS: u64 = 8_192;

pub fn write(request: &Request, policy: Policy) -> Result<Written, RequestError> {
    let mut losses = Losses::new(policy, Dialect::Messages);
    let mut body = prompt(request, &mut losses)?;
    body.insert("max_tokens".to_owned(), request.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS).into());
    sampling(request, &mut body, &mut losses)?;
    bookkeeping(request, &mut body, &mut losses)?;
    if request.stream {
        body.insert("stream".to_owned(), true.into());
    }
    rest::write(request, Dialect::Messages, &mut body, &mut losses)?;
    Ok(Written { body: Bytes::from(Value::Object(body).to_string()), dropped: losses.into_dropped() })
}

/// What a count of input tokens is asked with: the request without what only the answer needs.
pub fn write_count(request: &Request, policy: Policy) -> Result<Bytes, RequestError> {
    let mut losses = Losses::new(policy, Dialect::Messages);
    let mut body = prompt(request, &mut losses)?;
    body.shift_remove("max_tokens");
    Ok(Bytes::from(Value::Object(body).to_string()))
}

/// Everything that the model reads.
fn prompt(request: &Request, losses: &mut Losses) -> Result<Map<String, Value>, RequestError> {
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.as_str().into());
    let mut system: Vec<Part> = request.system.clone();
    let mut messages = Vec::new();
    for message in &request.messages {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::System if request.dialect == Dialect::Messages => "system",
            // Its place among the turns has a meaning, and this wire has no such place.
            Role::System => {
                losses.unsupported("messages.role (system after the first turn)")?;
                system.extend(message.parts.iter().cloned());
                continue;
            }
        };
        if message.name.is_some() {
            losses.dropped("messages.name");
        }
        let content = match &message.parts[..] {
            [Part { content: Content::Text(text), cache: None }] => text.as_str().into(),
            parts => Value::from(request_blocks(parts, request.dialect, losses)?),
        };
        messages.push(json!({"role": role, "content": content}));
    }
    match &system[..] {
        [] => {}
        [Part { content: Content::Text(text), cache: None }] => {
            body.insert("system".to_owned(), text.as_str().into());
        }
        parts => {
            body.insert("system".to_owned(), request_blocks(parts, request.dialect, losses)?.into());
        }
    }
    body.insert("messages".to_owned(), messages.into());
    tools(request, &mut body, losses)?;
    let thinking = request.reasoning.as_ref().map(|reasoning| thinking(reasoning, request, losses));
    let mut config = Map::new();
    if let Some((thinking, effort)) = thinking {
        if let Some(thinking) = thinking {
            body.insert("thinking".to_owned(), thinking);
        }
        config.extend(effort.map(|effort| ("effort".to_owned(), Value::from(effort.as_str()))));
    }
    config.extend(output(request, losses)?.map(|format| ("format".to_owned(), format)));
    if !config.is_empty() {
        body.insert("output_config".to_owned(), config.into());
    }
    Ok(body)
}

fn sampling(
    request: &Request,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let sampling = &request.sampling;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    set("temperature", sampling.temperature.map(Value::from));
    set("top_p", sampling.top_p.map(Value::from));
    set("top_k", sampling.top_k.map(Value::from));
    set("stop_sequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    // 0 is no penalty: nothing is lost.
    for (name, penalty) in
        [("frequency_penalty", sampling.frequency_penalty), ("presence_penalty", sampling.presence_penalty)]
    {
        if penalty.is_some_and(|penalty| penalty != 0.0) {
            losses.unsupported(name)?;
        }
    }
    if sampling.seed.is_some() {
        losses.unsupported("seed")?;
    }
    if request.logprobs.is_some() {
        losses.unsupported("logprobs")?;
    }
    if request.verbosity.as_deref().is_some_and(|verbosity| verbosity != "medium") {
        losses.unsupported("verbosity")?;
    }
    Ok(())
}

fn bookkeeping(
    request: &Request,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let mut metadata = Map::new();
    metadata.extend(request.user.clone().map(|user| ("user_id".to_owned(), Value::from(user))));
    if request.dialect == Dialect::Messages {
        metadata.extend(request.metadata.clone());
    } else if !request.metadata.is_empty() {
        losses.dropped("metadata");
    }
    if !metadata.is_empty() {
        body.insert("metadata".to_owned(), metadata.into());
    }
    let tier = match (request.dialect, request.service_tier.as_deref()) {
        (_, None) => return Ok(()),
        (Dialect::Messages, Some(tier)) => tier,
        (_, Some("auto")) => "auto",
        (_, Some("default")) => "standard_only",
        (_, Some(_)) => return losses.unsupported("service_tier"),
    };
    body.insert("service_tier".to_owned(), tier.into());
    Ok(())
}

fn tools(request: &Request, body: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let mut written = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        match self::tool(tool) {
            Some(tool) => written.push(tool),
            None => losses.unsupported(format!("tools[{at}]"))?,
        }
    }
    let mut choice = match &request.tool_choice {
        None if request.parallel_tools.is_some() && !written.is_empty() => json!({"type": "auto"}),
        None => Value::Null,
        Some(ToolChoice::Auto) => json!({"type": "auto"}),
        Some(ToolChoice::None) => json!({"type": "none"}),
        Some(ToolChoice::Required) => json!({"type": "any"}),
        Some(ToolChoice::Function(name)) => json!({"type": "tool", "name": name}),
    };
    if let Some(parallel) = request.parallel_tools.filter(|_| !choice.is_null() && choice["type"] != "none") {
        choice["disable_parallel_tool_use"] = (!parallel).into();
    }
    if !written.is_empty() {
        body.insert("tools".to_owned(), written.into());
    }
    if !choice.is_null() {
        body.insert("tool_choice".to_owned(), choice);
    }
    Ok(())
}

fn tool(tool: &Tool) -> Option<Value> {
    match &tool.kind {
        ToolKind::Foreign(foreign) => (foreign.dialect == Dialect::Messages).then(|| foreign.value.clone()),
        ToolKind::Function { name, description, parameters, strict } => {
            let mut written = json!({"name": name});
            if let Some(description) = description {
                written["description"] = description.as_str().into();
            }
            let anything = || json!({"type": "object", "properties": {}});
            written["input_schema"] = parameters.clone().unwrap_or_else(anything);
            if let Some(strict) = strict {
                written["strict"] = (*strict).into();
            }
            mark(&mut written, tool.cache);
            Some(written)
        }
    }
}

/// `thinking`, and the effort beside it. Anthropic's models take both by these names wherever they run.
pub(crate) fn thinking(
    reasoning: &Reasoning,
    request: &Request,
    losses: &mut Losses,
) -> (Option<Value>, Option<Effort>) {
    let own = request.dialect == Dialect::Messages;
    let display = reasoning.summary.as_deref().map(|summary| if own { summary } else { "summarized" });
    if reasoning.enabled == Some(false) || (!own && reasoning.effort == Some(Effort::None)) {
        return (Some(json!({"type": "disabled"})), reasoning.effort.filter(|_| own));
    }
    let shown = |mut thinking: Value| {
        if let Some(display) = display {
            thinking["display"] = display.into();
        }
        Some(thinking)
    };
    if let Some(budget) = reasoning.budget_tokens {
        return (shown(json!({"type": "enabled", "budget_tokens": budget})), reasoning.effort);
    }
    let adaptive = || shown(json!({"type": "adaptive"}));
    if own {
        return (reasoning.enabled.and_then(|_| adaptive()), reasoning.effort);
    }
    let Some(effort) = reasoning.effort else {
        return (None, None);
    };
    if thinks_adaptively(&request.model) {
        return (adaptive(), Some(effort.max(Effort::Low)));
    }
    // The bound on the answer counts its thinking.
    let most = request.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS).saturating_sub(LEAST_BUDGET_TOKENS);
    let budget = budget_tokens(effort).min(most);
    if budget < LEAST_BUDGET_TOKENS {
        losses.dropped("reasoning_effort");
        return (None, None);
    }
    (shown(json!({"type": "enabled", "budget_tokens": budget})), None)
}

/// Does this model go on with a last message of the assistant? The newer ones refuse it.
pub(crate) fn goes_on_with_text(model: &str) -> bool {
    !thinks_adaptively(model)
}

fn output(request: &Request, losses: &mut Losses) -> Result<Option<Value>, RequestError> {
    match &request.output {
        Output::Text => Ok(None),
        Output::Json => {
            losses.unsupported("response_format (json_object: this provider wants a schema)")?;
            Ok(None)
        }
        // A name and a description are for people; the shape is all the provider takes, and it is always strict.
        Output::Schema { schema, .. } => Ok(Some(json!({"type": "json_schema", "schema": schema}))),
    }
}
