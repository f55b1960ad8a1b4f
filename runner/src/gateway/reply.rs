//! Folds the chunks of a streamed chat completion into one reply.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ModelError;

/// Bytes of text, and of all tool arguments, that one reply may have.
const LARGEST_REPLY_BYTES: usize = 8 * 1024 * 1024;
const MOST_TOOL_CALLS: usize = 64;

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub text: String,
    pub tool_calls: Vec<ToolCall>,
    /// The model that answered, as the provider names it.
    pub model: String,
    pub meter: Option<Meter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// JSON text as the model wrote it, valid or not.
    pub arguments: String,
}

/// What one call used, as the gateway recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Meter {
    #[serde(default)]
    pub call_id: Option<String>,
    /// Dollars; `None` when the price is unknown.
    #[serde(default)]
    pub cost: Option<Decimal>,
    #[serde(default)]
    pub input_tokens: u64,
    #[serde(default)]
    pub output_tokens: u64,
}

impl Reply {
    /// The reply as a message of the conversation.
    pub fn message(&self) -> Value {
        let calls: Vec<Value> = self
            .tool_calls
            .iter()
            .map(|call| {
                json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } })
            })
            .collect();
        let content = if self.text.is_empty() { Value::Null } else { json!(self.text) };
        json!({ "role": "assistant", "content": content, "tool_calls": calls })
    }
}

#[derive(Default)]
pub(super) struct Folding {
    text: String,
    calls: Vec<ToolCall>,
    arguments_bytes: usize,
    model: String,
    finished: bool,
    pub(super) meter: Option<Meter>,
    /// The provider's own figures, for a gateway that sends no meter: tokens without a cost.
    reported: Option<Meter>,
}

impl Folding {
    /// One `data:` line. New text is appended to `fresh`.
    pub(super) fn data(&mut self, data: &str, fresh: &mut String) -> Result<(), ModelError> {
        if data == "[DONE]" {
            self.finished = true;
            return Ok(());
        }
        let chunk: Value = serde_json::from_str(data)
            .map_err(|error| ModelError::Malformed(format!("a chunk of the stream is not JSON: {error}")))?;
        if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
            return Err(ModelError::in_stream(error));
        }
        if let Some(model) = chunk["model"].as_str().filter(|_| self.model.is_empty()) {
            self.model = model.to_owned();
        }
        if let Some(usage) = chunk["usage"].as_object() {
            let tokens = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
            self.reported = Some(Meter {
                call_id: None,
                cost: None,
                input_tokens: tokens("prompt_tokens"),
                output_tokens: tokens("completion_tokens"),
            });
        }
        let Some(choice) = chunk["choices"].get(0) else { return Ok(()) };
        self.finished |= choice["finish_reason"].is_string();
        if let Some(text) = choice["delta"]["content"].as_str() {
            self.text.push_str(text);
            fresh.push_str(text);
        }
        for (position, call) in choice["delta"]["tool_calls"].as_array().into_iter().flatten().enumerate() {
            self.tool_call(position, call)?;
        }
        self.check_size()
    }

    /// One piece of a tool call: `index` says of which.
    fn tool_call(&mut self, position: usize, piece: &Value) -> Result<(), ModelError> {
        let index = piece["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(position);
        if index >= MOST_TOOL_CALLS {
            return Err(ModelError::Malformed(format!(
                "the model made more than {MOST_TOOL_CALLS} tool calls at once"
            )));
        }
        if self.calls.len() <= index {
            self.calls.resize_with(index + 1, ToolCall::default);
        }
        let call = &mut self.calls[index];
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        if call.id.is_empty() {
            call.id = text(&piece["id"]);
        }
        if call.name.is_empty() {
            call.name = text(&piece["function"]["name"]);
        }
        let arguments = text(&piece["function"]["arguments"]);
        self.arguments_bytes += arguments.len();
        call.arguments.push_str(&arguments);
        Ok(())
    }

    pub(super) fn comment(&mut self, comment: &str) {
        if let Some(meter) = comment.strip_prefix("aop ").and_then(|json| serde_json::from_str(json).ok()) {
            self.meter = Some(meter);
        }
    }

    fn check_size(&self) -> Result<(), ModelError> {
        if self.text.len() + self.arguments_bytes > LARGEST_REPLY_BYTES {
            return Err(ModelError::Malformed("the answer is larger than 8 MiB".to_owned()));
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Reply, ModelError> {
        if !self.finished {
            return Err(ModelError::Cut("the stream ended before the answer did".to_owned()));
        }
        let mut tool_calls = self.calls;
        tool_calls.retain(|call| !call.name.is_empty());
        for (position, call) in tool_calls.iter_mut().enumerate() {
            // A call without an id could not be answered; its place in the reply names it as well.
            if call.id.is_empty() {
                call.id = format!("call_{position}");
            }
        }
        Ok(Reply { text: self.text, tool_calls, model: self.model, meter: self.meter.or(self.reported) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fold(lines: &[&str]) -> Result<Reply, ModelError> {
        let mut folding = Folding::default();
        let mut text = String::new();
        for line in lines {
            match line.strip_prefix(": ") {
                Some(comment) => folding.comment(comment),
                None => folding.data(line, &mut text)?,
            }
        }
        folding.finish()
    }

    #[test]
    fn text_and_the_gateways_figures_are_read() {
        let reply = fold(&[
            r#"{"model":"m-1","choices":[{"delta":{"role":"assistant","content":"Hel"}}]}"#,
            r#"{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            r#": aop {"call_id":"c","cost":"0.000412","input_tokens":12,"output_tokens":34}"#,
            "[DONE]",
        ])
        .unwrap();
        assert_eq!((reply.text.as_str(), reply.model.as_str()), ("Hello", "m-1"));
        let meter = reply.meter.unwrap();
        assert_eq!((meter.cost, meter.input_tokens), (Some("0.000412".parse().unwrap()), 12));
    }

    #[test]
    fn without_the_gateways_figures_the_cost_is_unknown_not_zero() {
        let reply = fold(&[
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#,
        ]);
        let meter = reply.unwrap().meter.unwrap();
        assert_eq!((meter.cost, meter.input_tokens, meter.output_tokens), (None, 5, 2));
        let unknown: Meter = serde_json::from_str(r#"{"cost":null,"input_tokens":5}"#).unwrap();
        assert_eq!(unknown.cost, None);
    }

    #[test]
    fn parallel_tool_calls_are_put_together_by_index() {
        let reply = fold(&[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"calculator","arguments":"{\"x"}},{"index":1,"id":"b","function":{"name":"http_request","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}},{"index":0,"function":{"arguments":"\":1}"}}]},"finish_reason":"tool_calls"}]}"#,
        ])
        .unwrap();
        assert_eq!(
            reply.tool_calls[0],
            ToolCall { id: "a".into(), name: "calculator".into(), arguments: "{\"x\":1}".into() }
        );
        assert_eq!(reply.tool_calls[1].arguments, "{}");
    }

    #[test]
    fn a_cut_stream_and_an_error_in_the_stream_are_errors() {
        assert!(matches!(fold(&[r#"{"choices":[{"delta":{"content":"Hel"}}]}"#]), Err(ModelError::Cut(_))));
        assert!(matches!(
            fold(&[r#"{"error":{"message":"upstream was cut","code":"upstream_cut"}}"#]),
            Err(ModelError::Cut(message)) if message == "upstream was cut"
        ));
        assert!(matches!(fold(&["{not json"]), Err(ModelError::Malformed(_))));
    }
}
