//! Puts a stream's events together into the answer they tell, and takes an answer apart into events.

use aop_dialects::form::*;
use aop_dialects::{Answering, ClientDialect, StreamReader};
use bytes::BytesMut;

pub(crate) fn answering() -> Answering {
    Answering { model: "asked".into(), id: "0123".into(), created_s: 1_700_000_000, stream_usage: true }
}

pub(crate) fn whole(events: &[StreamEvent]) -> Response {
    let mut response = Response {
        id: String::new(),
        model: String::new(),
        created_s: None,
        parts: Vec::new(),
        stop: StopReason::Other("none".into()),
        usage: None,
        logprobs: Vec::new(),
        service_tier: None,
    };
    let mut open = false;
    for event in events {
        match event {
            StreamEvent::Start { id, model } => {
                (response.id, response.model) = (id.clone(), model.clone());
            }
            StreamEvent::PartStart { index, part } => {
                assert_eq!(*index as usize, response.parts.len(), "parts are counted");
                assert!(!std::mem::replace(&mut open, true), "one part at a time");
                response.parts.push(Part::new(begun(part)));
            }
            StreamEvent::PartDelta { index, delta } => {
                assert!(open && *index as usize + 1 == response.parts.len());
                add(&mut response, delta);
            }
            StreamEvent::PartEnd { .. } => assert!(std::mem::replace(&mut open, false)),
            StreamEvent::Usage(usage) => response.usage = Some(*usage),
            StreamEvent::Stop(stop) => response.stop = stop.clone(),
            StreamEvent::Ping => {}
            StreamEvent::Error(fault) => panic!("{fault:?}"),
            StreamEvent::End => assert!(!open, "an end in the middle of a part"),
        }
    }
    assert_eq!(events.last(), Some(&StreamEvent::End));
    response
}

fn begun(part: &PartStart) -> Content {
    match part {
        PartStart::Text => Content::Text(String::new()),
        PartStart::Refusal => Content::Refusal(String::new()),
        PartStart::Thinking { id } => Content::Thinking(Thinking { id: id.clone(), ..Thinking::default() }),
        PartStart::RedactedThinking(data) => Content::RedactedThinking(data.clone()),
        PartStart::ToolCall { id, name } => {
            Content::ToolCall(ToolCall { id: id.clone(), name: name.clone(), arguments: String::new() })
        }
        PartStart::Foreign(foreign) => Content::Foreign(foreign.clone()),
    }
}

fn add(response: &mut Response, delta: &Delta) {
    match (&mut response.parts.last_mut().unwrap().content, delta) {
        (Content::Text(text) | Content::Refusal(text), Delta::Text(piece)) => text.push_str(piece),
        (Content::Thinking(thinking), Delta::Text(piece)) => thinking.text.push_str(piece),
        (Content::Thinking(thinking), Delta::Signature(piece)) => {
            thinking.signature.get_or_insert_default().push_str(piece);
        }
        (Content::ToolCall(call), Delta::Arguments(piece)) => call.arguments.push_str(piece),
        (_, Delta::Logprobs(logprobs)) => response.logprobs.extend(logprobs.clone()),
        (content, delta) => panic!("{delta:?} for {content:?}"),
    }
}

/// The events a provider would send, its texts in pieces of `size` characters.
pub(crate) fn apart(response: &Response, size: usize) -> Vec<StreamEvent> {
    let mut events = vec![StreamEvent::Start { id: response.id.clone(), model: response.model.clone() }];
    for (index, part) in (0u32..).zip(&response.parts) {
        let mut deltas: Vec<Delta> = Vec::new();
        let start = match &part.content {
            Content::Text(text) => {
                deltas.extend(pieces(text, size).map(Delta::Text));
                PartStart::Text
            }
            Content::Refusal(text) => {
                deltas.extend(pieces(text, size).map(Delta::Text));
                PartStart::Refusal
            }
            Content::Thinking(thinking) => {
                deltas.extend(pieces(&thinking.text, size).map(Delta::Text));
                deltas.extend(thinking.signature.clone().map(Delta::Signature));
                PartStart::Thinking { id: thinking.id.clone() }
            }
            Content::RedactedThinking(data) => PartStart::RedactedThinking(data.clone()),
            Content::ToolCall(call) => {
                deltas.extend(pieces(&call.arguments, size).map(Delta::Arguments));
                PartStart::ToolCall { id: call.id.clone(), name: call.name.clone() }
            }
            other => panic!("{other:?} is not in an answer"),
        };
        events.push(StreamEvent::PartStart { index, part: start });
        events.extend(deltas.into_iter().map(|delta| StreamEvent::PartDelta { index, delta }));
        events.push(StreamEvent::PartEnd { index });
    }
    events.push(StreamEvent::Stop(response.stop.clone()));
    events.extend(response.usage.map(StreamEvent::Usage));
    events.push(StreamEvent::End);
    events
}

fn pieces(text: &str, size: usize) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|piece| piece.iter().collect()).collect::<Vec<String>>().into_iter()
}

pub(crate) fn written(dialect: &dyn ClientDialect, events: &[StreamEvent]) -> Vec<u8> {
    let mut writer = dialect.stream_writer(answering());
    let mut out = BytesMut::new();
    events.iter().for_each(|event| writer.write(event, &mut out));
    out.to_vec()
}

pub(crate) fn read(mut reader: Box<dyn StreamReader>, chunks: &[&[u8]]) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    chunks.iter().for_each(|chunk| reader.push(chunk, &mut events));
    reader.finish(&mut events);
    events
}
