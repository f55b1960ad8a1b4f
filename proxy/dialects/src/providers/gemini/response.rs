//! A whole answer, read.

use serde_json::Value;

use super::wire::{self, Piece};
use crate::dialect::AnswerError;
use crate::form::{Content, Part, Response, StopReason, Thinking, ToolCall};

pub(super) fn read(body: &[u8]) -> Result<Response, AnswerError> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| AnswerError(format!("is not valid JSON: {error}")))?;
    let candidate = &answer["candidates"][0];
    let blocked = wire::prompt_blocked(&answer);
    if !candidate.is_object() && !blocked {
        return Err(AnswerError("holds no candidate".to_owned()));
    }
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let id = text("responseId");
    let parts = parts(&candidate["content"]["parts"], &id);
    let calls = parts.iter().any(|part| matches!(part.content, Content::ToolCall(_)));
    let stop = match candidate["finishReason"].as_str() {
        Some(reason) => wire::stop(reason, calls),
        None if blocked => StopReason::ContentFilter,
        None => return Err(AnswerError("ends without a reason".to_owned())),
    };
    Ok(Response {
        model: text("modelVersion"),
        id,
        created_s: None,
        parts,
        stop,
        usage: wire::usage(&answer["usageMetadata"]),
        logprobs: wire::logprobs(&candidate["logprobsResult"]),
        service_tier: None,
    })
}

fn parts(parts: &Value, response_id: &str) -> Vec<Part> {
    let mut read: Vec<Part> = Vec::new();
    let mut calls = 0;
    for part in parts.as_array().into_iter().flatten() {
        let signature = wire::signature(part);
        match wire::piece(part) {
            Some(Piece::Text(text)) => {
                push_text(text, &mut read);
                read.extend(signature.map(|signature| proven(String::new(), signature)));
            }
            Some(Piece::Thought(text)) => push_thought(text, signature, &mut read),
            Some(Piece::Call { id, name, arguments }) => {
                if let Some(signature) = signature {
                    push_thought("", Some(signature), &mut read);
                }
                let id = wire::call_id(id, response_id, calls);
                calls += 1;
                read.push(Part::new(Content::ToolCall(ToolCall { id, name: name.to_owned(), arguments })));
            }
            Some(Piece::Foreign(foreign)) => read.push(Part::new(Content::Foreign(foreign))),
            None => read.extend(signature.map(|signature| proven(String::new(), signature))),
        }
    }
    read
}

/// Pieces of one text are one part.
fn push_text(text: &str, read: &mut Vec<Part>) {
    if text.is_empty() {
        return;
    }
    match read.last_mut() {
        Some(Part { content: Content::Text(all), .. }) => all.push_str(text),
        _ => read.push(Part::text(text)),
    }
}

/// Thinking goes on until its signature comes.
fn push_thought(text: &str, signature: Option<String>, read: &mut Vec<Part>) {
    if let Some(Part { content: Content::Thinking(thinking), .. }) = read.last_mut()
        && thinking.signature.is_none()
    {
        thinking.text.push_str(text);
        thinking.signature = signature;
        return;
    }
    if !text.is_empty() || signature.is_some() {
        read.push(Part::new(Content::Thinking(Thinking { text: text.to_owned(), signature, id: None })));
    }
}

fn proven(text: String, signature: String) -> Part {
    Part::new(Content::Thinking(Thinking { text, signature: Some(signature), id: None }))
}
