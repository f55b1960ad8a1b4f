//! What a runner does with an execution. Each claim has a number (`attempt`, the fencing token): every write of a runner
//! names it, so a runner that was away too long and lost its claim writes nothing.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::types::PgInterval;
use time::OffsetDateTime;

use aop_domain::id::{CrewId, ExecutionId, KeyId, TeamId, TraceId, UserId};
use aop_domain::run_event::RunEvent;

use crate::{Error, Store, execution_events};

/// A run that belongs to one runner for as long as its heart beats.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub id: ExecutionId,
    pub attempt: i32,
    pub team_id: TeamId,
    pub crew_id: Option<CrewId>,
    pub crew_name: String,
    pub config: Value,
    pub inputs: Value,
    pub trace_id: TraceId,
    pub user_id: Option<UserId>,
    pub key_id: Option<KeyId>,
    /// Of the first attempt.
    pub started_at: OffsetDateTime,
    pub cancel_requested: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// `completed`, `failed`, `cancelled`.
    pub status: &'static str,
    pub outputs: Option<Value>,
    pub error_message: Option<String>,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub total_cost: Option<Decimal>,
}

/// Takes the oldest run that waits, or that runs without a heartbeat since `stale_after`. Never the same for two runners.
pub async fn next(store: &Store, runner: &str, stale_after: Duration) -> Result<Option<Claim>, Error> {
    let stale_after = interval(stale_after);
    let row = sqlx::query!(
        r#"UPDATE executions
         SET status = 'running', claimed_by = $1, heartbeat_at = now(), attempt = attempt + 1,
             started_at = coalesce(started_at, now())
         WHERE id = (
             SELECT id FROM executions
             WHERE status = 'pending' OR (status = 'running' AND heartbeat_at < now() - $2::interval)
             ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, attempt, team_id, crew_id, crew_name, config, inputs, trace_id, triggered_by_user_id,
                   triggered_by_key_id, started_at AS "started_at!", cancel_requested"#,
        runner,
        stale_after
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(|row| Claim {
        id: ExecutionId(row.id),
        attempt: row.attempt,
        team_id: TeamId(row.team_id),
        crew_id: row.crew_id.map(CrewId),
        crew_name: row.crew_name,
        config: row.config,
        inputs: row.inputs,
        trace_id: TraceId::from_slice(&row.trace_id),
        user_id: row.triggered_by_user_id.map(UserId),
        key_id: row.triggered_by_key_id.map(KeyId),
        started_at: row.started_at,
        cancel_requested: row.cancel_requested,
    }))
}

/// The state of one of a runner's claims, as its heartbeat finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    pub id: ExecutionId,
    pub attempt: i32,
    pub cancel_requested: bool,
}

/// Says "still here" for everything this runner has claimed. What is missing from the answer is lost.
pub async fn heartbeat(store: &Store, runner: &str) -> Result<Vec<Beat>, Error> {
    let rows = sqlx::query!(
        "UPDATE executions SET heartbeat_at = now() WHERE claimed_by = $1 AND status = 'running'
         RETURNING id, attempt, cancel_requested",
        runner
    )
    .fetch_all(store.pool())
    .await?;
    let beat = |id, attempt, cancel_requested| Beat { id: ExecutionId(id), attempt, cancel_requested };
    Ok(rows.into_iter().map(|row| beat(row.id, row.attempt, row.cancel_requested)).collect())
}

/// Adds events to the run. `Error::LostClaim`: nothing was written.
pub async fn append_events(
    store: &Store,
    id: ExecutionId,
    attempt: i32,
    events: &[RunEvent],
) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    hold(&mut tx, id, attempt).await?;
    execution_events::append(&mut tx, id, events).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends the run and writes its last events, together.
pub async fn finish(
    store: &Store,
    id: ExecutionId,
    attempt: i32,
    ending: &Ending,
    events: &[RunEvent],
) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    hold(&mut tx, id, attempt).await?;
    execution_events::append(&mut tx, id, events).await?;
    sqlx::query!(
        "UPDATE executions SET status = $2, outputs = $3, error_message = $4, completed_at = now(), input_tokens = $5,
                output_tokens = $6, total_cost = $7, claimed_by = NULL WHERE id = $1",
        id.0,
        ending.status,
        ending.outputs,
        ending.error_message,
        i64::try_from(ending.input_tokens).unwrap_or(i64::MAX),
        i64::try_from(ending.output_tokens).unwrap_or(i64::MAX),
        ending.total_cost
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the run back to the queue, for another runner to go on with.
pub async fn hand_back(store: &Store, id: ExecutionId, attempt: i32) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE executions SET status = 'pending', claimed_by = NULL, heartbeat_at = NULL
         WHERE id = $1 AND attempt = $2 AND status = 'running'",
        id.0,
        attempt
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Locks the run for this transaction, if it still belongs to this claim.
pub(crate) async fn hold(
    tx: &mut sqlx::PgTransaction<'_>,
    id: ExecutionId,
    attempt: i32,
) -> Result<(), Error> {
    let held = sqlx::query_scalar!(
        "SELECT 1 FROM executions WHERE id = $1 AND attempt = $2 AND status = 'running' FOR UPDATE",
        id.0,
        attempt
    )
    .fetch_optional(&mut **tx)
    .await?;
    held.map(|_| ()).ok_or(Error::LostClaim)
}

fn interval(duration: Duration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
}
