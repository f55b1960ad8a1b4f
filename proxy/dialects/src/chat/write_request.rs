//! The form, into a chat completion's request for a provider.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::response::assistant_message;
use super::wire::url;
use crate::dialect::Written;
use crate::form::{
    Content, Effort, Message, Output, Part, Reasoning, Request, Role, Source, Tool, ToolChoice, ToolKind,
    ToolResult,
};
use crate::policy::{Losses, Policy, RequestError};
use crate::{Dialect, rest};

pub fn write(request: &Request, policy: Policy) -> Result<Written, RequestError> {
    let mut losses = Losses::new(policy, Dialect::Chat);
    let mut body = Map::new();
    body.insert("model".to_owned(), request.model.as_str().into());
    body.insert("messages".to_owned(), messages(request, &mut losses)?);
    tools(request, &mut body, &mut losses)?;
    output(&request.output, &mut body);
    sampling(request, &mut body);
    if let Some(reasoning) = &request.reasoning {
        self::reasoning(reasoning, &mut body, &mut losses);
    }
    rest::write(request, Dialect::Chat, &mut body, &mut losses)?;
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
    set("top_p", sampling.top_p.map(Value::from));
    set("top_k", sampling.top_k.map(Value::from));
    set("frequency_penalty", sampling.frequency_penalty.map(Value::from));
    set("presence_penalty", sampling.presence_penalty.map(Value::from));
    set("seed", sampling.seed.map(Value::from));
    set("max_completion_tokens", request.max_output_tokens.map(Value::from));
    set("stop", (!request.stop.is_empty()).then(|| json!(request.stop)));
    set("logprobs", request.logprobs.map(|_| true.into()));
    set("top_logprobs", request.logprobs.filter(|&top| top > 0).map(Value::from));
    set("user", request.user.clone().map(Value::from));
    set("metadata", (!request.metadata.is_empty()).then(|| request.metadata.clone().into()));
    set("service_tier", service_tier(request).map(Value::from));
    set("verbosity", request.verbosity.clone().map(Value::from));
    if request.stream {
        set("stream", Some(true.into()));
        // Always: what a stream cost is not left to the client's wish.
        set("stream_options", Some(json!({"include_usage": true})));
    }
}

fn service_tier(request: &Request) -> Option<&str> {
    match (request.dialect, request.service_tier.as_deref()) {
        (Dialect::Messages, Some("standard_only")) => Some("default"),
        (_, tier) => tier,
    }
}

/// A budget of tokens becomes the effort that is nearest to it.
fn reasoning(reasoning: &Reasoning, body: &mut Map<String, Value>, losses: &mut Losses) {
    let effort = match (reasoning.enabled, reasoning.effort, reasoning.budget_tokens) {
        (_, Some(effort), _) => Some(effort),
        (Some(false), ..) => Some(Effort::None),
        (_, None, Some(budget)) => Some(match budget {
            0..2_048 => Effort::Low,
            2_048..16_384 => Effort::Medium,
            _ => Effort::High,
        }),
        (Some(true), None, None) => Some(Effort::Medium),
        _ => None,
    };
    if let Some(effort) = effort {
        body.insert("reasoning_effort".to_owned(), effort.as_str().into());
    }
    if reasoning.summary.is_some() {
        losses.dropped("reasoning.summary");
    }
}

fn messages(request: &Request, losses: &mut Losses) -> Result<Value, RequestError> {
    let mut written = Vec::new();
    if !request.system.is_empty() {
        written.push(json!({"role": "system", "content": texts(&request.system, losses)?}));
    }
    for message in &request.messages {
        match message.role {
            Role::System => {
                let content = texts(&message.parts, losses)?;
                written.push(named(json!({"role": "system", "content": content}), message));
            }
            Role::Assistant => {
                check_assistant(&message.parts, losses)?;
                written.push(named(assistant_message(&message.parts, false), message));
            }
            Role::User => user(message, &mut written, losses)?,
        }
    }
    Ok(written.into())
}

fn named(mut written: Value, message: &Message) -> Value {
    if let Some(name) = &message.name {
        written["name"] = name.as_str().into();
    }
    written
}

fn user(message: &Message, written: &mut Vec<Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let mut own = Vec::new();
    for part in &message.parts {
        note_cache(part, losses);
        if let Content::ToolResult(result) = &part.content {
            written.push(tool_message(result, losses)?);
        } else {
            own.push(part.clone());
        }
    }
    let only_results = own.is_empty() && !message.parts.is_empty();
    if !only_results {
        written.push(named(json!({"role": "user", "content": user_content(&own, losses)?}), message));
    }
    Ok(())
}

fn tool_message(result: &ToolResult, losses: &mut Losses) -> Result<Value, RequestError> {
    if result.is_error {
        losses.dropped("is_error");
    }
    let content = texts(&result.content, losses)?;
    Ok(json!({"role": "tool", "tool_call_id": result.call_id, "content": content}))
}

