//! The form, into a chat request.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::dialect::Written;
use crate::form::{Content, Message, Output, Part, Request, Role, Source, ToolChoice, ToolKind, ToolResult};
use crate::policy::{Losses, Policy, RequestError};
use crate::providers::names::{self, Thinking};
use crate::{Dialect, data_url, rest};

pub(super) fn write(request: &Request, policy: Policy) -> Result<Written, RequestError> {
    let mut losses = Losses::new(policy, Dialect::Cohere);
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.as_str().into());
    body.insert("messages".to_owned(), messages(request, &mut losses)?.into());
    tools(request, &mut body, &mut losses)?;
    sampling(request, &mut body);
    thinking(request, &mut body, &mut losses)?;
    match &request.output {
        Output::Text => {}
        Output::Json => {
            body.insert("response_format".to_owned(), json!({"type": "json_object"}));
        }
        // A name and a description are for people; the shape is all this wire takes.
        Output::Schema { schema, .. } => {
            body.insert("response_format".to_owned(), json!({"type": "json_object", "json_schema": schema}));
        }
    }
    names::drop_labels(request, &mut losses);
    names::no_verbosity(request, &mut losses)?;
    rest::write(request, Dialect::Cohere, &mut body, &mut losses)?;
    Ok(Written { body: Bytes::from(Value::Object(body).to_string()), dropped: losses.into_dropped() })
}

fn sampling(request: &Request, body: &mut Map<String, Value>) {
    let sampling = &request.sampling;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    set("temperature", sampling.temperature.map(Value::from));
    set("p", sampling.top_p.map(Value::from));
    set("k", sampling.top_k.map(Value::from));
    set("frequency_penalty", sampling.frequency_penalty.map(Value::from));
    set("presence_penalty", sampling.presence_penalty.map(Value::from));
    set("seed", sampling.seed.map(Value::from));
    set("max_tokens", request.max_output_tokens.map(Value::from));
    set("stop_sequences", (!request.stop.is_empty()).then(|| json!(request.stop)));
    set("logprobs", request.logprobs.map(|_| true.into()));
    set("stream", request.stream.then_some(true.into()));
}

fn thinking(
    request: &Request,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    if request.logprobs.is_some_and(|alternatives| alternatives > 0) {
        losses.unsupported("top_logprobs")?;
    }
    let Some(asked) = request.reasoning.as_ref().and_then(names::thinking) else { return Ok(()) };
    let written = match asked {
        Thinking::Off => json!({"type": "disabled"}),
        Thinking::On => json!({"type": "enabled"}),
        Thinking::Budget(tokens) => json!({"type": "enabled", "token_budget": tokens}),
        Thinking::Effort(_) => {
            losses.dropped(format!("{} (thinking is only on or off)", names::reasoning(request.dialect)));
            json!({"type": "enabled"})
        }
    };
    body.insert("thinking".to_owned(), written);
    Ok(())
}

fn messages(request: &Request, losses: &mut Losses) -> Result<Vec<Value>, RequestError> {
    let mut written = Vec::new();
    if !request.system.is_empty() {
        written.push(json!({"role": "system", "content": texts(&request.system, "system", losses)?}));
    }
    for (at, message) in request.messages.iter().enumerate() {
        let path = names::message(at);
        names::drop_speaker(message, &path, losses);
        match message.role {
            Role::System => {
                written.push(json!({"role": "system", "content": texts(&message.parts, &path, losses)?}));
            }
            Role::User => user(message, &path, &mut written, losses)?,
            Role::Assistant => written.push(assistant(message, &path, losses)?),
        }
    }
    Ok(written)
}

/// Results of tools are messages of their own, before what the user says with them.
fn user(
    message: &Message,
    path: &str,
    written: &mut Vec<Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let mut content = Vec::new();
    for (at, part) in message.parts.iter().enumerate() {
        note_cache(part, losses);
        let path = format!("{path}.content[{at}]");
        match &part.content {
            Content::Text(text) => content.push(json!({"type": "text", "text": text})),
            Content::ToolResult(result) => written.push(tool_message(result, &path, losses)?),
            Content::Image(image) => match url(&image.source) {
                Some(url) => {
                    let mut written = json!({"url": url});
                    if let Some(detail) = &image.detail {
                        written["detail"] = detail.as_str().into();
                    }
                    content.push(json!({"type": "image_url", "image_url": written}));
                }
                None => losses.unsupported(path)?,
            },
            _ => losses.unsupported(path)?,
        }
    }
    if !content.is_empty() {
        written.push(json!({"role": "user", "content": content}));
    }
    Ok(())
}

