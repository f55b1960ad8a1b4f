//! A request on Gemini's wire, read back into the form: what the property tests hold the writer to.

use serde_json::Value;

use crate::Dialect;
use crate::form::{
    Content, Image, Message, Output, Part, Request, Role, Source, Tool, ToolCall, ToolChoice, ToolKind,
    ToolResult,
};

pub(super) fn read(body: &Value, model: &str) -> Request {
    let mut request = Request::new(Dialect::Chat, model);
    request.system =
        list(&body["systemInstruction"]["parts"]).map(|part| Part::text(text(&part["text"]))).collect();
    request.messages = list(&body["contents"]).map(message).collect();
    request.tools =
        list(&body["tools"]).flat_map(|tool| list(&tool["functionDeclarations"])).map(tool).collect();
    request.tool_choice = match body["toolConfig"]["functionCallingConfig"]["mode"].as_str() {
        None => None,
        Some("AUTO") => Some(ToolChoice::Auto),
        Some("ANY") => Some(ToolChoice::Required),
        Some(other) => panic!("{other}"),
    };
    let config = &body["generationConfig"];
    request.sampling.temperature = config["temperature"].as_f64();
    request.sampling.top_p = config["topP"].as_f64();
    request.max_output_tokens = config["maxOutputTokens"].as_u64();
    request.stop = list(&config["stopSequences"]).map(text).collect();
    if config["responseJsonSchema"].is_object() {
        assert_eq!(config["responseMimeType"], "application/json");
        let schema = config["responseJsonSchema"].clone();
        request.output =
            Output::Schema { name: Some("answer".to_owned()), description: None, schema, strict: None };
    }
    request
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn message(content: &Value) -> Message {
    let role = if content["role"] == "model" { Role::Assistant } else { Role::User };
    Message::new(role, list(&content["parts"]).map(|read| Part::new(part(read))).collect())
}

fn part(part: &Value) -> Content {
    let (call, result, data) = (&part["functionCall"], &part["functionResponse"], &part["inlineData"]);
    if call.is_object() {
        Content::ToolCall(ToolCall {
            id: text(&call["id"]),
            name: text(&call["name"]),
            arguments: call["args"].to_string(),
        })
    } else if result.is_object() {
        let (key, output) = result["response"].as_object().unwrap().iter().next().unwrap();
        Content::ToolResult(ToolResult {
            call_id: text(&result["id"]),
            content: vec![Part::text(text(output))],
            is_error: key == "error",
        })
    } else if data.is_object() {
        let source = Source::Base64 { media_type: text(&data["mimeType"]), data: text(&data["data"]) };
        Content::Image(Image { source, detail: None })
    } else {
        Content::Text(text(&part["text"]))
    }
}

fn tool(declaration: &Value) -> Tool {
    let kind = ToolKind::Function {
        name: text(&declaration["name"]),
        description: declaration["description"].as_str().map(str::to_owned),
        parameters: Some(declaration["parametersJsonSchema"].clone()),
        strict: None,
    };
    Tool { kind, cache: None }
}
