//! What an answer says, as checks of a whole answer want it: every text in order, and among them the texts that are the
//! model's output proper, which a schema is about. Calls of tools and refusals are neither.

use serde_json::Value;

use crate::sse::Piece;

/// More of an answer is not looked at as a whole.
pub const MOST_BYTES: usize = 1 << 20;
/// Parts of a Responses stream's texts that tell one message from another.
const OF_MESSAGE: &str = "|output_index=";

/// What has been said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Said {
    /// By the name that its pieces have; of a whole answer, where it stands.
    texts: Vec<(String, String)>,
    outputs: Vec<(String, String)>,
    /// The model calls tools or refuses: what it says beside that is no output.
    is_other: bool,
    bytes: usize,
}

impl Said {
    /// Of a whole answer.
    pub fn in_answer(answer: &Value) -> Self {
        let mut said = Self::default();
        said.collect(answer, &mut String::new());
        said.outputs = outputs(answer);
        said.is_other = is_other(answer);
        said
    }

    /// Every text of fields that hold text, in order.
    fn collect(&mut self, value: &Value, pointer: &mut String) {
        let length = pointer.len();
        match value {
            Value::String(text) if is_text(text) => {
                self.bytes += text.len();
                self.texts.push((pointer.clone(), text.clone()));
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    pointer.push_str(&format!("/{at}"));
                    self.collect(item, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields.iter().filter(|(name, _)| crate::screen::holds_text(name)) {
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    self.collect(value, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// Of a request: the fields in which something is said.
    pub fn in_request(request: &Value) -> Self {
        let mut said = Self::default();
        for name in crate::screen::SAID {
            if let Some(value) = request.get(*name) {
                said.collect(value, &mut format!("/{name}"));
            }
        }
        said
    }

    /// One piece of a stream more.
    pub fn piece(&mut self, piece: &Piece, said: &str) {
        self.bytes += said.len();
        append(&mut self.texts, &piece.text, said);
        if let Some(output) = output_of(piece) {
            append(&mut self.outputs, output, said);
        }
        let pointer = piece.pointer.as_str();
        self.is_other |= pointer.contains("/tool_calls/")
            || pointer.ends_with("/refusal")
            || pointer.ends_with("/partial_json")
            || piece.text.contains("|type=\"response.refusal.delta\"")
            || piece.text.contains("_call_arguments.delta\"");
    }

    /// An event of a stream that tells something whole.
    pub fn event(&mut self, value: &Value) {
        let begun = value.get("content_block").or_else(|| value.get("item"));
        self.is_other |= begun.is_some_and(is_call);
    }

    pub fn is_too_long(&self) -> bool {
        self.bytes > MOST_BYTES
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(_, text)| text.as_str())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(name, _)| name.as_str())
    }

    /// What a schema is about. `None`: the answer is something else than output.
    pub fn outputs(&self) -> Option<Vec<&str>> {
        if self.is_other {
            return None;
        }
        // An answer that says nothing is no JSON either.
        let outputs: Vec<&str> = self.outputs.iter().map(|(_, text)| text.as_str()).collect();
        Some(if outputs.is_empty() { vec![""] } else { outputs })
    }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && !text.starts_with("data:")
}

fn append(texts: &mut Vec<(String, String)>, name: &str, said: &str) {
    match texts.iter_mut().rev().find(|(known, _)| known == name) {
        Some((_, text)) => text.push_str(said),
        None => texts.push((name.to_owned(), said.to_owned())),
    }
}

/// The output that a piece continues; all text of an Anthropic message is one.
fn output_of(piece: &Piece) -> Option<&str> {
    let pointer = piece.pointer.as_str();
    let is_choice = pointer.starts_with("/choices/");
    if is_choice && (pointer.ends_with("/delta/content") || pointer.ends_with("/text")) {
        return Some(&piece.text);
    }
    if pointer == "/delta/text" {
        return Some("");
    }
    if pointer == "/delta" && piece.text.contains("|type=\"response.output_text.delta\"") {
        let from = piece.text.find(OF_MESSAGE)?;
        return piece.text[from..].split_inclusive(';').next();
    }
    None
}

fn text_of<'a>(parts: &'a Value, kinds: &[&str]) -> Option<String> {
    let of_kind = |part: &&'a Value| part["type"].as_str().is_some_and(|kind| kinds.contains(&kind));
    let texts: Vec<&str> =
        parts.as_array()?.iter().filter(of_kind).filter_map(|part| part["text"].as_str()).collect();
    (!texts.is_empty()).then(|| texts.concat())
}

fn outputs(answer: &Value) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    for choice in answer["choices"].as_array().into_iter().flatten() {
        let said = choice["message"]["content"].as_str().or_else(|| choice["text"].as_str());
        outputs.extend(said.map(|said| (choice["index"].to_string(), said.to_owned())));
    }
    outputs.extend(text_of(&answer["content"], &["text"]).map(|said| (String::new(), said)));
    for item in answer["output"].as_array().into_iter().flatten().filter(|item| item["type"] == "message") {
        outputs.extend(text_of(&item["content"], &["output_text"]).map(|said| (String::new(), said)));
    }
    outputs
}

fn is_call(part: &Value) -> bool {
    let kind = part["type"].as_str().unwrap_or_default();
    kind == "tool_use" || kind == "refusal" || kind.ends_with("_call")
}

fn is_other(answer: &Value) -> bool {
    let in_choice = |choice: &Value| {
        let message = &choice["message"];
        let calls = message["tool_calls"].as_array().is_some_and(|calls| !calls.is_empty());
        calls || message["refusal"].is_string() || message["function_call"].is_object()
    };
    let list = |name: &str| answer[name].as_array().into_iter().flatten();
    // A job that goes on in the background has not answered yet.
    let is_under_way = matches!(answer["status"].as_str(), Some("queued" | "in_progress"));
    is_under_way
        || list("choices").any(in_choice)
        || list("content").any(is_call)
        || list("output").any(|item| {
            is_call(item) || item["content"].as_array().is_some_and(|parts| parts.iter().any(is_call))
        })
}

/// The schema that a request wants its answer to fit. `None`: it declares none.
pub fn declared(request: &Value) -> Option<Value> {
    let format = [
        &request["response_format"],
        &request["text"]["format"],
        &request["output_config"]["format"],
        &request["output_format"],
    ]
    .into_iter()
    .find(|format| format.is_object())?;
    match format["type"].as_str()? {
        "json_object" => Some(serde_json::json!({"type": "object"})),
        "json_schema" => {
            let schema = format.get("json_schema").map_or(&format["schema"], |named| &named["schema"]);
            (!schema.is_null()).then(|| schema.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sse::pieces;
    use serde_json::json;

    fn streamed(events: &[Value]) -> Said {
        let mut said = Said::default();
        for event in events {
            let found = pieces(event);
            if found.is_empty() {
                said.event(event);
            }
            for piece in found {
                let text = event.pointer(&piece.pointer).and_then(Value::as_str).unwrap().to_owned();
                said.piece(&piece, &text);
            }
        }
        said
    }

    #[test]
    fn a_stream_says_what_the_whole_answer_says_in_every_dialect() {
        let chat =
            |index: u32, text: &str| json!({"choices": [{"index": index, "delta": {"content": text}}]});
        let block = |index: u32, text: &str| json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}});
        let item = |output: u32, part: u32, text: &str| json!({"type": "response.output_text.delta", "item_id": format!("i{output}"), "output_index": output, "content_index": part, "delta": text});
        let thinking = json!({"type": "content_block_delta", "index": 9, "delta": {"type": "thinking_delta", "thinking": "hm"}});
        for (events, whole, outputs) in [
            (
                vec![chat(0, "{\"a\""), chat(1, "[1"), chat(0, ":1}"), chat(1, "]")],
                json!({"choices": [{"index": 0, "message": {"content": "{\"a\":1}"}}, {"index": 1, "message": {"content": "[1]"}}]}),
                vec!["{\"a\":1}", "[1]"],
            ),
            (
                vec![thinking, block(0, "{\"a\""), block(1, ":1}")],
                json!({"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "{\"a\""}, {"type": "text", "text": ":1}"}]}),
                vec!["{\"a\":1}"],
            ),
            (
                vec![item(0, 0, "{"), item(0, 1, "}"), item(1, 0, "[]")],
                json!({"output": [
                    {"type": "message", "content": [{"type": "output_text", "text": "{"}, {"type": "output_text", "text": "}"}]},
                    {"type": "message", "content": [{"type": "output_text", "text": "[]"}]},
                ]}),
                vec!["{}", "[]"],
            ),
        ] {
            let (stream, answer) = (streamed(&events), Said::in_answer(&whole));
            assert_eq!(stream.outputs().unwrap(), outputs, "{whole}");
            assert_eq!(answer.outputs().unwrap(), outputs, "{whole}");
            assert_eq!(stream.texts().collect::<String>(), answer.texts().collect::<String>(), "{whole}");
        }
    }

    #[test]
    fn calls_of_tools_and_refusals_are_no_output_and_silence_is_no_json() {
        for whole in [
            json!({"choices": [{"index": 0, "message": {"content": null, "tool_calls": [{"id": "a"}]}}]}),
            json!({"choices": [{"index": 0, "message": {"content": null, "refusal": "no"}}]}),
            json!({"content": [{"type": "text", "text": "I look."}, {"type": "tool_use", "name": "x"}]}),
            json!({"output": [{"type": "function_call", "name": "x"}]}),
            json!({"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]}),
            json!({"output": [], "status": "queued"}),
        ] {
            assert_eq!(Said::in_answer(&whole).outputs(), None, "{whole}");
        }
        let begun = json!({"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "name": "x"}});
        assert_eq!(streamed(&[begun]).outputs(), None);
        let silent = json!({"choices": [{"index": 0, "message": {"content": null}}]});
        assert_eq!(Said::in_answer(&silent).outputs().unwrap(), [""]);
    }

    #[test]
    fn a_declared_schema_is_found_in_each_dialects_words() {
        let schema = json!({"type": "object", "required": ["a"]});
        for request in [
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}),
            json!({"text": {"format": {"type": "json_schema", "name": "n", "schema": schema}}}),
            json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}}),
            json!({"output_format": {"type": "json_schema", "schema": schema}}),
        ] {
            assert_eq!(declared(&request).as_ref(), Some(&schema), "{request}");
        }
        assert_eq!(
            declared(&json!({"response_format": {"type": "json_object"}})),
            Some(json!({"type": "object"}))
        );
        assert_eq!(declared(&json!({"response_format": {"type": "text"}})), None);
        assert_eq!(declared(&json!({"text": {"verbosity": "low"}})), None);
    }
}
