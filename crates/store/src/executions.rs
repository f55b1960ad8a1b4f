//! Executions (runs) as users see them: start, find, list, cancel. What runners do with them is in `executions::claim`.

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgListener;
use time::OffsetDateTime;
use uuid::Uuid;

use aop_domain::id::{CrewId, ExecutionId, KeyId, TeamId, TraceId, UserId};
use aop_domain::run_event::RunEvent;

use crate::{Error, Store, execution_events};

pub mod claim;

#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    pub id: ExecutionId,
    /// `None` when the crew was deleted since.
    pub crew_id: Option<CrewId>,
    pub crew_name: String,
    pub crew_version: i32,
    /// `pending`, `running`, `completed`, `failed`, `cancelled`.
    pub status: String,
    pub inputs: Value,
    pub outputs: Option<Value>,
    pub error_message: Option<String>,
    pub trace_id: TraceId,
    pub triggered_by: TriggeredBy,
    pub created_at: OffsetDateTime,
    pub started_at: Option<OffsetDateTime>,
    pub completed_at: Option<OffsetDateTime>,
    pub cancel_requested: bool,
    pub input_tokens: i64,
    pub output_tokens: i64,
    /// Dollars; `None` until the run ends, and when it is unknown.
    pub total_cost: Option<Decimal>,
}

/// Who started a run. The user is the key's owner when a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriggeredBy {
    pub user: Option<UserId>,
    pub key: Option<KeyId>,
}

/// A run to be queued. `config` is the crew's definition, kept with the run.
#[derive(Debug, Clone)]
pub struct NewExecution {
    pub id: ExecutionId,
    pub crew_id: CrewId,
    pub crew_name: String,
    pub crew_version: i32,
    pub config: Value,
    pub inputs: Value,
    pub trace_id: TraceId,
    pub triggered_by: TriggeredBy,
}

/// What became of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It had not begun and never will.
    AtOnce,
    /// Its runner was told.
    Asked,
    /// It had ended before.
    AlreadyEnded,
    NotFound,
}

pub(crate) struct Row {
    id: Uuid,
    crew_id: Option<Uuid>,
    crew_name: String,
    crew_version: i32,
    status: String,
    inputs: Value,
    outputs: Option<Value>,
    error_message: Option<String>,
    trace_id: Vec<u8>,
    triggered_by_user_id: Option<Uuid>,
    triggered_by_key_id: Option<Uuid>,
    created_at: OffsetDateTime,
    started_at: Option<OffsetDateTime>,
    completed_at: Option<OffsetDateTime>,
    cancel_requested: bool,
    input_tokens: i64,
    output_tokens: i64,
    total_cost: Option<Decimal>,
}

impl From<Row> for Execution {
    fn from(row: Row) -> Self {
        Self {
            id: ExecutionId(row.id),
            crew_id: row.crew_id.map(CrewId),
            crew_name: row.crew_name,
            crew_version: row.crew_version,
            status: row.status,
            inputs: row.inputs,
            outputs: row.outputs,
            error_message: row.error_message,
            trace_id: TraceId::from_slice(&row.trace_id),
            triggered_by: TriggeredBy {
                user: row.triggered_by_user_id.map(UserId),
                key: row.triggered_by_key_id.map(KeyId),
            },
            created_at: row.created_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            cancel_requested: row.cancel_requested,
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            total_cost: row.total_cost,
        }
    }
}

/// Queues a run. Runners are woken by the row itself (a trigger).
pub async fn create(store: &Store, team: TeamId, new: &NewExecution) -> Result<(), Error> {
    let kind = if new.triggered_by.key.is_some() { "api_key" } else { "user" };
    sqlx::query!(
        "INSERT INTO executions (id, team_id, crew_id, crew_name, crew_version, config, inputs, trace_id,
                                 triggered_by_kind, triggered_by_user_id, triggered_by_key_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.id.0,
        team.0,
        new.crew_id.0,
        new.crew_name,
        new.crew_version,
        new.config,
        new.inputs,
        &new.trace_id.0[..],
        kind,
        new.triggered_by.user.map(|user| user.0),
        new.triggered_by.key.map(|key| key.0)
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

pub async fn find(store: &Store, team: TeamId, id: ExecutionId) -> Result<Option<Execution>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, crew_id, crew_name, crew_version, status, inputs, outputs, error_message, trace_id,
                triggered_by_user_id, triggered_by_key_id, created_at, started_at, completed_at, cancel_requested,
                input_tokens, output_tokens, total_cost
         FROM executions WHERE team_id = $1 AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Execution::from))
}

