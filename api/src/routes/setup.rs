//! The state of the first run.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiResult;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::auth::SetupState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(setup_state))
}

/// Whether the first administrator still has to be made.
#[utoipa::path(
    get, path = "/api/setup", tag = "setup",
    responses((status = 200, body = SetupState), ProblemResponses),
    security(()),
)]
pub async fn setup_state(State(state): State<AppState>) -> ApiResult<Json<SetupState>> {
    let needs_admin = !aop_store::users::has_admin(&state.store).await?;
    Ok(Json(SetupState { needs_admin, version: env!("CARGO_PKG_VERSION").to_owned() }))
}
