//! What the connect snippet shows.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::access::{Reads, TeamParam};
use crate::error::ApiResult;
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::info::Info;

/// The newest routes are looked at; the snippet needs only one of them.
const LOOKED_AT: i64 = 200;
/// Answers at once and costs nothing, so a first call cannot fail for want of an account.
const FIRST_CHOICE: &str = "sim-fast";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(info))
}

/// What the connect snippet shows.
#[utoipa::path(
    get, path = "/api/info", tag = "info",
    params(TeamParam),
    responses((status = 200, body = Info), ProblemResponses),
)]
pub async fn info(State(state): State<AppState>, access: Reads) -> ApiResult<Json<Info>> {
    let routes = aop_store::routes::list(&state.store, access.team_id(), None, LOOKED_AT).await?;
    let mut chat = routes.into_iter().filter(|route| route.settings.operations.iter().any(|o| o == "chat"));
    let newest = chat.next().map(|route| route.settings.model);
    let simple = chat.map(|route| route.settings.model).find(|model| model == FIRST_CHOICE);
    Ok(Json(Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        gateway_url: format!("{}/v1", state.public_url),
        example_model: simple.or(newest),
    }))
}
