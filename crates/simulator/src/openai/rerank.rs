//! `POST /v1/rerank`, as Jina and servers of one's own answer it: billed by tokens.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::error::Refusal;
use super::request::Request;
use crate::rank;
use crate::usage::tokens;

pub(crate) async fn handle(
    State(shutdown): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response<Body>, Refusal> {
    let request = Request::open(&headers, &bytes, shutdown).await?;
    let with_documents = request.body["return_documents"] == true;
    let (results, _) = rank::results(&request.body, with_documents).map_err(Refusal::invalid)?;
    let read = tokens(&request.body["documents"].to_string())
        + tokens(request.body["query"].as_str().unwrap_or_default());
    let mut whole = json!({ "model": request.model, "object": "list", "results": results });
    if let Some(usage) = request.usage(json!({ "total_tokens": read, "prompt_tokens": read })) {
        whole["usage"] = usage;
    }
    Ok(request.whole(&Value::take(&mut whole)))
}
