//! Live records over WebSockets.

use axum::Json;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::error_kind::ErrorKind;
use aop_domain::id::{TeamId, TraceId};
use aop_service::problem::Problem;

use crate::auth::access::{Level, Reads, TeamAccess, TeamParam};
use crate::auth::caller::Caller;
use crate::error::ApiResult;
use crate::extract::{Path, Query};
use crate::live::{socket, ticket};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::live::{LiveParams, LiveTicket};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_live_ticket))
        .routes(routes!(live_team))
        .routes(routes!(live_trace))
}

/// A one-time pass for opening a live WebSocket from a browser.
#[utoipa::path(
    post, path = "/api/live/ticket", tag = "live",
    params(TeamParam),
    responses((status = 201, body = LiveTicket), ProblemResponses),
)]
pub async fn create_live_ticket(
    State(state): State<AppState>,
    access: Reads,
) -> ApiResult<(StatusCode, Json<LiveTicket>)> {
    let ticket = state
        .tickets
        .issue(access.team_id(), Uuid::now_v7(), state.clock.now_s())
        .map_err(Problem::internal)?;
    let expires_in_s = u32::try_from(ticket::LIFETIME_S).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(LiveTicket { ticket, expires_in_s })))
}

/// WebSocket: every record of the team as it is accepted, one JSON object per message. Closed after 15 minutes; connect
/// again with a new ticket.
#[utoipa::path(
    get, path = "/ws/live", tag = "live",
    params(LiveParams),
    responses((status = 101, description = "Switches to a WebSocket"), ProblemResponses),
)]
pub async fn live_team(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(params): Query<LiveParams>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let team = admit(&state, &headers, &params).await?;
    open(&state, team, None, upgrade)
}

/// WebSocket: the records of one trace as they are accepted, one JSON object per message.
#[utoipa::path(
    get, path = "/ws/trace/{trace_id}/", tag = "live",
    params(("trace_id" = String, Path), LiveParams),
    responses((status = 101, description = "Switches to a WebSocket"), ProblemResponses),
)]
pub async fn live_trace(
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(trace_id): Path<String>,
    Query(params): Query<LiveParams>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let team = admit(&state, &headers, &params).await?;
    let trace = TraceId::parse_lenient(&trace_id).map_err(|_| Problem::not_found("trace"))?;
    open(&state, team, Some(trace), upgrade)
}

/// The team the caller may listen to: by ticket, or by an `Authorization` header where the client can send one.
async fn admit(state: &AppState, headers: &HeaderMap, params: &LiveParams) -> ApiResult<TeamId> {
    if let Some(ticket) = &params.ticket {
        return state.tickets.take(ticket, state.clock.now_s()).ok_or_else(|| {
            Problem::unauthenticated(
                "ticket_over",
                "The ticket was used already or is too old. Get a new one from /api/live/ticket.",
            )
            .into()
        });
    }
    let caller = Caller::approved(state, headers).await?;
    let asked = params.team_id.map(TeamId);
    Ok(TeamAccess::resolve(state, caller, asked).await?.requiring(Level::View)?.team_id)
}

fn open(
    state: &AppState,
    team: TeamId,
    only: Option<TraceId>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let upgrade = upgrade.map_err(|_| {
        Problem::invalid(
            "not_a_websocket",
            "This address speaks WebSocket only: connect with a WebSocket client.",
        )
    })?;
    let subscription = state.live.subscribe(team).ok_or_else(|| {
        Problem::new(
            ErrorKind::Unavailable,
            "too_many_listeners",
            "Too many live views are open. Close one first.",
        )
        .retry_after_s(30)
    })?;
    let (metrics, shutdown) = (state.metrics.clone(), state.shutdown.clone());
    Ok(upgrade
        .max_message_size(socket::LARGEST_INBOUND_BYTES)
        .max_frame_size(socket::LARGEST_INBOUND_BYTES)
        .on_upgrade(move |opened| socket::serve(opened, subscription, only, metrics, shutdown)))
}
