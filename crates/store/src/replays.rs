//! Replays as people see them: start, find, list, cancel. What runners do with them is in `replays::claim`.

use rust_decimal::Decimal;
use time::OffsetDateTime;
use uuid::Uuid;

use aop_domain::id::{CallId, KeyId, ReplayId, TeamId, TraceId, UserId};

use crate::executions::Cancelled;
use crate::listen::Listener;
use crate::{Error, Store};

pub mod claim;

/// Replays of one team that wait or run at once.
pub const MOST_OPEN: i64 = 10;

#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    pub id: ReplayId,
    pub source_trace: TraceId,
    pub source_call: CallId,
    /// Of the new calls.
    pub trace: TraceId,
    /// `call`, `conversation`, `run`.
    pub scope: String,
    pub model: String,
    /// Of `system`, `message`, `temperature`.
    pub edits: Vec<String>,
    pub max_cost: Option<Decimal>,
    /// `pending`, `running`, `completed`, `stopped`, `failed`, `cancelled`.
    pub status: String,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub created_by: Option<UserId>,
    pub key: Option<KeyId>,
    pub created_at: OffsetDateTime,
    pub started_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    pub cancel_requested: bool,
    pub calls: i64,
    pub answered: i64,
    /// Dollars, of the calls whose cost is known.
    pub cost: Decimal,
    /// Answered calls whose cost is not known.
    pub unknown_cost_calls: i64,
}

/// One call of a replay.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayCall {
    pub source_call: CallId,
    /// `None`: none was recorded.
    pub call: Option<CallId>,
    /// `waiting`, `sending`, `answered`, `failed`, `not_sent`.
    pub status: String,
    pub reason: Option<String>,
    pub message: Option<String>,
    pub notes: Vec<String>,
    pub cost: Option<Decimal>,
}

#[derive(Debug, Clone)]
pub struct NewReplay {
    pub id: ReplayId,
    pub source_trace: TraceId,
    pub source_call: CallId,
    pub trace: TraceId,
    pub scope: &'static str,
    pub model: String,
    pub edits: Vec<String>,
    pub max_cost: Option<Decimal>,
    /// JSON; not kept longer than the replay lasts.
    pub plan: Vec<u8>,
    /// The recorded calls, in the order they are sent.
    pub calls: Vec<CallId>,
    pub created_by: UserId,
    pub key: Option<KeyId>,
}

struct Row {
    id: Uuid,
    source_trace_id: Vec<u8>,
    source_call_id: Uuid,
    trace_id: Vec<u8>,
    scope: String,
    model: String,
    edits: Vec<String>,
    max_cost: Option<Decimal>,
    status: String,
    reason: Option<String>,
    message: Option<String>,
    created_by: Option<Uuid>,
    key_id: Option<Uuid>,
    created_at: OffsetDateTime,
    started_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    cancel_requested: bool,
    calls: i64,
    answered: i64,
    cost: Decimal,
    unknown_cost_calls: i64,
}

impl From<Row> for Replay {
    fn from(row: Row) -> Self {
        Self {
            id: ReplayId(row.id),
            source_trace: TraceId::from_slice(&row.source_trace_id),
            source_call: CallId(row.source_call_id),
            trace: TraceId::from_slice(&row.trace_id),
            scope: row.scope,
            model: row.model,
            edits: row.edits,
            max_cost: row.max_cost,
            status: row.status,
            reason: row.reason,
            message: row.message,
            created_by: row.created_by.map(UserId),
            key: row.key_id.map(KeyId),
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            cancel_requested: row.cancel_requested,
            calls: row.calls,
            answered: row.answered,
            cost: row.cost,
            unknown_cost_calls: row.unknown_cost_calls,
        }
    }
}

/// Queues a replay. `false`: the team has as many open as it may have.
pub async fn create(store: &Store, team: TeamId, new: &NewReplay) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    // One at a time for each team, so that the number holds.
    sqlx::query!("SELECT id FROM teams WHERE id = $1 FOR UPDATE", team.0).fetch_optional(&mut *tx).await?;
    let open = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM replays WHERE team_id = $1 AND ended_at IS NULL"#,
        team.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if open >= MOST_OPEN {
        return Ok(false);
    }
    sqlx::query!(
        "INSERT INTO replays (id, team_id, source_trace_id, source_call_id, trace_id, scope, model, edits, max_cost, plan,
                              created_by, key_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        new.id.0,
        team.0,
        &new.source_trace.0[..],
        new.source_call.0,
        &new.trace.0[..],
        new.scope,
        new.model,
        &new.edits,
        new.max_cost,
        new.plan,
        new.created_by.0,
        new.key.map(|key| key.0)
    )
    .execute(&mut *tx)
    .await?;
    let calls: Vec<Uuid> = new.calls.iter().map(|call| call.0).collect();
    sqlx::query!(
        "INSERT INTO replay_calls (replay_id, place, source_call_id)
         SELECT $1, (place - 1)::integer, call FROM unnest($2::uuid[]) WITH ORDINALITY AS calls (call, place)",
        new.id.0,
        &calls
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

pub async fn find(store: &Store, team: TeamId, id: ReplayId) -> Result<Option<Replay>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT r.id, source_trace_id, source_call_id, trace_id, scope, model, edits, max_cost, status, reason, message,
                  created_by, key_id, created_at, started_at, ended_at, cancel_requested,
                  c.calls AS "calls!", c.answered AS "answered!", c.cost AS "cost!",
                  c.unknown_cost_calls AS "unknown_cost_calls!"
           FROM replays r, LATERAL (
               SELECT count(*) AS calls, count(*) FILTER (WHERE status = 'answered') AS answered,
                      coalesce(sum(cost), 0) AS cost,
                      count(*) FILTER (WHERE status = 'answered' AND cost IS NULL) AS unknown_cost_calls
               FROM replay_calls WHERE replay_id = r.id) c
           WHERE team_id = $1 AND r.id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Replay::from))
}

