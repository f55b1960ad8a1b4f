//! A request on Cohere's wire, read back into the form: what the property tests hold the writer to.

use serde_json::Value;

use crate::form::{
    Content, Image, Message, Output, Part, Request, Role, Tool, ToolCall, ToolChoice, ToolKind, ToolResult,
};
use crate::{Dialect, data_url};

/// The request without what this wire has no word for: a schema's name, a failed result, and `auto`, which is what goes
/// without saying.
pub(super) fn sayable(mut request: Request) -> Request {
    if let Output::Schema { name, .. } = &mut request.output {
        *name = None;
    }
    for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
        if let Content::ToolResult(result) = &mut part.content {
            result.is_error = false;
        }
    }
    request.tool_choice = request.tool_choice.filter(|choice| *choice != ToolChoice::Auto);
    request
}

pub(super) fn read(body: &Value) -> Request {
    let mut request = Request::new(Dialect::Chat, body["model"].as_str().unwrap());
    let mut results: Vec<Part> = Vec::new();
    for message in list(&body["messages"]) {
        let parts = parts(message);
        match message["role"].as_str().unwrap() {
            "system" => request.system = parts,
            "tool" => results.push(Part::new(Content::ToolResult(ToolResult {
                call_id: text(&message["tool_call_id"]),
                content: parts,
                is_error: false,
            }))),
            "user" => request
                .messages
                .push(Message::new(Role::User, [std::mem::take(&mut results), parts].concat())),
            _ => request.messages.push(Message::new(Role::Assistant, parts)),
        }
    }
    request.tools = list(&body["tools"]).map(|tool| self::tool(&tool["function"])).collect();
    request.tool_choice = body["tool_choice"].as_str().map(|_| ToolChoice::Required);
    request.sampling.temperature = body["temperature"].as_f64();
    request.sampling.top_p = body["p"].as_f64();
    request.max_output_tokens = body["max_tokens"].as_u64();
    request.stop = list(&body["stop_sequences"]).map(text).collect();
    let schema = &body["response_format"]["json_schema"];
    if schema.is_object() {
        request.output =
            Output::Schema { name: None, description: None, schema: schema.clone(), strict: None };
    }
    request
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn parts(message: &Value) -> Vec<Part> {
    let mut parts: Vec<Part> = match &message["content"] {
        Value::String(text) => vec![Part::text(text.as_str())],
        content => list(content).map(|part| Part::new(content_of(part))).collect(),
    };
    parts.extend(list(&message["tool_calls"]).map(|call| {
        let function = &call["function"];
        Part::new(Content::ToolCall(ToolCall {
            id: text(&call["id"]),
            name: text(&function["name"]),
            arguments: text(&function["arguments"]),
        }))
    }));
    parts
}

fn content_of(part: &Value) -> Content {
    match part["type"].as_str().unwrap() {
        "image_url" => {
            Content::Image(Image { source: data_url::read(text(&part["image_url"]["url"])), detail: None })
        }
        _ => Content::Text(text(&part["text"])),
    }
}

fn tool(function: &Value) -> Tool {
    let kind = ToolKind::Function {
        name: text(&function["name"]),
        description: function["description"].as_str().map(str::to_owned),
        parameters: Some(function["parameters"].clone()),
        strict: None,
    };
    Tool { kind, cache: None }
}
