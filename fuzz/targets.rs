//! What reads bytes of strangers. Each target takes any bytes and panics when what must always hold does not. The corpus
//! is replayed, and changed in many small ways, by an ordinary test: `tests/tests/fuzz_corpus.rs`.

#[path = "targets/routes.rs"]
mod routes;

pub use routes::routes;

use aop_dialects::form::StreamEvent;
use aop_dialects::sse::Splitter;
use aop_dialects::{Answering, ClientDialect, Policy, StreamReader, providers};
use aop_domain::frame::{Item, Segment};
use aop_domain::id::TraceId;
use aop_proxy::identity::{BodyClaims, PathIdentity, claim};
use aop_proxy::probe;
use aop_service::token::{KeySet, looks_like_one, peek};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

pub type Target = fn(&[u8]);

pub const TARGETS: [(&str, Target); 9] = [
    ("sse", sse),
    ("requests", requests),
    ("streams", streams),
    ("routes", routes),
    ("spool", spool),
    ("identity", identity),
    ("body", body),
    ("multipart", multipart),
    ("token", token),
];

/// One provider of each dialect and each way to write it.
const PROVIDERS: [&str; 8] =
    ["openai_chat", "openai_responses", "anthropic", "gemini", "vertex", "azure", "bedrock", "cohere"];

fn clients() -> [&'static dyn ClientDialect; 3] {
    [&aop_dialects::chat::Chat, &aop_dialects::messages::Messages, &aop_dialects::responses::Responses]
}

fn answering() -> Answering {
    Answering { model: "m".to_owned(), id: "id".to_owned(), created_s: 1, stream_usage: true }
}

/// The first byte says where the rest is cut into pieces.
fn pieces(data: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let Some((seed, rest)) = data.split_first() else { return (data, Vec::new()) };
    let size = usize::from(*seed % 31) + 1;
    (rest, rest.chunks(size).collect())
}

/// The raw bytes of all events, in order, are the stream, however it was cut; and the events are the same.
pub fn sse(data: &[u8]) {
    let (whole, pieces) = pieces(data);
    let events = |pieces: &[&[u8]]| {
        let (mut splitter, mut events) = (Splitter::default(), Vec::new());
        for piece in pieces {
            splitter.push(piece);
            events.extend(std::iter::from_fn(|| splitter.next_event()));
        }
        events.extend(splitter.finish());
        events
    };
    let (cut, at_once) = (events(&pieces), events(&[whole]));
    let raw: Vec<u8> = cut.iter().flat_map(|event| event.raw.to_vec()).collect();
    assert_eq!(raw, whole, "bytes were lost or made");
    let data = |events: &[aop_dialects::sse::Event]| -> Vec<Vec<u8>> {
        events.iter().filter_map(|event| Some(event.data()?.into_owned())).collect()
    };
    assert_eq!(data(&cut), data(&at_once), "what is read depends on where it was cut");
}

/// Whatever a client's request says, a provider is sent JSON or nothing.
pub fn requests(data: &[u8]) {
    for client in clients() {
        let Ok(request) = client.read_request(data) else { continue };
        for provider in PROVIDERS.iter().filter_map(|kind| providers::find(kind)) {
            for policy in [Policy::RefuseUnsupported, Policy::DropUnsupported] {
                let Ok(written) = provider.write_request(&request, policy) else { continue };
                let read: Result<serde_json::Value, _> = serde_json::from_slice(&written.body);
                assert!(read.is_ok(), "{} was sent no JSON", provider.kind());
            }
        }
    }
}