/// Which replays a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of or into one of these traces; empty: all.
    pub traces: Vec<TraceId>,
    /// Of or into this call.
    pub call: Option<CallId>,
    /// The last id of the page before.
    pub before: Option<ReplayId>,
}

/// Newest first.
pub async fn list(store: &Store, team: TeamId, filter: &Filter, limit: i64) -> Result<Vec<Replay>, Error> {
    let traces: Vec<Vec<u8>> = filter.traces.iter().map(|trace| trace.0.to_vec()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT r.id, source_trace_id, source_call_id, trace_id, scope, model, edits, max_cost, status, reason, message,
                  created_by, key_id, created_at, started_at, ended_at, cancel_requested,
                  c.calls AS "calls!", c.answered AS "answered!", c.cost AS "cost!",
                  c.unknown_cost_calls AS "unknown_cost_calls!"
           FROM replays r, LATERAL (
               SELECT count(*) AS calls, count(*) FILTER (WHERE status = 'answered') AS answered,
                      coalesce(sum(cost), 0) AS cost,
                      count(*) FILTER (WHERE status = 'answered' AND cost IS NULL) AS unknown_cost_calls
               FROM replay_calls WHERE replay_id = r.id) c
           WHERE team_id = $1
             AND (cardinality($2::bytea[]) = 0 OR source_trace_id = ANY($2) OR trace_id = ANY($2))
             AND ($3::uuid IS NULL OR r.id IN (
                  SELECT replay_id FROM replay_calls WHERE source_call_id = $3 OR call_id = $3))
             AND ($4::uuid IS NULL OR r.id < $4)
           ORDER BY r.id DESC LIMIT $5"#,
        team.0,
        &traces,
        filter.call.map(|call| call.0),
        filter.before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Replay::from).collect())
}

/// The calls of a replay, in the order they are sent. Whose the replay is, the caller has asked before.
pub async fn calls(store: &Store, id: ReplayId) -> Result<Vec<ReplayCall>, Error> {
    let rows = sqlx::query!(
        "SELECT source_call_id, call_id, status, reason, message, notes, cost
         FROM replay_calls WHERE replay_id = $1 ORDER BY place",
        id.0
    )
    .fetch_all(store.pool())
    .await?;
    let call = rows.into_iter().map(|row| ReplayCall {
        source_call: CallId(row.source_call_id),
        call: row.call_id.map(CallId),
        status: row.status,
        reason: row.reason,
        message: row.message,
        notes: row.notes,
        cost: row.cost,
    });
    Ok(call.collect())
}

/// Cancels a replay that waits at once; asks the runner of one that runs.
pub async fn request_cancel(store: &Store, team: TeamId, id: ReplayId) -> Result<Cancelled, Error> {
    let mut tx = store.pool().begin().await?;
    let found = sqlx::query_scalar!(
        "SELECT status FROM replays WHERE team_id = $1 AND id = $2 FOR UPDATE",
        team.0,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let outcome = match found.as_deref() {
        None => Cancelled::NotFound,
        Some("pending") => {
            sqlx::query!(
                "UPDATE replays SET status = 'cancelled', reason = 'cancelled', plan = NULL, ended_at = now(),
                        cancel_requested = true WHERE id = $1",
                id.0
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "UPDATE replay_calls SET status = 'not_sent', reason = 'cancelled' WHERE replay_id = $1",
                id.0
            )
            .execute(&mut *tx)
            .await?;
            Cancelled::AtOnce
        }
        Some("running") => {
            sqlx::query!("UPDATE replays SET cancel_requested = true WHERE id = $1", id.0)
                .execute(&mut *tx)
                .await?;
            Cancelled::Asked
        }
        Some(_) => Cancelled::AlreadyEnded,
    };
    tx.commit().await?;
    Ok(outcome)
}

/// Hears of new replays and of wishes to cancel.
pub fn listen(store: &Store) -> Listener {
    Listener::new(store.clone(), "aop_replays")
}
