//! From the transcript of a stream to the answer that the same call would have got in one piece. One file per dialect,
//! told apart by what their first events look like.

use serde_json::Value;

use super::sse;

mod converse;
pub(super) mod google;
mod messages;
mod openai;
mod responses;

/// Google's events, and Converse's, do not say what they are.
const GOOGLE: &str = "google";
const CONVERSE: &str = "converse";

/// `None` when no event could be read.
pub(super) fn fold(transcript: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(transcript);
    let mut events = sse::events(&text).filter_map(|event| serde_json::from_str::<Value>(&event).ok());
    let kind = events.find_map(|event| match event.get("type").and_then(Value::as_str) {
        Some(kind) => Some(kind.to_owned()),
        None if google::is_piece(&event) => Some(GOOGLE.to_owned()),
        None => converse::is_event(&event).then(|| CONVERSE.to_owned()),
    });
    match kind.as_deref() {
        Some(GOOGLE) => google::fold(&text),
        Some(CONVERSE) => converse::fold(&text),
        Some(kind) if kind.starts_with("response.") => responses::fold(&text),
        Some("message_start" | "ping") => messages::fold(&text),
        _ => openai::fold(&text),
    }
}
