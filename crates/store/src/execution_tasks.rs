//! Finished tasks of a run, kept so that a runner that takes over starts at the first unfinished one.

use serde_json::{Value, json};
use time::OffsetDateTime;

use aop_domain::id::ExecutionId;
use aop_domain::run_event::RunEvent;

use crate::executions::claim::hold;
use crate::{Error, Store, execution_events};

#[derive(Debug, Clone, PartialEq)]
pub struct FinishedTask {
    /// Position in the crew's list of tasks.
    pub index: usize,
    pub name: String,
    pub agent: String,
    /// The task's answer.
    pub raw: String,
    pub started_at: OffsetDateTime,
    pub completed_at: OffsetDateTime,
}

/// Keeps a task's output and writes its last events, together: either both happened or the task is still to be done.
pub async fn finish(
    store: &Store,
    id: ExecutionId,
    attempt: i32,
    task: &FinishedTask,
    events: &[RunEvent],
) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    hold(&mut tx, id, attempt).await?;
    sqlx::query!(
        "INSERT INTO execution_tasks (execution_id, task_index, name, agent, output, attempt, started_at, completed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.0,
        i32::try_from(task.index).unwrap_or(i32::MAX),
        task.name,
        task.agent,
        json!({ "raw": task.raw }),
        attempt,
        task.started_at,
        task.completed_at
    )
    .execute(&mut *tx)
    .await?;
    execution_events::append(&mut tx, id, events).await?;
    tx.commit().await?;
    Ok(())
}

/// What is done already, in order. For runners: `id` comes from a claim.
pub async fn list(store: &Store, id: ExecutionId) -> Result<Vec<FinishedTask>, Error> {
    let rows = sqlx::query!(
        "SELECT task_index, name, agent, output, started_at, completed_at FROM execution_tasks
         WHERE execution_id = $1 ORDER BY task_index",
        id.0
    )
    .fetch_all(store.pool())
    .await?;
    let raw = |output: &Value| output["raw"].as_str().unwrap_or("").to_owned();
    Ok(rows
        .into_iter()
        .map(|row| FinishedTask {
            index: usize::try_from(row.task_index).unwrap_or(0),
            raw: raw(&row.output),
            name: row.name,
            agent: row.agent,
            started_at: row.started_at,
            completed_at: row.completed_at,
        })
        .collect())
}
