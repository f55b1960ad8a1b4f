//! `POST /v1/chat/completions`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::{CREATED_S, Request};
use super::{chat_prompt, chat_stream};
use crate::script::{self, Answer, Finish};

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let answer = script::answer(&chat_prompt::read(&request)?);
    if request.is_stream() {
        let events = chat_stream::events(&request, &answer);
        return Ok(request.stream(&events));
    }
    let whole = whole(&request, &answer);
    Ok(request.whole(&whole))
}

pub(crate) fn whole(request: &Request, answer: &Answer) -> Value {
    let mut message = json!({ "role": "assistant", "content": answer.text, "refusal": null });
    if !answer.calls.is_empty() {
        message["content"] =
            if answer.text.is_empty() { Value::Null } else { Value::from(answer.text.clone()) };
        message["tool_calls"] = answer.calls.iter().map(tool_call).collect();
    }
    if !answer.reasoning.is_empty() {
        message["reasoning_content"] = Value::from(answer.reasoning.clone());
    }
    let mut whole = json!({
        "id": format!("chatcmpl-sim-{}", request.digest),
        "object": "chat.completion",
        "created": CREATED_S,
        "model": request.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(answer.finish) }],
        "system_fingerprint": "fp_simulator",
    });
    if let Some(usage) = request.usage(answer.tokens.openai()) {
        whole["usage"] = usage;
    }
    whole
}

fn tool_call(call: &script::ToolCall) -> Value {
    let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
    json!({ "id": call.id, "type": "function", "function": function })
}

pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
    }
}
