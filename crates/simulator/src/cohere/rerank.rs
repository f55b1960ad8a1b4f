//! `POST /v2/rerank`, as Cohere answers it: billed by the search, one for each hundred documents begun.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::response::{IntoResponse, Json};
use bytes::Bytes;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::chat::refuse;
use crate::call::{Call, Failure};
use crate::rank;

pub(crate) async fn handle(
    State(_): State<CancellationToken>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response<Body> {
    let call = match Call::open(None, &headers, &bytes).await {
        Ok(call) => call,
        Err(failure) => return refuse(&failure),
    };
    match rank::results(&call.body, false) {
        Err(problem) => refuse(&Failure::invalid(problem)),
        Ok((results, documents)) => {
            let searches = documents.div_ceil(100).max(1);
            let meta =
                json!({ "api_version": { "version": "2" }, "billed_units": { "search_units": searches } });
            Json(json!({ "id": format!("sim-{}", call.digest), "results": results, "meta": meta }))
                .into_response()
        }
    }
}