/// The run of this trace, if a crew's run it is.
pub async fn find_by_trace(
    store: &Store,
    team: TeamId,
    trace: TraceId,
) -> Result<Option<ExecutionId>, Error> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM executions WHERE team_id = $1 AND trace_id = $2 ORDER BY id DESC LIMIT 1",
        team.0,
        &trace.0[..]
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(id.map(ExecutionId))
}

/// Which runs a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub crew: Option<CrewId>,
    pub status: Option<String>,
    /// The last id of the page before.
    pub before: Option<ExecutionId>,
}

/// Newest first.
pub async fn list(store: &Store, team: TeamId, filter: &Filter, limit: i64) -> Result<Vec<Execution>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, crew_id, crew_name, crew_version, status, inputs, outputs, error_message, trace_id,
                triggered_by_user_id, triggered_by_key_id, created_at, started_at, completed_at, cancel_requested,
                input_tokens, output_tokens, total_cost
         FROM executions
         WHERE team_id = $1 AND ($2::uuid IS NULL OR crew_id = $2) AND ($3::text IS NULL OR status = $3)
           AND ($4::uuid IS NULL OR id < $4)
         ORDER BY id DESC LIMIT $5",
        team.0,
        filter.crew.map(|crew| crew.0),
        filter.status,
        filter.before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Execution::from).collect())
}

/// Cancels a run that waits at once, with its last event; asks the runner of one that runs.
pub async fn request_cancel(store: &Store, team: TeamId, id: ExecutionId) -> Result<Cancelled, Error> {
    let mut tx = store.pool().begin().await?;
    let found = sqlx::query_scalar!(
        "SELECT status FROM executions WHERE team_id = $1 AND id = $2 FOR UPDATE",
        team.0,
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let outcome = match found.as_deref() {
        None => Cancelled::NotFound,
        Some("pending") => {
            sqlx::query!(
                "UPDATE executions SET status = 'cancelled', completed_at = now(), cancel_requested = true WHERE id = $1",
                id.0
            )
            .execute(&mut *tx)
            .await?;
            let totals = execution_events::totals(&mut tx, id).await?;
            execution_events::append(&mut tx, id, &[never_ran(id, &totals)]).await?;
            Cancelled::AtOnce
        }
        Some("running") => {
            sqlx::query!("UPDATE executions SET cancel_requested = true WHERE id = $1", id.0)
                .execute(&mut *tx)
                .await?;
            Cancelled::Asked
        }
        Some(_) => Cancelled::AlreadyEnded,
    };
    tx.commit().await?;
    Ok(outcome)
}

/// The last event of a run that was cancelled while it waited. It may have run before and been handed back.
fn never_ran(id: ExecutionId, totals: &execution_events::Totals) -> RunEvent {
    RunEvent::ExecutionCompleted {
        execution_id: id,
        status: "cancelled".to_owned(),
        outputs: None,
        total_duration: 0.0,
        total_cost: totals.cost,
        input_tokens: totals.input_tokens,
        output_tokens: totals.output_tokens,
    }
}

/// A hint that something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Pending,
    Cancel(ExecutionId),
    /// The connection was lost for a while: look at everything.
    Missed,
}

/// Hears of new runs and of wishes to cancel. Reconnects by itself.
pub struct Signals(PgListener);

impl Signals {
    pub async fn listen(store: &Store) -> Result<Self, Error> {
        let mut listener = PgListener::connect_with(store.pool()).await?;
        listener.listen("aop_executions").await?;
        Ok(Self(listener))
    }

    /// Waits for the next hint. Not cancel-safe: await it in a task of its own.
    pub async fn next(&mut self) -> Result<Signal, Error> {
        let Some(notice) = self.0.try_recv().await? else { return Ok(Signal::Missed) };
        let cancel = notice.payload().strip_prefix("cancel ").and_then(|id| id.parse().ok());
        Ok(cancel.map_or(Signal::Pending, Signal::Cancel))
    }
}
