//! A response as named events, in the order OpenAI sends them, each with its number.

use serde_json::{Value, json};

use crate::text::pieces;

/// The events of a response that is known whole.
pub(super) fn events(whole: &Value) -> Vec<Value> {
    let mut begun = whole.clone();
    begun["status"] = "in_progress".into();
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    begun["incomplete_details"] = Value::Null;
    let mut events = vec![
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.in_progress", "response": begun }),
    ];
    for (at, item) in whole["output"].as_array().into_iter().flatten().enumerate() {
        item_events(at, item, &mut events);
    }
    let last = format!("response.{}", whole["status"].as_str().unwrap_or("completed"));
    events.push(json!({ "type": last, "response": whole }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    events
}

fn item_events(at: usize, item: &Value, events: &mut Vec<Value>) {
    let about = |kind: &str, more: Value| {
        let mut event = json!({ "type": kind, "item_id": item["id"], "output_index": at });
        if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
            event.extend(more);
        }
        event
    };
    let added =
        |item: Value| json!({ "type": "response.output_item.added", "output_index": at, "item": item });
    let mut begun = item.clone();
    match item["type"].as_str() {
        Some("reasoning") => {
            begun["summary"] = json!([]);
            if let Value::Object(begun) = &mut begun {
                begun.shift_remove("encrypted_content");
            }
            events.push(added(begun));
            let text = item["summary"][0]["text"].as_str().unwrap_or_default();
            let part =
                |text: &str| json!({ "summary_index": 0, "part": { "type": "summary_text", "text": text } });
            events.push(about("response.reasoning_summary_part.added", part("")));
            events.extend(pieces(text).into_iter().map(|piece| {
                about("response.reasoning_summary_text.delta", json!({ "summary_index": 0, "delta": piece }))
            }));
            let done = json!({ "summary_index": 0, "text": text });
            events.push(about("response.reasoning_summary_text.done", done));
            events.push(about("response.reasoning_summary_part.done", part(text)));
        }
        Some("function_call") => {
            begun["status"] = "in_progress".into();
            begun["arguments"] = "".into();
            events.push(added(begun));
            let characters: Vec<char> = item["arguments"].as_str().unwrap_or_default().chars().collect();
            events.extend(characters.chunks(12).map(|part| {
                let part: String = part.iter().collect();
                about("response.function_call_arguments.delta", json!({ "delta": part }))
            }));
            let done = json!({ "name": item["name"], "arguments": item["arguments"] });
            events.push(about("response.function_call_arguments.done", done));
        }
        _ => {
            begun["status"] = "in_progress".into();
            begun["content"] = json!([]);
            events.push(added(begun));
            let part = &item["content"][0];
            let mut empty = part.clone();
            empty["text"] = "".into();
            events.push(about("response.content_part.added", json!({ "content_index": 0, "part": empty })));
            let text = part["text"].as_str().unwrap_or_default();
            events.extend(pieces(text).into_iter().map(|piece| {
                let delta = json!({ "content_index": 0, "delta": piece, "logprobs": [] });
                about("response.output_text.delta", delta)
            }));
            let done = json!({ "content_index": 0, "text": text, "logprobs": [] });
            events.push(about("response.output_text.done", done));
            events.push(about("response.content_part.done", json!({ "content_index": 0, "part": part })));
        }
    }
    events.push(json!({ "type": "response.output_item.done", "output_index": at, "item": item }));
}
