//! From the transcript of a stream to the answer that the same call would have got in one piece. One file per dialect,
//! told apart by what their first events look like.

use serde_json::Value;

use super::sse;

mod messages;
mod openai;
mod responses;

/// `None` when no event could be read.
pub(super) fn fold(transcript: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(transcript);
    let mut events = sse::events(&text).filter_map(|event| serde_json::from_str::<Value>(&event).ok());
    let kind = events.find_map(|event| event.get("type").and_then(Value::as_str).map(str::to_owned));
    match kind.as_deref() {
        Some(kind) if kind.starts_with("response.") => responses::fold(&text),
        Some("message_start" | "ping") => messages::fold(&text),
        _ => openai::fold(&text),
    }
}
