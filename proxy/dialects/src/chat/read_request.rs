//! A chat completion's request, into the form.

use serde_json::Value;

use crate::Dialect;
use crate::data_url;
use crate::form::{
    Audio, CacheMarker, Content, Effort, File, Image, Message, Output, Part, Reasoning, Request, Role,
    Sampling, Thinking, Tool, ToolCall, ToolChoice, ToolKind, ToolResult,
};
use crate::object::Object;
use crate::policy::RequestError;

/// The most alternatives the dialect has for a token.
const MAX_TOP_LOGPROBS: u64 = 20;

pub fn read(body: &[u8]) -> Result<Request, RequestError> {
    let mut object = Object::top(body)?;
    let mut request = Request::new(Dialect::Chat, object.need_text("model")?);
    let mut unread = Vec::new();
    let messages = object.list("messages")?.ok_or_else(|| object.invalid("messages", "is missing"))?;
    for (at, message) in messages.into_iter().enumerate() {
        turn(Object::of(message, &format!("messages[{at}]"))?, &mut request, &mut unread)?;
    }
    for (at, value) in object.list("tools")?.unwrap_or_default().into_iter().enumerate() {
        request.tools.push(tool(value, &format!("tools[{at}]"), &mut unread)?);
    }
    request.tool_choice = tool_choice(&mut object)?;
    request.parallel_tools = object.flag("parallel_tool_calls")?;
    request.output = output(&mut object, &mut unread)?;
    request.sampling = sampling(&mut object)?;
    let old = object.unsigned("max_tokens")?;
    request.max_output_tokens = object.unsigned("max_completion_tokens")?.or(old);
    if let Some(effort) = object.text("reasoning_effort")? {
        let effort = Effort::find(&effort)
            .ok_or_else(|| object.invalid("reasoning_effort", "is not an effort that is known"))?;
        request.reasoning = Some(Reasoning { effort: Some(effort), ..Reasoning::default() });
    }
    request.stop = stop(&mut object)?;
    if object.flag("logprobs")?.unwrap_or(false) {
        let top = object.unsigned("top_logprobs")?.unwrap_or(0);
        request.logprobs = Some(top.min(MAX_TOP_LOGPROBS) as u8);
    }
    request.user = object.text("user")?;
    request.metadata = object.map("metadata")?.unwrap_or_default();
    request.service_tier = object.text("service_tier")?;
    request.verbosity = object.text("verbosity")?;
    request.stream = object.flag("stream")?.unwrap_or(false);
    if let Some(mut options) = object.object("stream_options")? {
        request.stream_usage = options.flag("include_usage")?.unwrap_or(false);
        // Padding against onlookers: nothing a target would have to say.
        options.any("include_obfuscation");
        options.end(&mut unread);
    }
    request.rest = object.into_rest();
    request.unread = unread;
    Ok(request)
}

fn sampling(object: &mut Object) -> Result<Sampling, RequestError> {
    Ok(Sampling {
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        top_k: object.unsigned("top_k")?,
        frequency_penalty: object.number("frequency_penalty")?,
        presence_penalty: object.number("presence_penalty")?,
        seed: object.integer("seed")?,
    })
}

fn stop(object: &mut Object) -> Result<Vec<String>, RequestError> {
    match object.any("stop") {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(many)) => many
            .into_iter()
            .map(|stop| match stop {
                Value::String(stop) => Ok(stop),
                _ => Err(object.invalid("stop", "must hold strings")),
            })
            .collect(),
        Some(_) => Err(object.invalid("stop", "must be a string or a list of strings")),
    }
}