/// A provider's stream is read the same however it was cut, and nothing follows an end or an error.
pub fn streams(data: &[u8]) {
    let (whole, pieces) = pieces(data);
    for provider in PROVIDERS.iter().filter_map(|kind| providers::find(kind)) {
        let events = read(&mut *provider.stream_reader(), &pieces);
        assert_eq!(events, read(&mut *provider.stream_reader(), &[whole]), "{}", provider.kind());
        let is_last = |event: &StreamEvent| matches!(event, StreamEvent::End | StreamEvent::Error(_));
        let over = events.iter().position(is_last);
        assert!(over.is_none_or(|at| at + 1 == events.len()), "{} goes on after its end", provider.kind());
        for client in clients() {
            let (mut writer, mut out) = (client.stream_writer(answering()), BytesMut::new());
            events.iter().for_each(|event| writer.write(event, &mut out));
            assert!(std::str::from_utf8(&out).is_ok(), "what a client gets is text");
        }
        if let Ok(response) = provider.read_response(whole) {
            clients().iter().for_each(|client| drop(client.write_response(&response, &answering())));
        }
        let fault = provider.read_error(500, whole);
        clients().iter().for_each(|client| drop(client.write_error(&fault)));
    }
}

fn read(reader: &mut dyn StreamReader, pieces: &[&[u8]]) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    pieces.iter().for_each(|piece| reader.push(piece, &mut events));
    reader.finish(&mut events);
    events
}

/// A segment is read to its end: frames and damage in order, none beyond the file.
pub fn spool(data: &[u8]) {
    let Ok(segment) = Segment::parse(Bytes::copy_from_slice(data)) else { return };
    let frames = segment.items().filter(|item| matches!(item, Item::Frame(_))).count();
    assert!(frames <= data.len() / aop_domain::frame::FRAME_OVERHEAD_BYTES + 1);
    assert!(segment.valid_prefix_bytes() <= data.len());
}

/// Headers, path and body fields: one line each, the first two bytes of a line say what it is.
pub fn identity(data: &[u8]) {
    let (mut headers, mut body, mut path) =
        (HeaderMap::new(), BodyClaims::default(), PathIdentity { trace_id: None, agent: None });
    for line in data.split(|byte| *byte == b'\n') {
        match line {
            [b't', b'=', rest @ ..] => path.trace_id = std::str::from_utf8(rest).ok(),
            [b'a', b'=', rest @ ..] => path.agent = std::str::from_utf8(rest).ok(),
            [b'u', b'=', rest @ ..] => body.user = Some(rest),
            [b'm', b'=', rest @ ..] => body.metadata = Some(rest),
            [b'g', b'=', rest @ ..] => body.tags = Some(rest),
            [b'l', b'=', rest @ ..] => body.litellm_metadata = Some(rest),
            _ => {
                let mut parts = line.splitn(2, |byte| *byte == b':');
                let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
                {
                    headers.append(name, value);
                }
            }
        }
    }
    // Only JSON is handed over: the body was scanned before.
    let is_json = |raw: Option<&[u8]>| {
        raw.is_none_or(|raw| serde_json::from_slice::<serde::de::IgnoredAny>(raw).is_ok())
    };
    if [body.user, body.metadata, body.tags, body.litellm_metadata].into_iter().all(is_json) {
        let fresh = TraceId([7; 16]);
        let (one, two) =
            (claim(None, path, &headers, &body, fresh), claim(None, path, &headers, &body, fresh));
        assert_eq!(one.is_ok(), two.is_ok());
    }
}

/// The scan of a body finds JSON where a parser does, and nowhere else.
pub fn body(data: &[u8]) {
    if let Some(is_object) = probe::body_is_object(data) {
        // Asked for nothing, the parser does not look at what its texts are made of.
        let parses = std::str::from_utf8(data).is_ok()
            && serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok();
        assert_eq!(is_object, parses && data.trim_ascii_start().first() == Some(&b'{'));
    }
}

/// A form is read the same however it was cut. Its first line is the content type.
pub fn multipart(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(kind) = std::str::from_utf8(&data[..end]) else { return };
    let (whole, pieces) = pieces(&data[end + 1..]);
    assert_eq!(probe::form(kind, &pieces), probe::form(kind, &[whole]));
}

/// Tokens and key sets of strangers.
pub fn token(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = (looks_like_one(text), peek(text).is_ok());
    }
    let _ = KeySet::read(data);
}
