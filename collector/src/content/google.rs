//! Google's bodies: a system instruction, `contents` of `parts`, an answer's candidates. A content is one piece, as it was
//! written: what a model answered goes back as history in the same words.

use serde_json::{Map, Value};

use super::{Content, Piece, canonical, preview};

/// The instruction and the history, where they stand in the body.
pub(super) fn take_request(fields: &mut Map<String, Value>, content: &mut Content) {
    for name in ["systemInstruction", "system_instruction"] {
        if fields.get(name).is_some_and(|said| parts(said).is_some())
            && let Some(Value::Object(mut said)) = fields.shift_remove(name)
        {
            // Clients write a user's role here, or none.
            said.insert("role".to_owned(), "system".into());
            content.inputs.push(Piece::new("system", Value::Object(said)));
        }
    }
    let contents = match fields.get("contents") {
        Some(Value::Array(contents)) if contents.iter().all(|one| parts(one).is_some()) => contents,
        Some(one @ Value::Object(_)) if parts(one).is_some() => std::slice::from_ref(one),
        _ => return,
    };
    for said in contents.iter().filter_map(Value::as_object) {
        let said = canonical::message(said.clone());
        let role = role_of(&said);
        if matches!(role, "user" | "tool") || content.input_preview.is_empty() {
            content.input_preview = preview::of_message(&said);
        }
        content.inputs.push(Piece::new(role, Value::Object(said)));
    }
    fields.shift_remove("contents");
}

/// What each candidate says. It stays as it is in the rest of the answer.
pub(super) fn candidates(answer: &mut Map<String, Value>) -> Vec<Map<String, Value>> {
    let candidates = answer.get_mut("candidates").and_then(Value::as_array_mut).into_iter().flatten();
    let contents =
        candidates.filter_map(|candidate| match candidate.as_object_mut()?.shift_remove("content") {
            Some(Value::Object(said)) => Some(canonical::message(said)),
            _ => None,
        });
    contents.filter(|said| said.contains_key("parts")).collect()
}

fn parts(said: &Value) -> Option<&Value> {
    said.get("parts").filter(|parts| parts.is_array() || parts.is_object())
}

fn role_of(said: &Map<String, Value>) -> &'static str {
    let is_told =
        |part: &Value| ["functionResponse", "function_response"].iter().any(|key| part.get(key).is_some());
    let parts = said.get("parts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match said.get("role").and_then(Value::as_str).unwrap_or("user") {
        "model" => "assistant",
        "function" => "tool",
        "system" => "system",
        _ if !parts.is_empty() && parts.iter().all(is_told) => "tool",
        _ => "user",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn asked(body: &Value) -> Content {
        Content::of(body.to_string().as_bytes(), b"", false)
    }

    fn piece(parts: &Value) -> Value {
        json!({"candidates": [{"content": {"parts": parts, "role": "model"}, "index": 0}], "responseId": "r", "modelVersion": "m"})
    }

    #[test]
    fn a_request_is_taken_apart_by_who_speaks() {
        let content = asked(&json!({
            "systemInstruction": {"parts": [{"text": "You know tides."}], "role": "user"},
            "contents": [
                {"role": "user", "parts": [{"text": "When?"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "tides", "args": {"at": "Oslo"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "tides", "response": {"result": "At ten."}}}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "tides"}]}],
            "generationConfig": {"temperature": 1},
        }));
        let roles: Vec<&str> = content.inputs.iter().map(|piece| piece.role.as_str()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool"]);
        assert_eq!(content.input_preview, "At ten.");
        assert!(content.tools.unwrap().content.contains("functionDeclarations"));
        assert_eq!(content.params, r#"{"generationConfig":{"temperature":1}}"#);
        let one = asked(&json!({"contents": {"role": "user", "parts": {"text": "hi"}}}));
        assert_eq!(one.inputs.len(), 1);
        // What is something else stays where it is.
        let other = asked(&json!({"contents": ["a text to embed"]}));
        assert_eq!((other.inputs.len(), other.params.as_str()), (0, r#"{"contents":["a text to embed"]}"#));
    }

    #[test]
    fn an_answer_is_one_piece_whole_streamed_as_an_array_and_as_history() {
        let call = json!({"functionCall": {"name": "tides", "args": {"at": "Oslo"}}});
        let whole = piece(&json!([{"text": "Let me see."}, call]));
        let pieces =
            [piece(&json!([{"text": "Let me "}])), piece(&json!([{"text": "see."}])), piece(&json!([call]))];
        let events: String = pieces.iter().map(|piece| format!("data: {piece}\r\n\r\n")).collect();
        let array = format!("[{},\r\n{}\r\n,\r\n{}]", pieces[0], pieces[1], pieces[2]);
        let answered = |body: &str, is_sse| Content::of(b"", body.as_bytes(), is_sse);
        let whole = answered(&whole.to_string(), false);
        assert_eq!(
            (whole.output_preview.as_str(), whole.tool_names.as_slice()),
            ("Let me see.", &["tides".to_owned()][..])
        );
        let history =
            asked(&json!({"contents": [{"role": "model", "parts": [{"text": "Let me see."}, call]}]}));
        for same in [answered(&events, true).outputs, answered(&array, false).outputs, history.inputs] {
            assert_eq!(same, whole.outputs);
        }
        let rest: Value = serde_json::from_str(&whole.response).unwrap();
        assert_eq!(rest["candidates"], json!([{"index": 0}]));
    }

    #[test]
    fn thoughts_are_kept_and_are_not_what_was_said() {
        let thinks = |thought: &str| {
            let body = piece(
                &json!([{"text": thought, "thought": true}, {"text": "Ten.", "thoughtSignature": thought}]),
            );
            Content::of(b"", body.to_string().as_bytes(), false)
        };
        assert_eq!(thinks("hm").output_preview, "Ten.");
        assert_eq!(thinks("hm").answer_key, thinks("so").answer_key);
        assert_ne!(thinks("hm").outputs, thinks("so").outputs);
        let events: String = [("h", true), ("m", true), ("T", false), ("en.", false)]
            .iter()
            .map(|(text, thought)| {
                let part =
                    if *thought { json!({"text": text, "thought": true}) } else { json!({"text": text}) };
                format!("data: {}\n\n", piece(&json!([part])))
            })
            .collect();
        let streamed = Content::of(b"", events.as_bytes(), true);
        let said: Value = serde_json::from_str(&streamed.outputs[0].content).unwrap();
        assert_eq!(said["parts"], json!([{"text": "hm", "thought": true}, {"text": "Ten."}]));
    }

    #[test]
    fn a_stream_that_was_blocked_says_why() {
        let events = "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"},\"usageMetadata\":{\"promptTokenCount\":3}}\n\n";
        let content = Content::of(b"", events.as_bytes(), true);
        assert!(content.outputs.is_empty());
        assert!(content.response.contains("SAFETY"), "{}", content.response);
    }
}
