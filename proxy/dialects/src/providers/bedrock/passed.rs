//! A stream of the service's own API that passes as it is: what its binary messages tell, and how it is ended when it has to
//! be cut.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value, json};

use super::error;
use super::frames::{self, Decoder};

/// What one message of the stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An event, as JSON: Converse's own, or of the model's maker.
    Event(Bytes),
    /// The service ended the stream with an exception.
    Failed(String),
}

/// Reads a copy of such a stream: bytes in any pieces.
#[derive(Debug, Default)]
pub struct Events {
    decoder: Decoder,
}

impl Events {
    /// Nothing is told of what comes after a damaged message.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(Told)) {
        self.decoder.push(bytes);
        while let Some(Ok(frame)) = self.decoder.next_frame() {
            let name = |header| frame.header(header).unwrap_or_default();
            match name(":message-type") {
                "exception" => {
                    let fault = error::exception(name(":exception-type"), &frame.payload);
                    each(Told::Failed(fault.message));
                }
                "error" => {
                    each(Told::Failed(error::named(name(":error-code"), name(":error-message")).message))
                }
                "event" => each(Told::Event(event(name(":event-type"), frame.payload.clone()))),
                _ => {}
            }
        }
    }

    /// Bytes of a message that is not whole yet: behind the others another can be put.
    pub fn partial_bytes(&self) -> usize {
        self.decoder.partial_bytes()
    }
}

/// A model's own events come packed, and Converse's reason to stop has a name of its own.
fn event(name: &str, payload: Bytes) -> Bytes {
    let packed = |payload: &[u8]| {
        let chunk: Value = serde_json::from_slice(payload).ok()?;
        BASE64.decode(chunk["bytes"].as_str()?).ok()
    };
    let renamed = |payload: &[u8]| {
        let stop: Value = serde_json::from_slice(payload).ok()?;
        Some(json!({ "stop_reason": stop["stopReason"].as_str()? }).to_string())
    };
    match name {
        "chunk" => packed(&payload).map_or(payload, Bytes::from),
        "messageStop" => renamed(&payload).map_or(payload, Bytes::from),
        _ => payload,
    }
}

/// The message that ends a stream which cannot go on: on it the service's SDKs raise.
pub fn exception(message: &str) -> Bytes {
    let headers = [
        (":exception-type", "modelStreamErrorException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frames::encode(&headers, json!({ "message": message }).to_string().as_bytes()).into()
}

/// The name of a tool that Converse's event begins to call.
pub fn started_tool(event: &Value) -> Option<&Value> {
    event.get("contentBlockIndex")?;
    event.pointer("/start/toolUse/name")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn message(kind: &str, payload: &Value) -> Vec<u8> {
        frames::encode(&[(":message-type", "event"), (":event-type", kind)], payload.to_string().as_bytes())
    }

    /// All that is told, with the stream cut into pieces of this size.
    fn told(stream: &[u8], piece_bytes: usize) -> (Vec<Told>, usize) {
        let (mut events, mut told) = (Events::default(), Vec::new());
        stream.chunks(piece_bytes).for_each(|piece| events.push(piece, |one| told.push(one)));
        (told, events.partial_bytes())
    }

    #[test]
    fn events_are_told_wherever_they_were_cut() {
        let inner = json!({"type": "message_start", "message": {"usage": {"input_tokens": 3}}});
        let stream = [
            message("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "한"}})),
            message("chunk", &json!({"bytes": BASE64.encode(inner.to_string()), "p": "abc"})),
            message("messageStop", &json!({"stopReason": "end_turn"})),
            message("metadata", &json!({"usage": {"inputTokens": 5, "outputTokens": 2}})),
        ]
        .concat();
        for piece_bytes in [1, 7, stream.len()] {
            let (told, partial_bytes) = told(&stream, piece_bytes);
            let events: Vec<Value> = told
                .into_iter()
                .map(|told| match told {
                    Told::Event(event) => serde_json::from_slice(&event).unwrap(),
                    Told::Failed(why) => panic!("{why}"),
                })
                .collect();
            assert_eq!(events[1], inner);
            assert_eq!(events[2], json!({"stop_reason": "end_turn"}));
            assert_eq!((&events[0]["delta"]["text"], partial_bytes), (&json!("한"), 0));
        }
        assert_eq!(told(&stream[..4], 50).1, 4, "in the middle of a message");
    }

    #[test]
    fn an_end_of_ours_is_told_like_an_exception_of_the_service() {
        let (told, partial_bytes) = told(&exception("The budget is spent."), 9);
        assert_eq!(told, [Told::Failed("The budget is spent.".to_owned())]);
        assert_eq!(partial_bytes, 0);
    }

    #[test]
    fn what_is_no_event_stream_tells_nothing() {
        assert_eq!(told(b"HTTP/1.1 200 OK and much more of this", 5), (vec![], 0));
    }
}
