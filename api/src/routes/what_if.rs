//! What recorded calls would have cost on other models.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use aop_clickhouse::analytics::TokensFilter;
use aop_service::problem::Problem;
use aop_store::agent_corrections;

use crate::auth::access::{Reads, TeamParam};
use crate::checks;
use crate::error::ApiResult;
use crate::extract::Query;
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::what_if::{self, Candidate, MOST_MODELS};
use crate::wire::what_if::{WhatIf, WhatIfParams};

const LONGEST_US: i64 = 92 * 86_400_000_000;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(what_if))
}

/// What the calls of a range would have cost on other models, by the tokens that were recorded.
#[utoipa::path(
    get, path = "/api/analytics/what-if", tag = "analytics",
    params(WhatIfParams, TeamParam),
    responses((status = 200, body = WhatIf), ProblemResponses),
)]
pub async fn what_if(
    State(state): State<AppState>,
    access: Reads,
    Query(params): Query<WhatIfParams>,
) -> ApiResult<Json<WhatIf>> {
    let asked = range::of(&state, params.from, params.to)?;
    if asked.to_us - asked.from_us > LONGEST_US {
        return Err(Problem::invalid("range_too_long", "A comparison spans at most 92 days.")
            .field("from")
            .into());
    }
    let candidates = candidates(params.models.as_deref().unwrap_or_default())?;
    let corrections = agent_corrections::of_team(&state.store, access.team_id()).await?.lines();
    let filter = TokensFilter { agent: params.agent, route: params.route, model: params.model, corrections };
    let found = what_if::compare(&state, access.team_id(), asked, &filter, candidates).await?;
    Ok(Json(WhatIf::of(asked, found)))
}

/// `openai/gpt-4o,anthropic/claude-sonnet-4`
fn candidates(text: &str) -> Result<Vec<Candidate>, Problem> {
    let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > MOST_MODELS {
        let detail = format!("At most {MOST_MODELS} models are compared.");
        return Err(Problem::invalid("too_many_models", detail).field("models"));
    }
    let one = |name: &str| {
        let (provider, model) = name.split_once('/').ok_or_else(|| {
            Problem::invalid("invalid_model", "A model is named as provider/model.").field("models")
        })?;
        Ok(Candidate {
            provider: checks::name("models", provider, 100)?,
            model: checks::name("models", model, 200)?,
        })
    };
    let mut candidates = names.into_iter().map(one).collect::<Result<Vec<_>, Problem>>()?;
    candidates.sort();
    candidates.dedup();
    Ok(candidates)
}
