//! The gateways' side: what they are asked for, and what they tell.

use std::time::Duration;

use aop_domain::in_flight::{Batch, Heard, Wanted};
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use uuid::Uuid;

use super::Board;

/// A gateway that waits is answered after so long in any case.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub(crate) struct Known {
    boot: Uuid,
    version: u64,
}

/// `GET /live/wanted`.
pub(crate) async fn wanted(State(board): State<Board>, Query(known): Query<Known>) -> Json<Wanted> {
    let mut wanted = board.meet(known.boot);
    let changed = wanted.wait_for(|wanted| wanted.version != known.version);
    let changed = tokio::time::timeout(LONGEST_WAIT, changed);
    tokio::select! {
        () = board.shutdown.cancelled() => {}
        _ = changed => {}
    }
    let now = wanted.borrow().clone();
    Json(now)
}

/// `POST /live/calls`.
pub(crate) async fn tell(State(board): State<Board>, Json(batch): Json<Batch>) -> Json<Heard> {
    Json(Heard { tell_all: !board.take(batch) })
}
