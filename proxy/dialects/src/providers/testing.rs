//! What the tests of all providers share: requests as clients send them, streams cut anywhere, streams put together.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Provider, Target, Unsigned};
use crate::form::{
    Content, Delta, Image, Message, Output, Part, PartStart, Request, Response, Role, Source, StopReason,
    StreamEvent, Thinking, Tool, ToolCall, ToolChoice, ToolKind, ToolResult,
};
use crate::{Dialect, StreamReader};

pub(super) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// What a provider is called with where only its body matters.
pub(super) fn target<'a>(base_path: &'a str, model: &'a str, stream: bool) -> Target<'a> {
    Target { base_path, model, endpoint: super::Endpoint::Generate, stream }
}

pub(super) fn unsigned<'a>(authority: &'a str, path_and_query: &'a str, body: &'a [u8]) -> Unsigned<'a> {
    Unsigned { method: "POST", authority, path_and_query, body, now_s: 1_440_938_160 }
}

/// The events of a stream that arrives in these pieces.
pub(super) fn events<'a>(
    mut reader: Box<dyn StreamReader>,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    for piece in pieces {
        reader.push(piece, &mut events);
    }
    reader.finish(&mut events);
    events
}

/// Bytes cut at these places.
pub(super) fn cut<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// How the bytes of this stream are cut never changes its events.
pub(super) fn cuts_change_nothing(provider: &dyn Provider, stream: &[u8], places: &[usize]) {
    let whole = events(provider.stream_reader(), [stream]);
    assert_eq!(events(provider.stream_reader(), cut(stream, places)), whole);
}

/// The answer a stream tells piece by piece. Fails when its events are out of order.
pub(super) fn put_together(events: &[StreamEvent]) -> Response {
    let Some((StreamEvent::Start { id, model }, rest)) = events.split_first() else { panic!("no start") };
    let Some((StreamEvent::End, rest)) = rest.split_last() else { panic!("no end: {events:?}") };
    let mut answer = Response {
        id: id.clone(),
        model: model.clone(),
        created_s: None,
        parts: Vec::new(),
        stop: StopReason::Other("never told".to_owned()),
        usage: None,
        logprobs: Vec::new(),
        service_tier: None,
    };
    let mut open = None;
    for event in rest {
        match event {
            StreamEvent::PartStart { index, part } => {
                assert_eq!((open, *index as usize), (None, answer.parts.len()), "parts follow one another");
                answer.parts.push(Part::new(begun(part)));
                open = Some(*index);
            }
            StreamEvent::PartDelta { index, delta } => {
                assert_eq!(open, Some(*index));
                grow(answer.parts.last_mut().map(|part| &mut part.content).unwrap(), delta);
                if let Delta::Logprobs(logprobs) = delta {
                    answer.logprobs.extend(logprobs.iter().cloned());
                }
            }
            StreamEvent::PartEnd { index } => assert_eq!(open.take(), Some(*index)),
            StreamEvent::Usage(usage) => answer.usage = Some(*usage),
            StreamEvent::Stop(stop) => answer.stop = stop.clone(),
            StreamEvent::Ping => {}
            other => panic!("{other:?} in the middle"),
        }
    }
    assert_eq!(open, None, "every part ends");
    answer
}

fn begun(part: &PartStart) -> Content {
    match part {
        PartStart::Text => Content::Text(String::new()),
        PartStart::Thinking { id } => Content::Thinking(Thinking { id: id.clone(), ..Thinking::default() }),
        PartStart::RedactedThinking(data) => Content::RedactedThinking(data.clone()),
        PartStart::ToolCall { id, name } => {
            Content::ToolCall(ToolCall { id: id.clone(), name: name.clone(), arguments: String::new() })
        }
        PartStart::Refusal => Content::Refusal(String::new()),
        PartStart::Foreign(foreign) => Content::Foreign(foreign.clone()),
    }
}

fn grow(content: &mut Content, delta: &Delta) {
    match (content, delta) {
        (Content::Text(all) | Content::Refusal(all), Delta::Text(piece)) => all.push_str(piece),
        (Content::Thinking(thinking), Delta::Text(piece)) => thinking.text.push_str(piece),
        (Content::Thinking(thinking), Delta::Signature(signature)) => {
            thinking.signature = Some(signature.clone())
        }
        (Content::ToolCall(call), Delta::Arguments(piece)) => call.arguments.push_str(piece),
        (Content::Text(_), Delta::Logprobs(_)) => {}
        (content, delta) => panic!("{delta:?} in {content:?}"),
    }
}

