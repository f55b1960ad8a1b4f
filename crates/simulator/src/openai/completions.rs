//! `POST /v1/completions`: the older text endpoint.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::chat::finish_reason;
use super::error::Refusal;
use super::request::{CREATED_S, Request};
use crate::prompt::{Prompt, Role, Turn};
use crate::script;
use crate::text::pieces;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let answer = script::answer(&prompt(&request)?);
    let finish = finish_reason(answer.finish);
    let usage = request.usage(answer.tokens.openai());
    if !request.is_stream() {
        let mut whole = completion(&request, &answer.text, Some(finish));
        if let Some(usage) = usage {
            whole["usage"] = usage;
        }
        return Ok(request.whole(&whole));
    }
    let mut events: Vec<Value> =
        pieces(&answer.text).iter().map(|text| completion(&request, text, None)).collect();
    events.push(completion(&request, "", Some(finish)));
    if let Some(usage) = usage.filter(|_| request.wants_usage()) {
        let mut last = completion(&request, "", None);
        last["choices"] = json!([]);
        last["usage"] = usage;
        events.push(last);
    }
    Ok(request.stream(&events))
}

fn prompt(request: &Request) -> Result<Prompt, Refusal> {
    let text = match request.body.get("prompt") {
        Some(Value::String(text)) => text.clone(),
        Some(list @ Value::Array(_)) => list.to_string(),
        _ => return Err(Refusal::invalid("the field 'prompt' is missing or neither a string nor a list")),
    };
    Ok(Prompt {
        model: request.model.to_owned(),
        turns: vec![Turn { role: Role::User, text }],
        max_tokens: request.body.get("max_tokens").and_then(Value::as_u64),
        words: request.control.words,
        text: request.control.text.clone(),
        ..Prompt::default()
    })
}

fn completion(request: &Request, text: &str, finish: Option<&str>) -> Value {
    json!({
        "id": format!("cmpl-sim-{}", request.digest),
        "object": "text_completion",
        "created": CREATED_S,
        "model": request.model,
        "choices": [{ "index": 0, "text": text, "logprobs": null, "finish_reason": finish }],
    })
}
