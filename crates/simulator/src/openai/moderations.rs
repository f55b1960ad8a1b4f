//! `POST /v1/moderations`: a text that speaks of violence is flagged, any other is not.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::Request;

const CATEGORIES: [&str; 4] = ["harassment", "hate", "sexual", "violence"];
const VIOLENT: [&str; 3] = ["kill", "violence", "weapon"];

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let input = request.body.get("input").ok_or_else(|| Refusal::invalid("the field 'input' is missing"))?;
    let results: Vec<Value> = match input {
        Value::Array(items) => items.iter().map(judged).collect(),
        one => vec![judged(one)],
    };
    let whole =
        json!({ "id": format!("modr-sim-{}", request.digest), "model": request.model, "results": results });
    Ok(request.whole(&whole))
}

fn judged(input: &Value) -> Value {
    let text = input.as_str().or_else(|| input["text"].as_str()).unwrap_or_default().to_lowercase();
    let is_violent = VIOLENT.iter().any(|word| text.contains(word));
    let of = |category: &str| category == "violence" && is_violent;
    let categories: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|it| ((*it).to_owned(), of(it).into())).collect();
    let score = |category: &str| if of(category) { 0.98 } else { 0.01 };
    let scores: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|it| ((*it).to_owned(), score(it).into())).collect();
    let kinds: serde_json::Map<String, Value> =
        CATEGORIES.iter().map(|it| ((*it).to_owned(), json!(["text"]))).collect();
    json!({ "flagged": is_violent, "categories": categories, "category_scores": scores,
        "category_applied_input_types": kinds })
}
