//! The events of a run, numbered from 1, as its watchers see them.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgListener;
use time::OffsetDateTime;

use aop_domain::id::{ExecutionId, TeamId};
use aop_domain::run_event::RunEvent;

use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The id a client resumes from.
    pub seq: i64,
    pub event: String,
    pub data: Value,
}

/// What the model calls of a run used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub input_tokens: u64,
    pub output_tokens: u64,
    /// Dollars; `None` when the cost of any call is unknown: no price, or interrupted before it was known.
    pub cost: Option<Decimal>,
}

/// Adds events after the last one. The caller holds the execution's row lock, which keeps the numbers in order.
pub(crate) async fn append(
    tx: &mut sqlx::PgTransaction<'_>,
    id: ExecutionId,
    events: &[RunEvent],
) -> Result<(), Error> {
    let names: Vec<String> = events.iter().map(|event| event.name().to_owned()).collect();
    let data: Vec<Value> = events.iter().map(RunEvent::data).collect();
    sqlx::query!(
        "INSERT INTO execution_events (execution_id, seq, event, data)
         SELECT $1, last.seq + new.position, new.event, new.data
         FROM (SELECT coalesce(max(seq), 0) AS seq FROM execution_events WHERE execution_id = $1) AS last,
              unnest($2::text[], $3::jsonb[]) WITH ORDINALITY AS new (event, data, position)",
        id.0,
        &names,
        &data
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Events after `seq`, oldest first.
pub async fn after(
    store: &Store,
    team: TeamId,
    id: ExecutionId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Event>, Error> {
    let events = sqlx::query_as!(
        Event,
        "SELECT e.seq, e.event, e.data FROM execution_events e JOIN executions x ON x.id = e.execution_id
         WHERE x.team_id = $1 AND e.execution_id = $2 AND e.seq > $3 ORDER BY e.seq LIMIT $4",
        team.0,
        id.0,
        seq,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(events)
}

/// The sums over the run's model calls, of all attempts.
pub(crate) async fn totals(tx: &mut sqlx::PgTransaction<'_>, id: ExecutionId) -> Result<Totals, Error> {
    let row = sqlx::query!(
        r#"SELECT coalesce(sum((data->>'input_tokens')::bigint) FILTER (WHERE event = 'llm_call'), 0)::bigint AS "input!",
                coalesce(sum((data->>'output_tokens')::bigint) FILTER (WHERE event = 'llm_call'), 0)::bigint AS "output!",
                coalesce(sum((data->>'cost')::numeric) FILTER (WHERE event = 'llm_call'), 0) AS "cost!",
                count(*) FILTER (WHERE event = 'llm_started') AS "started!",
                count(*) FILTER (WHERE event = 'llm_call' AND data->>'cost' IS NOT NULL) AS "priced!"
         FROM execution_events WHERE execution_id = $1 AND event IN ('llm_started', 'llm_call')"#,
        id.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Totals {
        input_tokens: u64::try_from(row.input).unwrap_or(0),
        output_tokens: u64::try_from(row.output).unwrap_or(0),
        cost: (row.started == row.priced).then_some(row.cost),
    })
}

/// The same for a runner, which has a claim and no transaction.
pub async fn totals_of(store: &Store, id: ExecutionId) -> Result<Totals, Error> {
    let mut tx = store.pool().begin().await?;
    totals(&mut tx, id).await
}

/// How many model calls each of these runs began, those without any left out.
pub async fn model_calls(
    store: &Store,
    team: TeamId,
    ids: &[ExecutionId],
) -> Result<HashMap<ExecutionId, u64>, Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT e.execution_id, count(*) AS "calls!"
         FROM execution_events e JOIN executions x ON x.id = e.execution_id
         WHERE x.team_id = $1 AND e.execution_id = ANY ($2) AND e.event = 'llm_started' GROUP BY e.execution_id"#,
        team.0,
        &ids
    )
    .fetch_all(store.pool())
    .await?;
    let count = |calls: i64| u64::try_from(calls).unwrap_or(0);
    Ok(rows.into_iter().map(|row| (ExecutionId(row.execution_id), count(row.calls))).collect())
}

/// When each task first began, by its name. For runners: `id` comes from a claim.
pub async fn task_starts(store: &Store, id: ExecutionId) -> Result<HashMap<String, OffsetDateTime>, Error> {
    let rows = sqlx::query!(
        r#"SELECT data->>'task_name' AS "name!", min((data->>'started_at')::timestamptz) AS "started_at!"
         FROM execution_events WHERE execution_id = $1 AND event = 'task_started' GROUP BY 1"#,
        id.0
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.started_at)).collect())
}

/// Hears that runs have new events. Reconnects by itself.
pub struct NewEvents(PgListener);

impl NewEvents {
    pub async fn listen(store: &Store) -> Result<Self, Error> {
        let mut listener = PgListener::connect_with(store.pool()).await?;
        listener.listen("aop_execution_events").await?;
        Ok(Self(listener))
    }

    /// The next run with new events; `None` when some may have been missed. Not cancel-safe: await it in a task of its own.
    pub async fn next(&mut self) -> Result<Option<ExecutionId>, Error> {
        let notice = self.0.try_recv().await?;
        Ok(notice.and_then(|notice| notice.payload().parse().ok()))
    }
}