/// Text parts as this wire has them: one is a string, several are a list.
fn texts(parts: &[Part], losses: &mut Losses) -> Result<Value, RequestError> {
    let mut texts = Vec::new();
    for part in parts {
        note_cache(part, losses);
        match &part.content {
            Content::Text(text) => texts.push(text.as_str()),
            other => losses.part(other)?,
        }
    }
    Ok(match texts[..] {
        [] => "".into(),
        [one] => one.into(),
        _ => texts.iter().map(|text| json!({"type": "text", "text": text})).collect(),
    })
}

fn user_content(parts: &[Part], losses: &mut Losses) -> Result<Value, RequestError> {
    if parts.iter().all(|part| matches!(part.content, Content::Text(_))) {
        return texts(parts, losses);
    }
    let mut content = Vec::new();
    for part in parts {
        match user_part(&part.content) {
            Some(written) => content.push(written),
            None => losses.part(&part.content)?,
        }
    }
    Ok(content.into())
}

fn user_part(content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) => Some(json!({"type": "text", "text": text})),
        Content::Image(image) => {
            let mut written = json!({"url": url(&image.source)?});
            if let Some(detail) = &image.detail {
                written["detail"] = detail.as_str().into();
            }
            Some(json!({"type": "image_url", "image_url": written}))
        }
        Content::File(file) => {
            let mut written = match &file.source {
                Source::FileId(id) => json!({"file_id": id}),
                Source::Base64 { .. } => json!({"file_data": url(&file.source)?}),
                Source::Url(_) => return None,
            };
            if let Some(name) = &file.name {
                written["filename"] = name.as_str().into();
            }
            Some(json!({"type": "file", "file": written}))
        }
        Content::Audio(audio) => {
            Some(json!({"type": "input_audio", "input_audio": {"data": audio.data, "format": audio.format}}))
        }
        _ => None,
    }
}

/// What an assistant's turn cannot carry on this wire.
fn check_assistant(parts: &[Part], losses: &mut Losses) -> Result<(), RequestError> {
    for part in parts {
        note_cache(part, losses);
        match &part.content {
            Content::Text(_) | Content::ToolCall(_) | Content::Refusal(_) => {}
            // Proofs of another provider: this one could not check them, and its models do not read old thoughts.
            Content::Thinking(thinking) if thinking.signature.is_none() => {}
            Content::Thinking(_) | Content::RedactedThinking(_) => losses.dropped("thinking"),
            other => losses.part(other)?,
        }
    }
    Ok(())
}

fn note_cache(part: &Part, losses: &mut Losses) {
    if part.cache.is_some() {
        losses.dropped("cache_control");
    }
}

fn tools(request: &Request, body: &mut Map<String, Value>, losses: &mut Losses) -> Result<(), RequestError> {
    let mut written = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        match self::tool(tool, losses) {
            Some(tool) => written.push(tool),
            None => losses.unsupported(format!("tools[{at}]"))?,
        }
    }
    if !written.is_empty() {
        body.insert("tools".to_owned(), written.into());
        if let Some(parallel) = request.parallel_tools {
            body.insert("parallel_tool_calls".to_owned(), parallel.into());
        }
    }
    if let Some(choice) = &request.tool_choice {
        body.insert("tool_choice".to_owned(), tool_choice(choice));
    }
    Ok(())
}

fn tool(tool: &Tool, losses: &mut Losses) -> Option<Value> {
    if tool.cache.is_some() {
        losses.dropped("cache_control");
    }
    match &tool.kind {
        ToolKind::Foreign(foreign) => (foreign.dialect == Dialect::Chat).then(|| foreign.value.clone()),
        ToolKind::Function { name, description, parameters, strict } => {
            let mut function = json!({"name": name});
            if let Some(description) = description {
                function["description"] = description.as_str().into();
            }
            if let Some(parameters) = parameters {
                function["parameters"] = parameters.clone();
            }
            if let Some(strict) = strict {
                function["strict"] = (*strict).into();
            }
            Some(json!({"type": "function", "function": function}))
        }
    }
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn output(output: &Output, body: &mut Map<String, Value>) {
    let format = match output {
        Output::Text => return,
        Output::Json => json!({"type": "json_object"}),
        Output::Schema { name, description, schema, strict } => {
            // This wire wants a name; the others do not have one.
            let mut written = json!({"name": name.as_deref().unwrap_or("answer"), "schema": schema});
            if let Some(description) = description {
                written["description"] = description.as_str().into();
            }
            if let Some(strict) = strict {
                written["strict"] = (*strict).into();
            }
            json!({"type": "json_schema", "json_schema": written})
        }
    };
    body.insert("response_format".to_owned(), format);
}
