//! Requests and answers at random, made of what a dialect can say.

use aop_dialects::Dialect;
use aop_dialects::form::*;
use aop_domain::usage::Usage;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9 .,\n\"\\\\]{1,12}", "[가-힣é😀 ]{1,6}", Just("data: [DONE]\n\n".to_owned())]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z_]{1,8}"
}

fn arguments() -> impl Strategy<Value = String> {
    (name(), text(), 0u32..9).prop_map(|(key, value, number)| json!({key: value, "n": number}).to_string())
}

fn plain() -> impl Strategy<Value = Part> {
    text().prop_map(Part::text)
}

fn call() -> impl Strategy<Value = Part> {
    ("call_[a-z0-9]{4}", name(), arguments())
        .prop_map(|(id, name, arguments)| Part::new(Content::ToolCall(ToolCall { id, name, arguments })))
}

fn image(dialect: Dialect) -> impl Strategy<Value = Part> {
    let detail = if dialect == Dialect::Messages {
        Just(None).boxed()
    } else {
        option::of(Just("low".to_owned())).boxed()
    };
    let source = prop_oneof![
        "https://[a-z]{3}\\.example/[a-z]{1,4}".prop_map(Source::Url),
        "[A-Za-z0-9+/]{4,8}".prop_map(|data| Source::Base64 { media_type: "image/png".into(), data }),
    ];
    (source, detail).prop_map(|(source, detail)| Part::new(Content::Image(Image { source, detail })))
}

fn file() -> impl Strategy<Value = Part> {
    ("[A-Za-z0-9+/]{4,8}", option::of(name())).prop_map(|(data, name)| {
        let source = Source::Base64 { media_type: "application/pdf".into(), data };
        Part::new(Content::File(File { source, name }))
    })
}

/// The turns of a conversation; the first is the user's.
fn messages(dialect: Dialect) -> impl Strategy<Value = Vec<Message>> {
    let user = vec(prop_oneof![3 => plain(), 1 => image(dialect), 1 => file()], 1..4)
        .prop_map(|parts| Message::new(Role::User, parts));
    let turn = (vec(plain(), 1..3), vec(call(), 0..3), vec(text(), 3)).prop_map(|(texts, calls, results)| {
        let results: Vec<Part> = calls
            .iter()
            .zip(results)
            .filter_map(|(call, text)| match &call.content {
                Content::ToolCall(call) => Some(Part::new(Content::ToolResult(ToolResult {
                    call_id: call.id.clone(),
                    content: vec![Part::text(text)],
                    is_error: false,
                }))),
                _ => None,
            })
            .collect();
        let mut turns = vec![Message::new(Role::Assistant, texts.into_iter().chain(calls).collect())];
        if !results.is_empty() {
            turns.push(Message::new(Role::User, results));
        }
        turns
    });
    (vec((user, turn), 1..3)).prop_map(|pairs| {
        let turns = pairs.into_iter().flat_map(|(user, turns)| std::iter::once(user).chain(turns));
        turns.collect()
    })
}

fn tool() -> impl Strategy<Value = Tool> {
    (name(), option::of(text()), any::<bool>()).prop_map(|(name, description, strict)| Tool {
        kind: ToolKind::Function {
            name,
            description,
            parameters: Some(json!({"type": "object", "properties": {"q": {"type": "string"}}})),
            strict: Some(strict),
        },
        cache: None,
    })
}

fn choice() -> impl Strategy<Value = Option<ToolChoice>> {
    option::of(prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        name().prop_map(ToolChoice::Function),
    ])
}

/// As people write them; the last bits of other fractions do not survive JSON.
fn hundredth() -> impl Strategy<Value = f64> {
    (0u32..100).prop_map(|hundredths| f64::from(hundredths) / 100.0)
}

/// A request of what all three dialects can say, as `dialect` would be read.
pub(crate) fn request(dialect: Dialect) -> impl Strategy<Value = Request> {
    let parts = (vec(plain(), 0..3), messages(dialect), vec(tool(), 1..3), choice(), any::<bool>());
    let numbers = (option::of(hundredth()), option::of(hundredth()), 1u64..9_000, any::<bool>());
    let output = (any::<bool>(), option::of(text()));
    (parts, numbers, output).prop_map(
        move |(
            (system, messages, tools, tool_choice, parallel),
            (temperature, top_p, max, stream),
            (schema, user),
        )| {
            let mut request = Request::new(dialect, "m-1");
            request.system = system;
            request.messages = messages;
            // A ban on tools leaves nothing to be parallel.
            let banned = tool_choice == Some(ToolChoice::None);
            request.parallel_tools = (tool_choice.is_some() && !banned).then_some(parallel);
            (request.tools, request.tool_choice) = (tools, tool_choice);
            (request.sampling.temperature, request.sampling.top_p) = (temperature, top_p);
            request.max_output_tokens = Some(max);
            (request.stream, request.user) = (stream, user);
            request.stream_usage = stream || dialect != Dialect::Chat;
            if schema {
                let name = (dialect != Dialect::Messages).then(|| "answer".to_owned());
                request.output = Output::Schema {
                    name,
                    description: None,
                    schema: json!({"type": "object"}),
                    strict: None,
                };
            }
            request
        },
    )
}

fn usage(dialect: Dialect) -> impl Strategy<Value = Usage> {
    (1u32..500, 0u32..500, 0u32..500, 1u32..500, 0u32..500).prop_map(
        move |(in_uncached, in_cache_read, written, out_text, out_reasoning)| {
            let anthropic = dialect == Dialect::Messages;
            Usage {
                in_uncached,
                in_cache_read,
                in_cache_write_5m: if dialect == Dialect::Responses { 0 } else { written },
                in_cache_write_1h: if anthropic { written / 2 } else { 0 },
                out_text,
                out_reasoning: if anthropic { 0 } else { out_reasoning },
                ..Usage::default()
            }
        },
    )
}

fn thinking(dialect: Dialect) -> impl Strategy<Value = Part> {
    (text(), "[A-Za-z0-9]{4,9}").prop_map(move |(text, proof)| {
        let id = (dialect == Dialect::Responses).then(|| format!("rs_{proof}"));
        Part::new(Content::Thinking(Thinking { text, signature: Some(proof), id }))
    })
}

/// An answer of what `dialect` can say. Chat has one text, and its tool calls after it.
pub(crate) fn response(dialect: Dialect) -> impl Strategy<Value = Response> {
    let redacted = "[A-Za-z0-9]{4,9}".prop_map(|data| Part::new(Content::RedactedThinking(data)));
    let thoughts = vec(prop_oneof![2 => thinking(dialect), 1 => redacted], 0..2);
    let texts = vec(plain(), if dialect == Dialect::Chat { 0..2 } else { 0..3 });
    (thoughts, texts, vec(call(), 0..3), usage(dialect), any::<bool>()).prop_map(
        move |(thoughts, texts, calls, usage, cut)| {
            let stop = match (calls.is_empty(), cut) {
                (_, true) => StopReason::Length,
                (true, false) => StopReason::End,
                (false, false) => StopReason::ToolCalls,
            };
            Response {
                id: "id-7".into(),
                model: "m-2".into(),
                created_s: (dialect != Dialect::Messages).then_some(1_700_000_000),
                parts: thoughts.into_iter().chain(texts).chain(calls).collect(),
                stop,
                usage: Some(usage),
                logprobs: Vec::new(),
                service_tier: None,
            }
        },
    )
}
