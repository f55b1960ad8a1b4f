//! A request on the Converse wire, read back into the form: what the property tests hold the writer to.

use serde_json::Value;

use crate::Dialect;
use crate::form::{
    Content, Image, Message, Output, Part, Request, Role, Source, Tool, ToolCall, ToolChoice, ToolKind,
    ToolResult,
};

pub(super) fn read(body: &Value, model: &str) -> Request {
    let mut request = Request::new(Dialect::Chat, model);
    request.system = list(&body["system"]).map(|part| Part::text(text(&part["text"]))).collect();
    request.messages = list(&body["messages"]).map(message).collect();
    request.tools = list(&body["toolConfig"]["tools"]).map(|tool| self::tool(&tool["toolSpec"])).collect();
    let choice = &body["toolConfig"]["toolChoice"];
    request.tool_choice = match (choice["auto"].is_object(), choice["any"].is_object()) {
        (true, _) => Some(ToolChoice::Auto),
        (_, true) => Some(ToolChoice::Required),
        _ => None,
    };
    let config = &body["inferenceConfig"];
    request.sampling.temperature = config["temperature"].as_f64();
    request.sampling.top_p = config["topP"].as_f64();
    request.max_output_tokens = config["maxTokens"].as_u64();
    request.stop = list(&config["stopSequences"]).map(text).collect();
    let format = &body["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    if format.is_object() {
        let schema = serde_json::from_str(format["schema"].as_str().unwrap()).unwrap();
        let name = format["name"].as_str().map(str::to_owned);
        request.output = Output::Schema { name, description: None, schema, strict: None };
    }
    request
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn message(message: &Value) -> Message {
    let role = if message["role"] == "assistant" { Role::Assistant } else { Role::User };
    Message::new(role, list(&message["content"]).map(|block| Part::new(content(block))).collect())
}

fn content(block: &Value) -> Content {
    let (call, result, image) = (&block["toolUse"], &block["toolResult"], &block["image"]);
    if call.is_object() {
        Content::ToolCall(ToolCall {
            id: text(&call["toolUseId"]),
            name: text(&call["name"]),
            arguments: call["input"].to_string(),
        })
    } else if result.is_object() {
        let content = list(&result["content"]).map(|part| Part::text(text(&part["text"]))).collect();
        Content::ToolResult(ToolResult {
            call_id: text(&result["toolUseId"]),
            content,
            is_error: result["status"] == "error",
        })
    } else if image.is_object() {
        let source = Source::Base64 {
            media_type: format!("image/{}", text(&image["format"])),
            data: text(&image["source"]["bytes"]),
        };
        Content::Image(Image { source, detail: None })
    } else {
        Content::Text(text(&block["text"]))
    }
}

fn tool(spec: &Value) -> Tool {
    let kind = ToolKind::Function {
        name: text(&spec["name"]),
        description: spec["description"].as_str().map(str::to_owned),
        parameters: Some(spec["inputSchema"]["json"].clone()),
        strict: None,
    };
    Tool { kind, cache: None }
}
