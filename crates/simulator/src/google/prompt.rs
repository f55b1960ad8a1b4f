//! A request to generate content as a prompt.

use serde_json::{Value, json};

use crate::call::Call;
use crate::prompt::{Format, Prompt, Role, Tool, ToolChoice, Turn};

pub(super) fn read(call: &Call) -> Prompt {
    let body = &call.body;
    let mut turns = Vec::new();
    if let Some(system) = body.pointer("/systemInstruction/parts") {
        turns.push(Turn { role: Role::System, text: said(system) });
    }
    for content in list(&body["contents"]) {
        let role = if content["role"] == "model" { Role::Assistant } else { Role::User };
        let results = list(&content["parts"]).filter(|part| part["functionResponse"].is_object());
        let before = turns.len();
        turns.extend(
            results
                .map(|part| Turn { role: Role::Tool, text: result(&part["functionResponse"]["response"]) }),
        );
        let text = said(&content["parts"]);
        if turns.len() == before || !text.is_empty() {
            turns.push(Turn { role, text });
        }
    }
    let config = &body["generationConfig"];
    Prompt {
        turns,
        tools: list(&body["tools"])
            .flat_map(|tool| list(&tool["functionDeclarations"]))
            .filter_map(tool)
            .collect(),
        tool_choice: tool_choice(&body["toolConfig"]["functionCallingConfig"]),
        format: match (config.get("responseJsonSchema"), config.get("responseSchema")) {
            (Some(schema), _) => Format::Schema(schema.clone()),
            (None, Some(schema)) => Format::Schema(json_schema(schema)),
            _ if config["responseMimeType"] == "application/json" => Format::AnyJson,
            _ => Format::Text,
        },
        max_tokens: config["maxOutputTokens"].as_u64(),
        ..call.prompt()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of parts; another part's kind stands for it, so that it still changes the answer.
pub(super) fn said(parts: &Value) -> String {
    let text = |part: &Value| match (part["text"].as_str(), part.as_object()) {
        (Some(text), _) => (part["thought"] != true).then(|| text.to_owned()),
        (None, Some(fields))
            if fields.contains_key("functionCall") || fields.contains_key("functionResponse") =>
        {
            None
        }
        (None, fields) => fields.and_then(|fields| fields.keys().next()).map(|kind| format!("[{kind}]")),
    };
    list(parts).filter_map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn result(response: &Value) -> String {
    let told = response.get("output").or_else(|| response.get("error")).unwrap_or(response);
    told.as_str().map_or_else(|| told.to_string(), str::to_owned)
}

fn tool(declaration: &Value) -> Option<Tool> {
    Some(Tool {
        name: declaration["name"].as_str()?.to_owned(),
        description: declaration["description"].as_str().unwrap_or_default().to_owned(),
        schema: match (declaration.get("parametersJsonSchema"), declaration.get("parameters")) {
            (Some(schema), _) => schema.clone(),
            (None, Some(schema)) => json_schema(schema),
            (None, None) => json!({ "type": "object" }),
        },
    })
}

/// Google's own schemas write the names of types in capitals.
fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(json_schema).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let value = match value.as_str() {
                    Some(kind) if name == "type" => Value::from(kind.to_ascii_lowercase()),
                    _ => json_schema(value),
                };
                (name.clone(), value)
            })
            .collect(),
        other => other.clone(),
    }
}

fn tool_choice(config: &Value) -> ToolChoice {
    match (config["mode"].as_str(), config.pointer("/allowedFunctionNames/0").and_then(Value::as_str)) {
        (Some("NONE"), _) => ToolChoice::Never,
        (Some("ANY"), Some(name)) => ToolChoice::Named(name.to_owned()),
        (Some("ANY"), None) => ToolChoice::Must,
        _ => ToolChoice::Auto,
    }
}
