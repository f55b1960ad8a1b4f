//! Steps of a run that have begun and not ended, whose ids do not follow from the run: tools. Kept so that whoever takes
//! the run over can end them.

use aop_domain::id::{ExecutionId, SpanId};

use crate::executions::claim::hold;
use crate::{Error, Store};

/// Notes that a step begins; `record` is its span. `Error::LostClaim`: nothing was written.
pub async fn begin(
    store: &Store,
    id: ExecutionId,
    attempt: i32,
    span: SpanId,
    record: &[u8],
) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    hold(&mut tx, id, attempt).await?;
    sqlx::query!(
        "INSERT INTO execution_open_spans (execution_id, span_id, record) VALUES ($1, $2, $3)
         ON CONFLICT (execution_id, span_id) DO NOTHING",
        id.0,
        &span.0[..],
        record
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The step has ended.
pub async fn end(store: &Store, id: ExecutionId, span: SpanId) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM execution_open_spans WHERE execution_id = $1 AND span_id = $2",
        id.0,
        &span.0[..]
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// The spans of steps that were left open. For runners: `id` comes from a claim.
pub async fn list(store: &Store, id: ExecutionId) -> Result<Vec<Vec<u8>>, Error> {
    let records =
        sqlx::query_scalar!("SELECT record FROM execution_open_spans WHERE execution_id = $1", id.0)
            .fetch_all(store.pool())
            .await?;
    Ok(records)
}

/// All of the run's are ended.
pub async fn clear(store: &Store, id: ExecutionId) -> Result<(), Error> {
    sqlx::query!("DELETE FROM execution_open_spans WHERE execution_id = $1", id.0)
        .execute(store.pool())
        .await?;
    Ok(())
}
