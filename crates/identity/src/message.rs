//! One message of a request's history, whichever of the wire dialects it is written in: chat completions, messages,
//! responses, Google's contents. Their shapes do not contradict each other, so one reader understands them all.

use std::borrow::Cow;

use crate::{google, json};

/// Texts and results of one message that are looked at; a message of thousands of parts is cut.
pub(crate) const MOST_PARTS: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    System,
    #[default]
    User,
    Assistant,
    Tool,
}

/// A tool that the model asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ToolCall<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    /// JSON text of the arguments.
    pub(crate) arguments: Cow<'a, str>,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ToolResult<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) text: Cow<'a, str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Message<'a> {
    pub(crate) role: Role,
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) texts: Vec<Cow<'a, str>>,
    pub(crate) calls: Vec<ToolCall<'a>>,
    pub(crate) results: Vec<ToolResult<'a>>,
    /// Ids that the provider gave to this item (`msg_...`, `rs_...`, `fc_...`).
    pub(crate) item_id: Option<Cow<'a, str>>,
    /// Where it ends in the array's text.
    pub(crate) end: usize,
}

#[derive(Debug, Default)]
struct Members<'a> {
    role: &'a [u8],
    kind: &'a [u8],
    name: &'a [u8],
    content: &'a [u8],
    parts: &'a [u8],
    tool_calls: &'a [u8],
    function_call: &'a [u8],
    tool_call_id: &'a [u8],
    call_id: &'a [u8],
    id: &'a [u8],
    arguments: &'a [u8],
    output: &'a [u8],
}

/// Reads one element of `messages` or `input`.
pub(crate) fn read(raw: &[u8], end: usize) -> Message<'_> {
    if let Some(text) = json::text(raw) {
        return Message { texts: vec![text], end, ..Message::default() };
    }
    let found = members(raw);
    let kind = json::text(found.kind).unwrap_or_default();
    let mut message =
        Message { end, role: role(found.role), name: json::text(found.name), ..Message::default() };
    message.item_id = json::text(found.id);
    match kind.as_ref() {
        "function_call" | "custom_tool_call" => {
            message.role = Role::Assistant;
            let call = ToolCall {
                id: json::text(found.call_id).unwrap_or_default(),
                name: message.name.take().unwrap_or_default(),
                arguments: json::text(found.arguments).unwrap_or_default(),
            };
            message.calls.push(call);
            return message;
        }
        "function_call_output" | "custom_tool_call_output" => {
            message.role = Role::Tool;
            let id = json::text(found.call_id).unwrap_or_default();
            message.results.push(ToolResult { id, text: flat(found.output) });
            return message;
        }
        "reasoning" | "item_reference" => {
            message.role = Role::Assistant;
            return message;
        }
        _ => {}
    }
    content(found.content, &mut message);
    google::take_parts(
        if found.parts.is_empty() { google::inner_parts(found.content) } else { found.parts },
        &mut message,
    );
    // Results of tools come in a user's message in some dialects; they are a tool's word all the same.
    let only_results = message.texts.is_empty() && !message.results.is_empty();
    if message.role == Role::User && only_results {
        message.role = Role::Tool;
    }
    if (message.role == Role::Tool && message.results.is_empty()) || !found.tool_call_id.is_empty() {
        message.role = Role::Tool;
        let text = message.texts.drain(..).next().unwrap_or_default();
        message.results.push(ToolResult { id: json::text(found.tool_call_id).unwrap_or_default(), text });
    }
    message.calls.extend(json::elements(found.tool_calls).take(MOST_PARTS).map(|(raw, _)| chat_call(raw)));
    if !found.function_call.is_empty() && message.role == Role::Assistant {
        message.calls.push(function(Cow::default(), found.function_call));
    }
    message
}

/// Is it something a model said? Nothing is read behind what says so, most often the first member.
pub(crate) fn is_answer(raw: &[u8]) -> bool {
    let kinds =
        [&br#""function_call""#[..], br#""custom_tool_call""#, br#""reasoning""#, br#""item_reference""#];
    let told = json::members(raw).find_map(|(key, value)| match key {
        b"role" => Some(role(value) == Role::Assistant),
        b"type" if kinds.contains(&value) => Some(true),
        _ => None,
    });
    told.unwrap_or(false)
}

fn members(raw: &[u8]) -> Members<'_> {
    let mut found = Members::default();
    for (key, value) in json::members(raw) {
        match key {
            b"role" => found.role = value,
            b"type" => found.kind = value,
            b"name" => found.name = value,
            b"content" => found.content = value,
            b"parts" => found.parts = value,
            b"tool_calls" => found.tool_calls = value,
            b"function_call" => found.function_call = value,
            b"tool_call_id" => found.tool_call_id = value,
            b"call_id" => found.call_id = value,
            b"id" => found.id = value,
            b"arguments" => found.arguments = value,
            b"output" => found.output = value,
            _ => {}
        }
    }
    found
}

