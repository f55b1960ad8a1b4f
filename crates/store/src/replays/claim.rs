//! What a runner does with a replay. It holds it for as long as its heart beats; a replay whose heart stopped has failed, and
//! whatever a runner writes to one that it no longer holds is not written.

use std::time::Duration;

use rust_decimal::Decimal;
use sqlx::postgres::types::PgInterval;

use aop_domain::id::{CallId, KeyId, ReplayId, TeamId, TraceId, UserId};

use crate::{Error, Store};

/// A replay that belongs to one runner.
#[derive(Debug, Clone)]
pub struct Claim {
    pub id: ReplayId,
    pub team: TeamId,
    pub trace: TraceId,
    pub source_trace: TraceId,
    pub user: Option<UserId>,
    pub key: Option<KeyId>,
    /// JSON.
    pub plan: Vec<u8>,
}

/// Takes the oldest replay that waits. Never the same for two runners.
pub async fn next(store: &Store, runner: &str) -> Result<Option<Claim>, Error> {
    let row = sqlx::query!(
        r#"UPDATE replays SET status = 'running', claimed_by = $1, heartbeat_at = now(), started_at = now()
         WHERE id = (SELECT id FROM replays WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, team_id, trace_id, source_trace_id, created_by, key_id, plan AS "plan!""#,
        runner
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(|row| Claim {
        id: ReplayId(row.id),
        team: TeamId(row.team_id),
        trace: TraceId::from_slice(&row.trace_id),
        source_trace: TraceId::from_slice(&row.source_trace_id),
        user: row.created_by.map(UserId),
        key: row.key_id.map(KeyId),
        plan: row.plan,
    }))
}

/// Says "still here" for everything this runner holds, and hears which of it is to be cancelled.
pub async fn heartbeat(store: &Store, runner: &str) -> Result<Vec<(ReplayId, bool)>, Error> {
    let rows = sqlx::query!(
        "UPDATE replays SET heartbeat_at = now() WHERE claimed_by = $1 AND status = 'running'
         RETURNING id, cancel_requested",
        runner
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (ReplayId(row.id), row.cancel_requested)).collect())
}

/// Ends the replays whose runner is gone.
pub async fn end_left(store: &Store, stale_after: Duration, message: &str) -> Result<u64, Error> {
    let stale_after = PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(stale_after.as_micros()).unwrap_or(i64::MAX),
    };
    let ended = sqlx::query!(
        "WITH ended AS (
             UPDATE replays SET status = 'failed', reason = 'interrupted', message = $2, plan = NULL, ended_at = now(),
                    claimed_by = NULL
             WHERE status = 'running' AND heartbeat_at < now() - $1::interval RETURNING id)
         UPDATE replay_calls SET status = 'not_sent', reason = 'interrupted'
         WHERE replay_id IN (SELECT id FROM ended) AND status IN ('waiting', 'sending')",
        stale_after,
        message
    )
    .execute(store.pool())
    .await?;
    Ok(ended.rows_affected())
}

/// What became of one call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Became {
    /// `sending`, `answered`, `failed`, `not_sent`.
    pub status: &'static str,
    pub call: Option<CallId>,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub notes: Vec<String>,
    pub cost: Option<Decimal>,
}

/// Writes it down. `Error::LostClaim`: the replay is no longer this runner's.
pub async fn write(
    store: &Store,
    runner: &str,
    id: ReplayId,
    place: usize,
    became: &Became,
) -> Result<(), Error> {
    let written = sqlx::query!(
        "UPDATE replay_calls SET status = $4, call_id = $5, reason = $6, message = $7, notes = $8, cost = $9
         WHERE replay_id = $1 AND place = $2
           AND EXISTS (SELECT FROM replays WHERE id = $1 AND claimed_by = $3 AND status = 'running')",
        id.0,
        i32::try_from(place).unwrap_or(i32::MAX),
        runner,
        became.status,
        became.call.map(|call| call.0),
        became.reason,
        became.message,
        &became.notes,
        became.cost
    )
    .execute(store.pool())
    .await?;
    if written.rows_affected() == 0 { Err(Error::LostClaim) } else { Ok(()) }
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// `completed`, `stopped`, `failed`, `cancelled`.
    pub status: &'static str,
    pub reason: Option<String>,
    pub message: Option<String>,
}

/// Ends it: what was not sent is marked, what was to be sent is forgotten.
pub async fn finish(store: &Store, runner: &str, id: ReplayId, ending: &Ending) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    let ended = sqlx::query!(
        "UPDATE replays SET status = $3, reason = $4, message = $5, plan = NULL, ended_at = now(), claimed_by = NULL
         WHERE id = $1 AND claimed_by = $2 AND status = 'running'",
        id.0,
        runner,
        ending.status,
        ending.reason,
        ending.message
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Err(Error::LostClaim);
    }
    sqlx::query!(
        "UPDATE replay_calls SET status = 'not_sent', reason = $2
         WHERE replay_id = $1 AND status IN ('waiting', 'sending')",
        id.0,
        ending.reason
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
