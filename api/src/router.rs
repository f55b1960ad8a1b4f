//! Every endpoint in one place, and the layers around them.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;

use crate::openapi::ApiDoc;
use crate::state::AppState;
use crate::{auth, etag, headers, idempotency, metrics, routes, ui};

/// Largest body of a management request; crews with long prompts are the largest.
pub const LARGEST_BODY_BYTES: usize = 2 << 20;
/// Longest time an answer may take to begin. Streams and sockets go on after that.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// The endpoints of the contract, with their descriptions.
pub fn endpoints() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .merge(routes::setup::routes())
        .merge(routes::auth::routes())
        .merge(routes::sso::routes())
        .merge(routes::accept_invitation::routes())
        .merge(routes::password_reset::routes())
        .merge(routes::me::routes())
        .merge(routes::users::routes())
        .merge(routes::teams::routes())
        .merge(routes::members::routes())
        .merge(routes::invitations::routes())
        .merge(routes::api_keys::routes())
        .merge(routes::providers::routes())
        .merge(routes::credentials::routes())
        .merge(routes::models::routes())
        .merge(routes::prices::routes())
        .merge(routes::repricings::routes())
        .merge(routes::budgets::routes())
        .merge(routes::token_rules::routes())
        .merge(routes::policies::routes())
        .merge(routes::guardrails::routes())
        .merge(routes::hooks::routes())
        .merge(routes::hook_deliveries::routes())
        .merge(routes::crews::routes())
        .merge(routes::executions::routes())
        .merge(routes::execution_records::routes())
        .merge(routes::calls::routes())
        .merge(routes::traces::routes())
        .merge(routes::agent_corrections::routes())
        .merge(routes::analytics::routes())
        .merge(routes::what_if::routes())
        .merge(routes::live::routes())
        .merge(routes::calls_in_flight::routes())
        .merge(routes::kills::routes())
        .merge(routes::runaway::routes())
        .merge(routes::replays::routes())
        .merge(routes::info::routes())
}

/// The contract, as `openapi.json` holds it.
pub fn contract() -> utoipa::openapi::OpenApi {
    endpoints().into_openapi()
}

/// The whole process: endpoints, their documentation, health, and the UI for everything else.
pub fn app(state: AppState) -> Router {
    let (endpoints, contract) = endpoints().split_for_parts();
    let docs = SwaggerUi::new("/api/docs")
        .url("/api/openapi.json", contract)
        // Nothing of ours goes to an outside validator.
        .config(Config::default().validator_url("none"));
    let answering = endpoints
        .merge(docs)
        .merge(routes::health::routes())
        .fallback(ui::serve)
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(from_fn(answer_in_time))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn_with_state(state.clone(), metrics::measure))
        .with_state(state.clone());
    // These stand around the whole router and not inside each route: one of them asks it twice.
    Router::new()
        .fallback_service(answering)
        .layer(from_fn_with_state(state.clone(), etag::versions))
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(from_fn_with_state(state, auth::origin::refuse_foreign_pages))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn(headers::secure))
}

async fn answer_in_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(LONGEST_ANSWER, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        Problem::new(
            ErrorKind::Timeout,
            "too_slow",
            "This took too long and was given up. Try again, or ask for less.",
        )
        .into_response()
    })
}

fn after_panic(_: Box<dyn Any + Send>) -> Response {
    // The panic itself was logged where it happened, without its payload.
    Problem::internal("a handler panicked").into_response()
}
