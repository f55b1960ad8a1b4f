//! The collector's addresses.
//!
//! | address | for |
//! |---------|-----|
//! | `POST /ingest/segments` | spools; internal token |
//! | `POST /ingest/repricings` | the api; internal token |
//! | `GET /live` | the api; internal token |
//! | `/live/calls`, `/live/wanted` | gateways and the api, for calls in flight; internal token |
//! | `GET /healthz` | the process answers |
//! | `GET /readyz` | ClickHouse answers and has the schema |
//! | `GET /metrics` | Prometheus |

use aop_clickhouse::ClickHouse;
use aop_domain::error_kind::ErrorKind;
use aop_service::problem::Problem;
use aop_service::secret::Secret;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::ingest::{self, Intake};
use crate::live::in_flight::{self, Board};
use crate::live::{self, Live};
use crate::metrics::Metrics;
use crate::reprice::{self, Repricer};
use crate::schema::Schema;

/// What a gateway with many calls in flight tells at once.
const LARGEST_BATCH_BYTES: usize = 32 << 20;

/// What `/readyz` looks at.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) clickhouse: ClickHouse,
    pub(crate) schema: Schema,
}

pub(crate) fn router(
    intake: Intake,
    repricer: Repricer,
    (live, board): (Live, Board),
    metrics: Metrics,
    ready: Ready,
    token: Secret,
) -> Router {
    let internal = Router::new()
        // The handler has a limit of its own, and takes its turn before it reads.
        .route(
            "/ingest/segments",
            post(ingest::segment).layer(DefaultBodyLimit::disable()).with_state(intake),
        )
        .route(
            "/ingest/repricings",
            post(reprice::slice)
                .layer(DefaultBodyLimit::max(reprice::LARGEST_SLICE_BYTES))
                .with_state(repricer),
        )
        .route("/live", get(live::listen).with_state(live.clone()))
        .merge(in_flight_routes(board))
        .layer(from_fn_with_state(token, aop_service::internal::require));
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz).with_state(ready))
        .route("/metrics", get(show_metrics).with_state((metrics, live)))
        .merge(internal)
}

fn in_flight_routes(board: Board) -> Router {
    Router::new()
        .route("/live/wanted", get(in_flight::wanted))
        .route("/live/calls", get(in_flight::list).post(in_flight::tell))
        .route("/live/calls/stream", get(in_flight::stream))
        .route("/live/calls/{call_id}/text", get(in_flight::text))
        .layer(DefaultBodyLimit::max(LARGEST_BATCH_BYTES))
        .with_state(board)
}

async fn readyz(State(ready): State<Ready>) -> Result<&'static str, Problem> {
    if !ready.schema.is_current() {
        return Err(Problem::new(
            ErrorKind::Unavailable,
            "migrating",
            "ClickHouse does not have the schema yet.",
        ));
    }
    ready
        .clickhouse
        .ping()
        .await
        .map_err(|error| Problem::new(ErrorKind::Unavailable, "clickhouse_away", error.to_string()))?;
    Ok("ready")
}

async fn show_metrics(State((metrics, live)): State<(Metrics, Live)>) -> Result<impl IntoResponse, Problem> {
    metrics.live_listeners.set(live.listeners() as i64);
    let text = metrics.text().map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}
