//! `POST /ingest/repricings`: one slice of a re-pricing, changed in the ledger, the spans and the rollups before it is answered.
//!
//! What is changed, and how it survives a kill, stands with `aop_clickhouse::repricing`; here one slice is done at a time.
//! 200: all of it is done. Anything else: send it again.

use std::sync::Arc;

use aop_clickhouse::repricing::{self, SliceId};
use aop_clickhouse::{CallRepricingRow, ClickHouse};
use aop_domain::error_kind::ErrorKind;
use aop_domain::id::TeamId;
use aop_service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use prometheus::IntCounter;
use serde::Deserialize;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::schema::Schema;

/// Ten thousand rows, each with some long names.
pub(crate) const LARGEST_SLICE_BYTES: usize = 64 << 20;

#[derive(Clone)]
pub(crate) struct Repricer {
    clickhouse: ClickHouse,
    schema: Schema,
    turn: Arc<Mutex<()>>,
    repriced: IntCounter,
}

impl Repricer {
    pub(crate) fn new(clickhouse: ClickHouse, schema: Schema, repriced: IntCounter) -> Self {
        Self { clickhouse, schema, turn: Arc::default(), repriced }
    }
}

/// All rows of one slice.
#[derive(Deserialize)]
pub(crate) struct Slice {
    team: TeamId,
    repricing: Uuid,
    slice: u32,
    rows: Vec<CallRepricingRow>,
}

pub(crate) async fn slice(
    State(repricer): State<Repricer>,
    Json(given): Json<Slice>,
) -> Result<StatusCode, Problem> {
    if !repricer.schema.is_current() {
        let detail = "ClickHouse does not have the schema yet; send it again.";
        return Err(Problem::new(ErrorKind::Unavailable, "migrating", detail));
    }
    // A caller that went away leaves its slice to be finished: half of one would wait for the next try.
    let work = tokio::spawn(async move {
        let _turn = repricer.turn.lock().await;
        let slice = SliceId { team: given.team, repricing: given.repricing, slice: given.slice };
        repricing::apply(&repricer.clickhouse, slice, &given.rows).await?;
        repricer.repriced.inc_by(given.rows.len() as u64);
        Ok(())
    });
    let done: Result<(), aop_clickhouse::Error> = work.await.map_err(Problem::internal)?;
    done.map(|()| StatusCode::OK).map_err(|error| {
        tracing::warn!(%error, repricing = %given.repricing, slice = given.slice, "a slice of a re-pricing was not done");
        let kind = if error.is_retryable() { ErrorKind::Unavailable } else { error.kind() };
        Problem::new(kind, "not_repriced", format!("The slice was not changed whole: {error}"))
    })
}
