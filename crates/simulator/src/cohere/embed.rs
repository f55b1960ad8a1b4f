//! `POST /v2/embed`: a vector for each text, by the type of its numbers.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::response::{IntoResponse, Json};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::chat::refuse;
use crate::call::{Call, Failure};
use crate::usage::tokens;
use crate::vector::unit_vector;

const DEFAULT_DIMENSIONS: u64 = 256;
const DIMENSIONS: [u64; 4] = [256, 512, 1_024, 1_536];

pub(crate) async fn handle(
    State(_): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let call = match Call::open(None, &headers, &bytes).await {
        Ok(call) => call,
        Err(failure) => return refuse(&failure),
    };
    embedded(&call).map_or_else(|failure| refuse(&failure), |body| Json(body).into_response())
}

fn embedded(call: &Call) -> Result<Value, Failure> {
    let texts = texts(&call.body)?;
    let dimensions = call.body["output_dimension"].as_u64().unwrap_or(DEFAULT_DIMENSIONS);
    if !DIMENSIONS.contains(&dimensions) {
        return Err(Failure::invalid(format!("'output_dimension' must be one of {DIMENSIONS:?}")));
    }
    let kinds = call.body["embedding_types"].as_array();
    if kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind != "float")) {
        return Err(Failure::invalid("the simulator has no 'embedding_types' but float"));
    }
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| unit_vector(text, dimensions as usize)).collect();
    let read: u64 = texts.iter().map(|text| tokens(text)).sum();
    let mut meta = json!({ "api_version": { "version": "2" } });
    if !call.control.no_usage {
        meta["billed_units"] = json!({ "input_tokens": read });
    }
    Ok(json!({
        "id": format!("sim-{}", call.digest),
        "response_type": "embeddings_by_type",
        "embeddings": { "float": vectors },
        "texts": texts,
        "meta": meta,
    }))
}

/// Of `texts`, or of `inputs`, whose contents may hold more than text.
fn texts(body: &Value) -> Result<Vec<String>, Failure> {
    if body["input_type"].as_str().is_none() {
        return Err(Failure::invalid("the field 'input_type' is missing"));
    }
    let texts: Vec<String> = match (body["texts"].as_array(), body["inputs"].as_array()) {
        (Some(texts), None) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        (None, Some(inputs)) => {
            inputs.iter().map(|input| crate::prompt::content_text(&input["content"])).collect()
        }
        _ => return Err(Failure::invalid("exactly one of 'texts' and 'inputs' must be given")),
    };
    if texts.is_empty() {
        return Err(Failure::invalid("there is nothing to embed"));
    }
    Ok(texts)
}
