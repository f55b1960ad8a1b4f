//! `:embedContent` and `:batchEmbedContents`: a vector for each content.

use axum::body::Body;
use axum::http::Response;
use axum::response::{IntoResponse, Json};
use serde_json::{Value, json};

use super::generate::refuse;
use super::prompt::said;
use crate::call::{Call, Failure};
use crate::usage::tokens;
use crate::vector::unit_vector;

const DEFAULT_DIMENSIONS: u64 = 256;
const MOST_DIMENSIONS: u64 = 3_072;

pub(super) fn one(call: &Call) -> Response<Body> {
    match embedded(&call.body) {
        Err(failure) => refuse(&failure),
        Ok((embedding, read)) => answer(call, json!({ "embedding": embedding }), read),
    }
}

pub(super) fn batch(call: &Call) -> Response<Body> {
    let requests = call.body["requests"].as_array().filter(|requests| !requests.is_empty());
    let Some(requests) = requests else {
        return refuse(&Failure::invalid("the field 'requests' is missing, empty or not a list"));
    };
    let embedded: Result<Vec<_>, _> = requests.iter().map(embedded).collect();
    match embedded {
        Err(failure) => refuse(&failure),
        Ok(embedded) => {
            let read = embedded.iter().map(|(_, read)| read).sum();
            let embeddings: Vec<Value> = embedded.into_iter().map(|(embedding, _)| embedding).collect();
            answer(call, json!({ "embeddings": embeddings }), read)
        }
    }
}

fn embedded(request: &Value) -> Result<(Value, u64), Failure> {
    let text = said(&request["content"]["parts"]);
    if text.is_empty() {
        return Err(Failure::invalid("the field 'content' says nothing"));
    }
    let asked = request["outputDimensionality"].as_u64();
    let asked = asked.or_else(|| request["embedContentConfig"]["outputDimensionality"].as_u64());
    let dimensions = asked.unwrap_or(DEFAULT_DIMENSIONS);
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        return Err(Failure::invalid(format!("'outputDimensionality' must be from 1 to {MOST_DIMENSIONS}")));
    }
    Ok((json!({ "values": unit_vector(&text, dimensions as usize) }), tokens(&text)))
}

fn answer(call: &Call, mut body: Value, read: u64) -> Response<Body> {
    if !call.control.no_usage {
        let counted = json!({ "promptTokenCount": read });
        body["usageMetadata"] = call.control.usage.clone().unwrap_or(counted);
    }
    Json(body).into_response()
}
