//! `POST /v1/messages/count_tokens`.

use axum::http::HeaderMap;
use axum::response::Json;
use bytes::Bytes;
use serde_json::{Value, json};

use super::error::Refusal;
use super::messages_prompt;
use super::request::Request;

pub(crate) async fn handle(headers: HeaderMap, bytes: Bytes) -> Result<Json<Value>, Refusal> {
    let request = Request::open(&headers, &bytes).await?;
    let prompt = messages_prompt::read(&request)?;
    Ok(Json(json!({ "input_tokens": prompt.tokens() })))
}
