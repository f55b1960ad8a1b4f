//! Whether this process lives and can do its work, and its metrics. Not part of the contract: these are for machines
//! that watch it.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::json;

use aop_service::problem::Problem;

use crate::error::ApiResult;
use crate::state::AppState;

/// A store that answers later than this is not ready.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", routing::get(async || "ok\n"))
        .route("/readyz", routing::get(readyz))
        .route("/metrics", routing::get(metrics))
}

/// 200 when Postgres and ClickHouse answer, 503 otherwise, with what each said.
async fn readyz(State(state): State<AppState>) -> Response {
    let (postgres, clickhouse) = tokio::join!(
        tokio::time::timeout(LONGEST_WAIT, state.store.ping()),
        tokio::time::timeout(LONGEST_WAIT, state.clickhouse.ping()),
    );
    let (postgres, clickhouse) = (matches!(postgres, Ok(Ok(()))), matches!(clickhouse, Ok(Ok(()))));
    let ready = postgres && clickhouse;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "postgres": postgres, "clickhouse": clickhouse}))).into_response()
}

async fn metrics(State(state): State<AppState>) -> ApiResult<Response> {
    state.metrics.live_subscribers.set(i64::try_from(state.live.subscriber_count()).unwrap_or(i64::MAX));
    let text = state.metrics.text().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
