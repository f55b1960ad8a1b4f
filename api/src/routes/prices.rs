//! Prices of models.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_domain::price::PriceCard;
use aop_service::problem::Problem;
use aop_store::Scope;
use aop_store::prices::{self, NewPrice};

use crate::audit::{self, Change};
use crate::auth::access::{Administers, Reads, TeamParam};
use crate::auth::source::Source;
use crate::catalog::price_list;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Query};
use crate::openapi::ProblemResponses;
use crate::state::AppState;
use crate::wire::page::Page;
use crate::wire::prices::{Price, PriceFilter, SetPriceRequest};

/// More versions than people set by hand.
const EVERY: i64 = 10_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_prices, set_price))
}

/// Prices that people set, in force or to come, then the shipped table.
#[utoipa::path(
    get, path = "/api/prices", tag = "prices",
    params(PriceFilter, TeamParam),
    responses((status = 200, body = Page<Price>), ProblemResponses),
)]
pub async fn list_prices(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<PriceFilter>,
) -> ApiResult<Json<Page<Price>>> {
    let set = prices::list(&state.store, access.team_id(), None, EVERY).await?;
    Ok(Json(price_list::page(set, &params, state.now()?)?))
}

/// Puts a price over the shipped one. Calls metered before keep the price they were metered at.
#[utoipa::path(
    put, path = "/api/prices", tag = "prices",
    params(TeamParam),
    request_body = SetPriceRequest,
    responses((status = 200, body = Price), ProblemResponses),
)]
pub async fn set_price(
    State(state): State<AppState>,
    Administers(access): Administers,
    source: Source,
    Body(body): Body<SetPriceRequest>,
) -> ApiResult<Json<Price>> {
    let card = PriceCard::parse(&body.card.to_string())
        .map_err(|error| Problem::invalid("invalid_card", format!("{error}.")).field("card"))?;
    let new = NewPrice {
        id: Uuid::now_v7(),
        provider: checks::name("provider", &body.provider, 100)?,
        model: checks::name("model", &body.model, 200)?,
        effective_from: body.effective_from.map_or_else(|| state.now(), Ok)?,
        card: serde_json::from_str(&card.to_json()).map_err(Problem::internal)?,
        created_by: Some(access.caller.user_id),
    };
    let scope = if body.shared { Scope::Shared } else { Scope::Team(access.team_id) };
    let made = prices::create(&state.store, scope, &new).await?;
    let target = ("price", made.id);
    let detail =
        json!({"provider": made.provider, "model": made.model, "version": made.version, "card": made.card});
    let (team_id, by) = (Some(access.team_id), access.caller.actor());
    audit::note(&state, Change { team_id, action: "price.set", target, detail, by, from: source }).await;
    Ok(Json(Price::of(made)))
}
