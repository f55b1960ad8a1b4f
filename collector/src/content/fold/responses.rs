//! OpenAI's response events folded to one response. The last event holds it whole; of a stream that was cut, its finished
//! items are put together, and the text that had begun.

use serde_json::{Value, json};

use crate::content::sse;

pub(super) fn fold(transcript: &str) -> Option<Value> {
    let mut response: Option<Value> = None;
    let (mut items, mut open) = (Vec::new(), String::new());
    for event in sse::events(transcript) {
        let Ok(mut event) = serde_json::from_str::<Value>(&event) else { continue };
        match event["type"].as_str().unwrap_or_default() {
            "response.created" | "response.in_progress" => response = Some(event["response"].take()),
            "response.completed" | "response.incomplete" | "response.failed" => {
                return Some(event["response"].take());
            }
            "response.output_text.delta" => open.push_str(event["delta"].as_str().unwrap_or_default()),
            "response.output_item.done" => {
                items.push(event["item"].take());
                open.clear();
            }
            "error" => {
                let error = event["error"].take();
                let told = if error.is_object() { error } else { json!({"message": event["message"]}) };
                response.get_or_insert_with(|| json!({}))["error"] = told;
            }
            _ => {}
        }
    }
    if !open.is_empty() {
        items.push(json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": open}]}));
    }
    let mut response = response.filter(Value::is_object)?;
    response["output"] = items.into();
    Some(response)
}
