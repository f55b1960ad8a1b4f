//! Tools and how the model may choose among them.

use serde_json::{Map, Value, json};

use crate::form::{Request, ToolChoice, ToolKind};
use crate::policy::{Losses, RequestError};
use crate::providers::names;

pub(super) fn write(
    request: &Request,
    body: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<(), RequestError> {
    let mut declarations = Vec::new();
    for (at, tool) in request.tools.iter().enumerate() {
        if tool.cache.is_some() {
            losses.dropped("cache_control");
        }
        match &tool.kind {
            ToolKind::Foreign(_) => losses.unsupported(format!("tools[{at}]"))?,
            ToolKind::Function { name, description, parameters, strict } => {
                if *strict == Some(true) {
                    losses.dropped(format!("tools[{at}].strict"));
                }
                declarations.push(declaration(name, description.as_deref(), parameters.as_ref()));
            }
        }
    }
    if !declarations.is_empty() {
        body.insert("tools".to_owned(), json!([{"functionDeclarations": declarations}]));
    }
    if let Some(choice) = &request.tool_choice {
        body.insert("toolConfig".to_owned(), json!({"functionCallingConfig": calling(choice)}));
    }
    names::no_parallel_switch(request, losses)
}

fn declaration(name: &str, description: Option<&str>, parameters: Option<&Value>) -> Value {
    let mut declaration = json!({"name": name});
    if let Some(description) = description {
        declaration["description"] = description.into();
    }
    if let Some(parameters) = parameters {
        declaration["parametersJsonSchema"] = parameters.clone();
    }
    declaration
}

fn calling(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Function(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    }
}
