//! Calls in flight: the list of them, and the text of one as it comes.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::id::TraceId;
use aop_service::problem::Problem;

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::live::calls::Narrow;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::in_flight::{CallsInFlight, InFlightCall, InFlightFilter};

const DEFAULT_LIMIT: u32 = 200;
const LARGEST_LIMIT: u32 = 1_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_calls_in_flight)).routes(routes!(stream_call_text))
}

/// The calls in flight now, oldest first, over all gateways.
#[utoipa::path(
    get, path = "/api/calls/in-flight", tag = "live",
    params(InFlightFilter, TeamParam),
    responses((status = 200, body = CallsInFlight), ProblemResponses),
)]
pub async fn list_calls_in_flight(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<InFlightFilter>,
) -> ApiResult<Json<CallsInFlight>> {
    let trace = params.trace_id.map(|text| TraceId::parse_lenient(&text)).transpose();
    let trace = trace.map_err(|_| Problem::not_found("trace"))?;
    let narrow = Narrow {
        trace_id: trace.map(|id| id.to_string()),
        execution_id: params.execution_id,
        agent: params.agent,
        key_id: params.key_id,
        ..Narrow::default()
    };
    let list = state.collector.list(access.team_id(), &narrow).await;
    let total = u32::try_from(list.calls.len()).unwrap_or(u32::MAX);
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, LARGEST_LIMIT) as usize;
    Ok(Json(CallsInFlight {
        items: list.calls.into_iter().take(limit).map(InFlightCall::from).collect(),
        total,
        complete: list.complete,
        as_of: state.now()?,
    }))
}

/// The text of one running call as it comes, from its beginning, as server-sent events: `text` (`text`), `gap`
/// (`missed_bytes`: what a slow reader lost), `end` (`status`). A comment comes every 15 s.
#[utoipa::path(
    get, path = "/api/calls/{call_id}/text", tag = "live",
    params(("call_id" = Uuid, Path), TeamParam),
    responses(
        (status = 200, description = "The event stream", content_type = "text/event-stream", body = String),
        ProblemResponses,
    ),
)]
pub async fn stream_call_text(
    State(state): State<AppState>,
    access: Reads,
    Path(call_id): Path<Uuid>,
) -> ApiResult<Response> {
    let answer = state.collector.text(access.team_id(), call_id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies in between would otherwise hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    // Ends with the collector's side, and with this process.
    let shutdown = state.shutdown.clone();
    let pieces =
        futures::StreamExt::take_until(answer.bytes_stream(), async move { shutdown.cancelled().await });
    Ok((headers, Body::from_stream(pieces)).into_response())
}