/// Requests in words that every provider has.
pub(super) fn requests() -> impl Strategy<Value = Request> {
    let system = prop::collection::vec(text(), 0..3);
    let turns = prop::collection::vec((user_parts(), assistant_turn()), 0..3);
    let sampling = (prop::option::of(0u8..=10), prop::option::of(1u64..100_000), prop::option::of(1u8..=20));
    let more = (
        prop::collection::vec("[a-zA-Z#]{1,6}", 0..3),
        prop::collection::vec(tool(), 0..3),
        prop::option::of(prop_oneof![Just(ToolChoice::Auto), Just(ToolChoice::Required)]),
        any::<bool>(),
    );
    (system, turns, user_parts(), sampling, more).prop_map(|(system, turns, last, sampling, more)| {
        let mut request = Request::new(Dialect::Chat, "the-model");
        request.system = system.into_iter().map(Part::text).collect();
        request.messages = conversation(turns, last);
        let (temperature, max_tokens, top_p) = sampling;
        request.sampling.temperature = temperature.map(|tenths| f64::from(tenths) / 10.0);
        request.sampling.top_p = top_p.map(|twentieths| f64::from(twentieths) / 20.0);
        request.max_output_tokens = max_tokens;
        let (stop, mut tools, tool_choice, shaped) = more;
        tools.dedup_by(|one, other| one == other);
        request.stop = stop;
        request.tool_choice = tool_choice.filter(|_| !tools.is_empty());
        request.tools = tools;
        if shaped {
            let schema =
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
            request.output =
                Output::Schema { name: Some("answer".to_owned()), description: None, schema, strict: None };
        }
        request
    })
}

fn text() -> impl Strategy<Value = String> {
    ".{1,16}".prop_filter("a text says something", |text| !text.trim().is_empty())
}

fn user_parts() -> impl Strategy<Value = Vec<Part>> {
    let image = prop_oneof![Just("image/png"), Just("image/jpeg")].prop_map(|media_type| {
        let source = Source::Base64 { media_type: media_type.to_owned(), data: "aW1hZ2U=".to_owned() };
        Part::new(Content::Image(Image { source, detail: None }))
    });
    (text().prop_map(Part::text), prop::option::of(image))
        .prop_map(|(text, image)| [Some(text), image].into_iter().flatten().collect())
}

/// A text, and calls with what each gives back.
type Turn = (String, Vec<(String, Value, String)>);

fn assistant_turn() -> impl Strategy<Value = Turn> {
    let arguments = prop::collection::hash_map(
        "[a-z]{1,4}",
        prop_oneof![text().prop_map(Value::from), any::<i32>().prop_map(Value::from)],
        0..3,
    );
    let arguments = arguments.prop_map(|map| Value::Object(map.into_iter().collect()));
    (text(), prop::collection::vec(("[a-z_]{1,8}", arguments, text()), 0..3))
}

fn conversation(turns: Vec<(Vec<Part>, Turn)>, last: Vec<Part>) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut results: Vec<Part> = Vec::new();
    let mut number = 0;
    for (asked, (text, calls)) in turns {
        messages.push(Message::new(Role::User, [std::mem::take(&mut results), asked].concat()));
        let mut parts = vec![Part::text(text)];
        for (name, arguments, output) in calls {
            number += 1;
            let id = format!("toolu_{number}");
            let result = ToolResult {
                call_id: id.clone(),
                content: vec![Part::text(output)],
                is_error: number % 3 == 0,
            };
            parts.push(Part::new(Content::ToolCall(ToolCall { id, name, arguments: arguments.to_string() })));
            results.push(Part::new(Content::ToolResult(result)));
        }
        messages.push(Message::new(Role::Assistant, parts));
    }
    messages.push(Message::new(Role::User, [results, last].concat()));
    messages
}

fn tool() -> impl Strategy<Value = Tool> {
    ("[a-z_]{1,8}", prop::option::of(text()), "[a-z]{1,5}").prop_map(|(name, description, field)| Tool {
        kind: ToolKind::Function {
            name,
            description,
            parameters: Some(json!({"type": "object", "properties": {field: {"type": "integer"}}})),
            strict: None,
        },
        cache: None,
    })
}