fn role(raw: &[u8]) -> Role {
    match raw {
        br#""system""# | br#""developer""# => Role::System,
        br#""assistant""# | br#""model""# => Role::Assistant,
        br#""tool""# | br#""function""# => Role::Tool,
        _ => Role::User,
    }
}

/// Content is a text, or a list of typed parts.
fn content<'a>(raw: &'a [u8], message: &mut Message<'a>) {
    if let Some(text) = json::text(raw) {
        message.texts.push(text);
        return;
    }
    for (part, _) in json::elements(raw).take(MOST_PARTS) {
        match json::member(part, "type") {
            Some(br#""tool_use""#) => message.calls.push(ToolCall {
                id: json::member_text(part, "id").unwrap_or_default(),
                name: json::member_text(part, "name").unwrap_or_default(),
                arguments: String::from_utf8_lossy(json::member(part, "input").unwrap_or_default()),
            }),
            Some(br#""tool_result""#) => message.results.push(ToolResult {
                id: json::member_text(part, "tool_use_id").unwrap_or_default(),
                text: flat(json::member(part, "content").unwrap_or_default()),
            }),
            _ => message.texts.extend(json::member_text(part, "text").or_else(|| json::text(part))),
        }
    }
}

/// A text, or the texts of a list of parts, as one.
fn flat(raw: &[u8]) -> Cow<'_, str> {
    if let Some(text) = json::text(raw) {
        return text;
    }
    let mut joined = String::new();
    for (part, _) in json::elements(raw).take(MOST_PARTS) {
        joined.push_str(&json::member_text(part, "text").or_else(|| json::text(part)).unwrap_or_default());
    }
    Cow::Owned(joined)
}

/// `{"id", "function": {"name", "arguments"}}`.
pub(crate) fn chat_call(raw: &[u8]) -> ToolCall<'_> {
    let id = json::member_text(raw, "id").unwrap_or_default();
    function(id, json::member(raw, "function").unwrap_or_default())
}

fn function<'a>(id: Cow<'a, str>, raw: &'a [u8]) -> ToolCall<'a> {
    let mut call = ToolCall { id, ..ToolCall::default() };
    for (key, value) in json::members(raw) {
        match key {
            b"name" => call.name = json::text(value).unwrap_or_default(),
            b"arguments" => {
                call.arguments = json::text(value).unwrap_or_else(|| String::from_utf8_lossy(value))
            }
            _ => {}
        }
    }
    call
}

/// All texts of a message, joined: what its content hash is made of.
pub(crate) fn whole_text<'m>(message: &'m Message<'_>) -> Cow<'m, str> {
    match message.texts.as_slice() {
        [] => Cow::Borrowed(""),
        [one] => Cow::Borrowed(one),
        many => Cow::Owned(many.join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(raw: &str) -> Message<'_> {
        read(raw.as_bytes(), 0)
    }

    #[test]
    fn chat_messages_are_read() {
        let user = message(r#"{"role":"user","name":"ann","content":[{"type":"text","text":"hi \"x\""}]}"#);
        assert_eq!((user.role, user.name.as_deref()), (Role::User, Some("ann")));
        assert_eq!(user.texts, ["hi \"x\""]);
        let asked = message(
            r#"{"content":null,"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}"#,
        );
        assert_eq!(asked.calls[0].arguments, r#"{"a":1}"#);
        let told = message(r#"{"role":"tool","tool_call_id":"c1","content":"done"}"#);
        assert_eq!(
            (told.role, told.results[0].id.as_ref(), told.results[0].text.as_ref()),
            (Role::Tool, "c1", "done")
        );
    }

    #[test]
    fn messages_of_the_messages_dialect_are_read() {
        let asked = message(
            r#"{"role":"assistant","content":[{"type":"text","text":"so"},{"type":"tool_use","id":"t1","name":"f","input":{"q":"x"}}]}"#,
        );
        assert_eq!((asked.texts[0].as_ref(), asked.calls[0].arguments.as_ref()), ("so", r#"{"q":"x"}"#));
        let told = message(
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"done"}]}]}"#,
        );
        assert_eq!((told.role, told.results[0].text.as_ref()), (Role::Tool, "done"));
    }

    #[test]
    fn items_of_the_responses_dialect_are_read() {
        let asked =
            message(r#"{"type":"function_call","call_id":"c1","id":"fc_1","name":"f","arguments":"{}"}"#);
        assert_eq!(
            (asked.role, asked.calls[0].name.as_ref(), asked.item_id.as_deref()),
            (Role::Assistant, "f", Some("fc_1"))
        );
        let told = message(r#"{"type":"function_call_output","call_id":"c1","output":"done"}"#);
        assert_eq!((told.role, told.results[0].id.as_ref()), (Role::Tool, "c1"));
        let said = message(
            r#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}"#,
        );
        assert_eq!((said.role, said.texts[0].as_ref()), (Role::Assistant, "hi"));
        assert_eq!(message(r#""plain""#).texts, ["plain"]);
    }
}
