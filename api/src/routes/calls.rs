//! LLM calls.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_clickhouse::calls as stored;
use aop_domain::id::{CallId, ExecutionId, KeyId, TraceId};
use aop_service::problem::Problem;
use aop_store::agent_corrections;

use crate::auth::access::{OwnKey, Reads, TeamParam};
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::wire::calls::{CallDetail, CallFilter, CallReceipt, CallSummary};
use crate::wire::page::{Page, clamp_limit};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_calls)).routes(routes!(get_call)).routes(routes!(get_receipt))
}

/// LLM calls, newest first.
#[utoipa::path(
    get, path = "/api/calls", tag = "calls",
    params(CallFilter, TeamParam),
    responses((status = 200, body = Page<CallSummary>), ProblemResponses),
)]
pub async fn list_calls(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<CallFilter>,
) -> ApiResult<Json<Page<CallSummary>>> {
    let filter = stored::CallFilter {
        range: Some(range::of(&state, params.from, params.to)?),
        model: params.model,
        provider: params.provider,
        agent: params.agent,
        crew: params.crew,
        status: params.status.map(|status| status.as_str().to_owned()),
        session_id: params.session_id,
        end_user: params.end_user,
        token_issuer: params.token_issuer,
        token_subject: params.token_subject,
        key_id: params.key_id.map(KeyId),
        trace_id: params.trace_id.as_deref().map(trace_id).transpose()?,
        execution_id: params.execution_id.map(ExecutionId),
        min_duration_us: None,
        corrections: agent_corrections::of_team(&state.store, access.team_id()).await?.lines(),
        cursor: params.cursor,
        limit: clamp_limit(params.limit),
    };
    let page = stored::list(&state.clickhouse, access.team_id(), &filter).await?;
    Ok(Json(Page::from(page).map(CallSummary::from)))
}

fn trace_id(text: &str) -> ApiResult<TraceId> {
    TraceId::parse_lenient(text)
        .map_err(|error| Problem::invalid("invalid_query", format!("{error}.")).field("trace_id").into())
}

/// One call in full.
#[utoipa::path(
    get, path = "/api/calls/{id}", tag = "calls",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 200, body = CallDetail), ProblemResponses),
)]
pub async fn get_call(
    State(state): State<AppState>,
    access: Reads,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<CallDetail>> {
    let corrections = agent_corrections::of_team(&state.store, access.team_id()).await?.lines();
    let call = stored::find(&state.clickhouse, access.team_id(), CallId(id), &corrections).await?;
    Ok(Json(call.ok_or_else(|| Problem::not_found("call"))?.into()))
}

/// What a call of this very key used and cost. Found a moment after the answer, once the record is stored.
#[utoipa::path(
    get, path = "/v1/calls/{id}", tag = "calls",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CallReceipt), ProblemResponses),
)]
pub async fn get_receipt(
    State(state): State<AppState>,
    key: OwnKey,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<CallReceipt>> {
    let call = stored::find(&state.clickhouse, key.team_id, CallId(id), &[]).await?.map(CallDetail::from);
    let own = call.filter(|call| call.summary.key_id == Some(key.key_id.0));
    Ok(Json(own.ok_or_else(|| Problem::not_found("call"))?.into()))
}
