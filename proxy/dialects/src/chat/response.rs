//! A chat completion's answer, read and written; and an assistant's message, which is the same in requests.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::wire::{self, text};
use crate::dialect::{AnswerError, Answering};
use crate::form::{Content, Part, Response, StopReason, Thinking, ToolCall};

pub fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    let choice = &value["choices"][0];
    let message = &choice["message"];
    if !message.is_object() {
        return Err(AnswerError("holds no message".to_owned()));
    }
    let parts = parts(message);
    let refused = parts.iter().any(|part| matches!(part.content, Content::Refusal(_)));
    let called = parts.iter().any(|part| matches!(part.content, Content::ToolCall(_)));
    let stop = choice["finish_reason"].as_str().map_or(StopReason::End, wire::stop);
    Ok(Response {
        id: text(&value["id"]),
        model: text(&value["model"]),
        created_s: value["created"].as_i64(),
        stop: wire::settled(stop, refused, called),
        parts,
        usage: crate::usage::read(&value["usage"]),
        logprobs: wire::read_logprobs(&choice["logprobs"]["content"]),
        service_tier: value["service_tier"].as_str().map(str::to_owned),
    })
}

fn parts(message: &Value) -> Vec<Part> {
    let mut parts: Vec<Part> =
        message["reasoning_details"].as_array().into_iter().flatten().filter_map(reasoning_detail).collect();
    if parts.is_empty() {
        let plain = [&message["reasoning_content"], &message["reasoning"]];
        let plain = plain.into_iter().filter_map(Value::as_str).find(|text| !text.is_empty());
        parts.extend(plain.map(|text| {
            Part::new(Content::Thinking(Thinking { text: text.to_owned(), ..Thinking::default() }))
        }));
    }
    match &message["content"] {
        Value::String(text) if !text.is_empty() => parts.push(Part::text(text.as_str())),
        Value::Array(texts) => {
            parts.extend(texts.iter().filter_map(|part| part["text"].as_str()).map(Part::text));
        }
        _ => {}
    }
    if let Some(refusal) = message["refusal"].as_str().filter(|refusal| !refusal.is_empty()) {
        parts.push(Part::new(Content::Refusal(refusal.to_owned())));
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        parts.push(Part::new(Content::ToolCall(ToolCall {
            id: text(&call["id"]),
            name: text(&call["function"]["name"]),
            arguments: text(&call["function"]["arguments"]),
        })));
    }
    parts
}

/// One entry of `reasoning_details`: thinking with its signature, or encrypted as a whole.
pub(super) fn reasoning_detail(detail: &Value) -> Option<Part> {
    let own = |name: &str| detail[name].as_str().map(str::to_owned);
    let content = match detail["type"].as_str()? {
        "reasoning.text" => Content::Thinking(Thinking {
            text: text(&detail["text"]),
            signature: own("signature"),
            id: own("id"),
        }),
        "reasoning.summary" => {
            Content::Thinking(Thinking { text: text(&detail["summary"]), signature: None, id: own("id") })
        }
        "reasoning.encrypted" => Content::RedactedThinking(text(&detail["data"])),
        _ => return None,
    };
    Some(Part::new(content))
}

pub(super) fn detail_of(content: &Content, index: usize) -> Option<Value> {
    match content {
        Content::Thinking(thinking) => {
            let mut detail = json!({"type": "reasoning.text", "text": thinking.text, "index": index});
            if let Some(signature) = &thinking.signature {
                detail["signature"] = signature.as_str().into();
            }
            if let Some(id) = &thinking.id {
                detail["id"] = id.as_str().into();
            }
            Some(detail)
        }
        Content::RedactedThinking(data) => {
            Some(json!({"type": "reasoning.encrypted", "data": data, "index": index}))
        }
        _ => None,
    }
}

/// The message of an assistant. `signed`: with the proofs of its thinking, for a client that shall send them back.
pub(super) fn assistant_message(parts: &[Part], signed: bool) -> Value {
    let mut texts: Vec<&str> = Vec::new();
    let (mut thoughts, mut refusal, mut calls, mut details) =
        (String::new(), String::new(), Vec::new(), Vec::new());
    for part in parts {
        match &part.content {
            Content::Text(text) => texts.push(text),
            Content::Refusal(text) => refusal.push_str(text),
            Content::Thinking(thinking) if signed || thinking.signature.is_none() => {
                thoughts.push_str(&thinking.text)
            }
            Content::ToolCall(call) => calls.push(json!({"id": call.id, "type": "function",
                "function": {"name": call.name, "arguments": call.arguments}})),
            _ => {}
        }
        details.extend(detail_of(&part.content, details.len()));
    }
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    message.insert("content".to_owned(), assistant_text(&texts, signed));
    if !thoughts.is_empty() {
        message.insert("reasoning_content".to_owned(), thoughts.into());
    }
    let proven = |part: &Part| match &part.content {
        Content::Thinking(thinking) => thinking.signature.is_some(),
        Content::RedactedThinking(_) => true,
        _ => false,
    };
    if signed && parts.iter().any(proven) {
        message.insert("reasoning_details".to_owned(), details.into());
    }
    if signed {
        message.insert("refusal".to_owned(), Value::Null);
    }
    if !refusal.is_empty() {
        message.insert("refusal".to_owned(), refusal.into());
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    message.into()
}

/// In an answer the texts are one; in a request each part stays itself.
fn assistant_text(texts: &[&str], answer: bool) -> Value {
    match texts {
        [] => Value::Null,
        [one] => (*one).into(),
        _ if answer => texts.concat().into(),
        _ => texts.iter().map(|text| json!({"type": "text", "text": text})).collect(),
    }
}

pub fn write(response: &Response, answering: &Answering) -> Bytes {
    let id = wire::id(&response.id, &answering.id);
    let created_s = response.created_s.unwrap_or(answering.created_s);
    let mut body = wire::envelope("chat.completion", &id, answering.model_of(&response.model), created_s);
    let logprobs = match &response.logprobs[..] {
        [] => Value::Null,
        logprobs => json!({"content": wire::write_logprobs(logprobs), "refusal": null}),
    };
    body.insert(
        "choices".to_owned(),
        json!([{
            "index": 0,
            "message": assistant_message(&response.parts, true),
            "logprobs": logprobs,
            "finish_reason": wire::finish_reason(&response.stop),
        }]),
    );
    if let Some(usage) = &response.usage {
        body.insert("usage".to_owned(), wire::usage(usage));
    }
    if let Some(tier) = &response.service_tier {
        body.insert("service_tier".to_owned(), tier.as_str().into());
    }
    Bytes::from(Value::Object(body).to_string())
}