fn url(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        Source::Base64 { media_type, data } => Some(data_url::write(media_type, data)),
        Source::FileId(_) => None,
    }
}

fn tool_message(result: &ToolResult, path: &str, losses: &mut Losses) -> Result<Value, RequestError> {
    if result.is_error {
        losses.dropped("is_error");
    }
    let content = texts(&result.content, path, losses)?;
    Ok(json!({"role": "tool", "tool_call_id": result.call_id, "content": content}))
}

/// Thinking before calls is the plan for them; else it is a part of the answer.
fn assistant(message: &Message, path: &str, losses: &mut Losses) -> Result<Value, RequestError> {
    let (mut content, mut calls, mut plan) = (Vec::new(), Vec::new(), String::new());
    let has_calls = message.parts.iter().any(|part| matches!(part.content, Content::ToolCall(_)));
    for (at, part) in message.parts.iter().enumerate() {
        note_cache(part, losses);
        match &part.content {
            Content::Text(text) | Content::Refusal(text) => {
                content.push(json!({"type": "text", "text": text}))
            }
            Content::ToolCall(call) => {
                // Some models write nothing at all for a call without arguments.
                let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
                calls.push(json!({"id": call.id, "type": "function",
                    "function": {"name": call.name, "arguments": arguments}}));
            }
            Content::Thinking(thinking) if thinking.signature.is_some() => losses.dropped("thinking"),
            Content::Thinking(thinking) if has_calls => plan.push_str(&thinking.text),
            Content::Thinking(thinking) => {
                content.push(json!({"type": "thinking", "thinking": thinking.text}))
            }
            Content::RedactedThinking(_) => losses.dropped("thinking"),
            _ => losses.unsupported(format!("{path}.content[{at}]"))?,
        }
    }
    let mut written = json!({"role": "assistant"});
    if !content.is_empty() {
        written["content"] = content.into();
    }
    if !calls.is_empty() {
        written["tool_calls"] = calls.into();
    }
    if !plan.is_empty() {
        written["tool_plan"] = plan.into();
    }
    Ok(written)
}

fn texts(parts: &[Part], path: &str, losses: &mut Losses) -> Result<Value, RequestError> {
    let mut texts = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        note_cache(part, losses);
        match &part.content {
            Content::Text(text) => texts.push(text.as_str()),
            _ => losses.unsupported(format!("{path}.content[{at}]"))?,
        }
    }
    Ok(match texts[..] {
        [] => "".into(),
        [one] => one.into(),
        _ => texts.iter().map(|text| json!({"type": "text", "text": text})).collect(),
    })
}

fn note_cache(part: &Part, losses: &mut Losses) {
    if part.cache.is_some() {
        losses.dropped("cache_control");
    }
}

fn tools(request: &Request, body: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let (mut tools, mut strict) = (Vec::new(), Vec::new());
    for (at, tool) in request.tools.iter().enumerate() {
        if tool.cache.is_some() {
            losses.dropped("cache_control");
        }
        let ToolKind::Function { name, description, parameters, strict: is_strict } = &tool.kind else {
            losses.unsupported(format!("tools[{at}]"))?;
            continue;
        };
        let anything = || json!({"type": "object", "properties": {}});
        let mut function = json!({"name": name, "parameters": parameters.clone().unwrap_or_else(anything)});
        if let Some(description) = description {
            function["description"] = description.as_str().into();
        }
        strict.push(*is_strict == Some(true));
        tools.push(json!({"type": "function", "function": function}));
    }
    if tools.is_empty() {
        return Ok(());
    }
    body.insert("tools".to_owned(), tools.into());
    // One switch for all of them.
    if strict.iter().all(|is_strict| *is_strict) {
        body.insert("strict_tools".to_owned(), true.into());
    } else if strict.contains(&true) {
        losses.dropped("tools.strict");
    }
    match &request.tool_choice {
        None | Some(ToolChoice::Auto) => {}
        Some(ToolChoice::None) => {
            body.insert("tool_choice".to_owned(), "NONE".into());
        }
        Some(ToolChoice::Required) => {
            body.insert("tool_choice".to_owned(), "REQUIRED".into());
        }
        // With one tool, a tool is this tool.
        Some(ToolChoice::Function(_)) if request.tools.len() == 1 => {
            body.insert("tool_choice".to_owned(), "REQUIRED".into());
        }
        Some(ToolChoice::Function(_)) => losses.unsupported("tool_choice")?,
    }
    names::no_parallel_switch(request, losses)
}