fn turn(mut message: Object, request: &mut Request, unread: &mut Vec<String>) -> Result<(), RequestError> {
    let role = message.need_text("role")?;
    let name = message.text("name")?;
    match role.as_str() {
        "system" | "developer" => {
            let parts = content(&mut message, unread)?;
            if request.messages.is_empty() && name.is_none() {
                request.system.extend(parts);
            } else {
                request.messages.push(Message { role: Role::System, parts, name });
            }
        }
        "user" => {
            let parts = content(&mut message, unread)?;
            request.messages.push(Message { role: Role::User, parts, name });
        }
        "assistant" => {
            let parts = assistant(&mut message, unread)?;
            request.messages.push(Message { role: Role::Assistant, parts, name });
        }
        "tool" => {
            let call_id = message.need_text("tool_call_id")?;
            let cache = cache(&mut message)?;
            let result = ToolResult { call_id, content: content(&mut message, unread)?, is_error: false };
            add_result(request, Part { content: Content::ToolResult(result), cache });
        }
        _ => return Err(message.invalid("role", "must be system, developer, user, assistant or tool")),
    }
    message.end(unread);
    Ok(())
}

/// The results of calls made together stand in one turn.
fn add_result(request: &mut Request, result: Part) {
    let is_result = |part: &Part| matches!(part.content, Content::ToolResult(_));
    match request.messages.last_mut() {
        Some(last) if last.role == Role::User && last.parts.last().is_some_and(is_result) => {
            last.parts.push(result)
        }
        _ => request.messages.push(Message::new(Role::User, vec![result])),
    }
}

/// `content`: a string or a list of parts.
fn content(message: &mut Object, unread: &mut Vec<String>) -> Result<Vec<Part>, RequestError> {
    match message.any("content") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(parts)) => {
            let named = message.name("content");
            let read = parts
                .into_iter()
                .enumerate()
                .map(|(at, value)| part(value, &format!("{named}[{at}]"), unread));
            read.collect()
        }
        Some(_) => Err(message.invalid("content", "must be a string or a list of parts")),
    }
}

