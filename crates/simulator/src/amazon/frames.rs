//! Amazon's event stream: messages with headers and two checksums, numbers big-endian.

use bytes::Bytes;
use serde_json::Value;

const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
const TEXT: u8 = 7;

pub(super) fn event(name: &str, payload: &Value) -> Bytes {
    message(
        &[(":event-type", name), (":content-type", "application/json"), (":message-type", "event")],
        payload,
    )
}

pub(super) fn exception(name: &str, payload: &Value) -> Bytes {
    message(
        &[(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")],
        payload,
    )
}

fn message(headers: &[(&str, &str)], payload: &Value) -> Bytes {
    let payload = payload.to_string();
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        head.push(TEXT);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let mut message = Vec::new();
    message.extend_from_slice(&number(PRELUDE_BYTES + head.len() + payload.len() + CHECKSUM_BYTES));
    message.extend_from_slice(&number(head.len()));
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(&head);
    message.extend_from_slice(payload.as_bytes());
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    Bytes::from(message)
}
