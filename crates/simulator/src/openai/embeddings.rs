//! `POST /v1/embeddings`: unit vectors made from the text; as numbers or as base64 of little-endian f32.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::Request;
use crate::usage::tokens;
use crate::vector::unit_vector;

const DEFAULT_DIMENSIONS: u64 = 256;
const MOST_DIMENSIONS: u64 = 4_096;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let whole = whole(&request)?;
    Ok(request.whole(&whole))
}

pub(crate) fn whole(request: &Request) -> Result<Value, Refusal> {
    let inputs = inputs(request.body.get("input"))?;
    let dimensions = request.body.get("dimensions").and_then(Value::as_u64).unwrap_or(DEFAULT_DIMENSIONS);
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        return Err(Refusal::invalid(format!("'dimensions' must be from 1 to {MOST_DIMENSIONS}")));
    }
    let as_base64 = request.body.get("encoding_format").and_then(Value::as_str) == Some("base64");
    let embedded = |(at, text): (usize, &String)| {
        let vector = unit_vector(text, dimensions as usize);
        let embedding = if as_base64 { Value::from(encoded(&vector)) } else { json!(vector) };
        json!({ "object": "embedding", "index": at, "embedding": embedding })
    };
    let data: Vec<Value> = inputs.iter().enumerate().map(embedded).collect();
    let read: u64 = inputs.iter().map(|text| tokens(text)).sum();
    let mut whole = json!({ "object": "list", "data": data, "model": request.model });
    if let Some(usage) = request.usage(json!({ "prompt_tokens": read, "total_tokens": read })) {
        whole["usage"] = usage;
    }
    Ok(whole)
}

/// A string, a list of strings, a list of tokens or a list of lists of tokens.
fn inputs(input: Option<&Value>) -> Result<Vec<String>, Refusal> {
    match input {
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(tokens @ Value::Array(list)) if list.first().is_some_and(Value::is_number) => {
            Ok(vec![tokens.to_string()])
        }
        Some(Value::Array(list)) if !list.is_empty() => Ok(list
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect()),
        _ => Err(Refusal::invalid("the field 'input' is missing, empty, or neither a string nor a list")),
    }
}

fn encoded(vector: &[f32]) -> String {
    STANDARD.encode(vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
}
