//! The tools a model may call. What a tool may do is decided here, never by the model: a call that names another tool,
//! or arguments of another shape, gets an error text back.
//!
//! A failed tool is not a failed run: the model reads the error and goes on (CrewAI's meaning).

use serde::Deserialize;
use serde_json::{Value, json};

use aop_domain::crew::Tool;
use aop_service::outbound::{OutboundError, Policy};

pub mod calculator;
pub mod http_request;
mod lexer;

use http_request::HttpRequest;

/// What a tool gave back: the text the model reads, and whether it is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub text: String,
    pub failed: bool,
}

impl Outcome {
    fn of(result: Result<String, String>) -> Self {
        match result {
            Ok(text) => Self { text, failed: false },
            Err(message) => Self { text: format!("Error: {message}"), failed: true },
        }
    }
}

/// Runs tool calls. Cheap to clone.
#[derive(Clone)]
pub struct Toolbox {
    http: HttpRequest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expression {
    expression: String,
}

impl Toolbox {
    /// `policy` bounds where the HTTP request tool may go.
    pub fn new(policy: Policy) -> Result<Self, OutboundError> {
        Ok(Self { http: HttpRequest::new(policy)? })
    }

    /// Runs one call as the model wrote it. `allowed` are the tools of the task.
    pub async fn run(&self, allowed: &[Tool], name: &str, arguments: &str) -> Outcome {
        let Some(tool) = Tool::from_name(name).filter(|tool| allowed.contains(tool)) else {
            let names: Vec<_> = allowed.iter().map(|tool| tool.name()).collect();
            return Outcome::of(Err(format!("there is no tool '{name}'; there are: {}", names.join(", "))));
        };
        Outcome::of(match tool {
            Tool::Calculator => calculate(arguments),
            Tool::HttpRequest => self.request(arguments).await,
        })
    }

    async fn request(&self, arguments: &str) -> Result<String, String> {
        let arguments = read_arguments(arguments)?;
        self.http.run(arguments).await.map_err(|error| error.to_string())
    }
}

fn calculate(arguments: &str) -> Result<String, String> {
    let Expression { expression } = read_arguments(arguments)?;
    calculator::evaluate(&expression).map(|value| value.to_string()).map_err(|error| error.to_string())
}

fn read_arguments<T: serde::de::DeserializeOwned>(arguments: &str) -> Result<T, String> {
    serde_json::from_str(arguments).map_err(|error| format!("the arguments do not fit the tool: {error}"))
}

/// The tools of a request on OpenAI's wire.
pub fn definitions(tools: &[Tool]) -> Value {
    tools.iter().map(|&tool| definition(tool)).collect()
}

fn definition(tool: Tool) -> Value {
    let (description, parameters) = match tool {
        Tool::Calculator => (
            "Exact decimal arithmetic: + - * / % ^, parentheses, abs, min, max, round(value, decimals).",
            json!({
                "type": "object",
                "properties": {
                    "expression": { "type": "string", "description": "For example (1250 * 0.08) / 12" }
                },
                "required": ["expression"],
                "additionalProperties": false
            }),
        ),
        Tool::HttpRequest => (
            "Sends one HTTP request to a public address and returns the status and the start of the answer.",
            json!({
                "type": "object",
                "properties": {
                    "method": { "type": "string", "enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] },
                    "url": { "type": "string", "description": "An http or https address" },
                    "headers": { "type": "object", "additionalProperties": { "type": "string" } },
                    "body": { "type": "string" }
                },
                "required": ["url"],
                "additionalProperties": false
            }),
        ),
    };
    json!({
        "type": "function",
        "function": { "name": tool.name(), "description": description, "parameters": parameters }
    })
}