fn part(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Part, RequestError> {
    let mut part = Object::of(value, path)?;
    let cache = cache(&mut part)?;
    let content = match part.need_text("type")?.as_str() {
        "text" => Content::Text(part.need_text("text")?),
        "refusal" => Content::Refusal(part.need_text("refusal")?),
        "image_url" => {
            let mut image =
                part.object("image_url")?.ok_or_else(|| part.invalid("image_url", "is missing"))?;
            let read =
                Image { source: data_url::read(image.need_text("url")?), detail: image.text("detail")? };
            image.end(unread);
            Content::Image(read)
        }
        "file" => {
            let mut file = part.object("file")?.ok_or_else(|| part.invalid("file", "is missing"))?;
            let (data, id) = (file.text("file_data")?, file.text("file_id")?);
            let source = data.map(data_url::read).or(id.map(crate::form::Source::FileId));
            let source = source.ok_or_else(|| file.invalid("file_data", "is missing"))?;
            let read = File { source, name: file.text("filename")? };
            file.end(unread);
            Content::File(read)
        }
        "input_audio" => {
            let mut audio =
                part.object("input_audio")?.ok_or_else(|| part.invalid("input_audio", "is missing"))?;
            let read = Audio { data: audio.need_text("data")?, format: audio.need_text("format")? };
            audio.end(unread);
            Content::Audio(read)
        }
        _ => return Err(part.invalid("type", "is not a kind of content that is known")),
    };
    part.end(unread);
    Ok(Part { content, cache })
}

/// `cache_control` is Anthropic's; servers in between take it in this dialect too.
fn cache(part: &mut Object) -> Result<Option<CacheMarker>, RequestError> {
    let Some(mut control) = part.object("cache_control")? else { return Ok(None) };
    let long = control.text("ttl")?.as_deref() == Some("1h");
    Ok(Some(if long { CacheMarker::Long } else { CacheMarker::Short }))
}

fn assistant(message: &mut Object, unread: &mut Vec<String>) -> Result<Vec<Part>, RequestError> {
    let mut parts = thinking(message)?;
    parts.extend(content(message, unread)?);
    if let Some(refusal) = message.text("refusal")? {
        parts.push(Part::new(Content::Refusal(refusal)));
    }
    let named = message.name("tool_calls");
    for (at, value) in message.list("tool_calls")?.unwrap_or_default().into_iter().enumerate() {
        let mut call = Object::of(value, &format!("{named}[{at}]"))?;
        let kind = call.text("type")?;
        let Some(mut function) = call.object("function")? else {
            return Err(call.invalid("function", "is missing: only function tools are known here"));
        };
        if kind.is_some_and(|kind| kind != "function") {
            return Err(call.invalid("type", "must be function"));
        }
        let read = ToolCall {
            id: call.need_text("id")?,
            name: function.need_text("name")?,
            arguments: function.text("arguments")?.unwrap_or_default(),
        };
        // Where the call stood in its stream.
        call.any("index");
        function.end(unread);
        call.end(unread);
        parts.push(Part::new(Content::ToolCall(read)));
    }
    // What providers say about an answer and do not read again.
    message.any("annotations");
    message.any("provider_specific_fields");
    Ok(parts)
}

/// Thinking in front of an answer, as [`super::response`] writes it.
fn thinking(message: &mut Object) -> Result<Vec<Part>, RequestError> {
    let reasoning = message.text("reasoning")?;
    let plain = message.text("reasoning_content")?.or(reasoning);
    let mut parts = Vec::new();
    for detail in message.list("reasoning_details")?.unwrap_or_default() {
        parts.extend(super::response::reasoning_detail(&detail));
    }
    if parts.is_empty() {
        let thought = |text| Part::new(Content::Thinking(Thinking { text, ..Thinking::default() }));
        parts.extend(plain.filter(|text| !text.is_empty()).map(thought));
    }
    Ok(parts)
}

fn tool(value: Value, path: &str, unread: &mut Vec<String>) -> Result<Tool, RequestError> {
    let mut tool = Object::of(value.clone(), path)?;
    let cache = cache(&mut tool)?;
    let kind = tool.need_text("type")?;
    if kind != "function" {
        let foreign = crate::form::Foreign { dialect: Dialect::Chat, what: kind, value };
        return Ok(Tool { kind: ToolKind::Foreign(foreign), cache });
    }
    let mut function = tool.object("function")?.ok_or_else(|| tool.invalid("function", "is missing"))?;
    let kind = ToolKind::Function {
        name: function.need_text("name")?,
        description: function.text("description")?,
        parameters: function.map("parameters")?.map(Value::Object),
        strict: function.flag("strict")?,
    };
    function.end(unread);
    tool.end(unread);
    Ok(Tool { kind, cache })
}

fn tool_choice(object: &mut Object) -> Result<Option<ToolChoice>, RequestError> {
    match object.any("tool_choice") {
        None => Ok(None),
        Some(Value::String(choice)) => match choice.as_str() {
            "auto" => Ok(Some(ToolChoice::Auto)),
            "none" => Ok(Some(ToolChoice::None)),
            "required" => Ok(Some(ToolChoice::Required)),
            _ => Err(object.invalid("tool_choice", "must be none, auto, required or a function")),
        },
        Some(choice) => match choice["function"]["name"].as_str() {
            Some(name) => Ok(Some(ToolChoice::Function(name.to_owned()))),
            None => {
                object.put_back("tool_choice", choice);
                Ok(None)
            }
        },
    }
}

fn output(object: &mut Object, unread: &mut Vec<String>) -> Result<Output, RequestError> {
    let Some(mut format) = object.object("response_format")? else { return Ok(Output::Text) };
    let output = match format.need_text("type")?.as_str() {
        "text" => Output::Text,
        "json_object" => Output::Json,
        "json_schema" => {
            let mut schema =
                format.object("json_schema")?.ok_or_else(|| format.invalid("json_schema", "is missing"))?;
            let output = Output::Schema {
                name: schema.text("name")?,
                description: schema.text("description")?,
                schema: schema.any("schema").unwrap_or_default(),
                strict: schema.flag("strict")?,
            };
            schema.end(unread);
            output
        }
        _ => return Err(format.invalid("type", "must be text, json_object or json_schema")),
    };
    format.end(unread);
    Ok(output)
}
