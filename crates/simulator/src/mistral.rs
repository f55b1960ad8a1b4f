//! Mistral's wire, below `/mistral/v1`: that of chat completions but for what is its own. A stream tells its usage unasked,
//! in the event that tells why it ended; answers and calls have no fields of OpenAI's; errors have another shape.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse, Json};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::openai::error::Refusal;
use crate::openai::request::Request;
use crate::openai::{chat, chat_prompt, chat_stream, embeddings};
use crate::prompt::ToolChoice;
use crate::script::{self, Answer};

pub(crate) fn routes() -> Router<CancellationToken> {
    Router::new().route("/chat/completions", post(chat_completions)).route("/embeddings", post(embed))
}

async fn chat_completions(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    answered(&headers, &bytes, shutdown).await.unwrap_or_else(|refusal| refused(&refusal))
}

async fn embed(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let embedded = async {
        let request = Request::open(&headers, &bytes, shutdown).await?;
        let mut whole = embeddings::whole(&request)?;
        whole["id"] = format!("sim-{}", request.digest).into();
        Ok(request.whole(&whole))
    };
    embedded.await.unwrap_or_else(|refusal| refused(&refusal))
}

async fn answered(
    headers: &HeaderMap,
    bytes: &Bytes,
    shutdown: CancellationToken,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(headers, bytes, shutdown).await?;
    let mut prompt = chat_prompt::read(&request)?;
    if request.body["tool_choice"] == "any" {
        prompt.tool_choice = ToolChoice::Must;
    }
    let answer = script::answer(&prompt);
    if request.is_stream() {
        let events = events(&request, &answer);
        return Ok(request.stream(&events));
    }
    let mut whole = chat::whole(&request, &answer);
    own(&mut whole);
    counts(&mut whole["usage"]);
    Ok(request.whole(&whole))
}

fn events(request: &Request, answer: &Answer) -> Vec<Value> {
    let mut events = chat_stream::events(request, answer);
    calls_whole(&mut events, answer);
    events.retain(|event| event["choices"].as_array().is_some_and(|choices| !choices.is_empty()));
    events.iter_mut().for_each(own);
    if let (Some(last), Some(mut usage)) = (events.last_mut(), request.usage(answer.tokens.openai())) {
        counts(&mut usage);
        last["usage"] = usage;
        last["choices"][0]["delta"]["content"] = "".into();
    }
    events
}

/// Calls are streamed too, but each in one piece.
fn calls_whole(events: &mut Vec<Value>, answer: &Answer) {
    let calls = |event: &Value| event["choices"][0]["delta"]["tool_calls"].is_array();
    let is_begun = |event: &Value| event.pointer("/choices/0/delta/tool_calls/0/id").is_some();
    events.retain(|event| !calls(event) || is_begun(event));
    for event in events.iter_mut().filter(|event| calls(event)) {
        let called = &mut event["choices"][0]["delta"]["tool_calls"][0];
        let at = called["index"].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or_default();
        if let Some(call) = answer.calls.get(at) {
            called["function"]["arguments"] = call.arguments.to_string().into();
        }
    }
}

/// Takes away what only OpenAI says.
fn own(event: &mut Value) {
    let without = |object: &mut Value, names: &[&str]| {
        if let Some(object) = object.as_object_mut() {
            names.iter().for_each(|name| {
                object.remove(*name);
            });
        }
    };
    without(event, &["system_fingerprint"]);
    let null_usage = event["usage"].is_null();
    if null_usage {
        without(event, &["usage"]);
    }
    for said in ["delta", "message"] {
        without(&mut event["choices"][0], &["logprobs"]);
        if event["choices"][0][said].is_object() {
            without(&mut event["choices"][0][said], &["refusal", "reasoning_content"]);
        }
    }
}

/// It tells no classes of tokens.
fn counts(usage: &mut Value) {
    if let Some(usage) = usage.as_object_mut() {
        usage.remove("prompt_tokens_details");
        usage.remove("completion_tokens_details");
    }
}

fn refused(refusal: &Refusal) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = if refusal.status == 422 {
        json!({ "detail": [{ "loc": ["body"], "msg": refusal.message, "type": "value_error" }] })
    } else {
        json!({ "object": "error", "message": refusal.message, "type": refusal.code, "param": null, "code": "1000" })
    };
    let mut response = (status, Json(body)).into_response();
    if let Some(seconds) = refusal.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
