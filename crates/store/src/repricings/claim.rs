//! What the worker does with a re-pricing. One is worked on at a time in the whole installation, by one worker, which holds it
//! for as long as it says so; whatever a worker writes to one that it no longer holds is not written.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use aop_domain::id::{ExecutionId, TeamId};

use crate::{Error, Scope, Store};

/// A re-pricing that belongs to one worker.
#[derive(Debug, Clone)]
pub struct Claim {
    pub id: Uuid,
    /// Names this holding of it.
    pub holder: Uuid,
    pub scope: Scope,
    pub price_id: Option<Uuid>,
    pub provider: String,
    pub models: Vec<String>,
    pub deployment: String,
    pub from_at: OffsetDateTime,
    pub to_at: OffsetDateTime,
    /// The estimate is wanted, not yet the changes.
    pub is_estimate: bool,
    pub result: Option<Value>,
    pub position: Option<Value>,
    pub pending: Option<Value>,
    pub slices: i32,
    pub created_at: OffsetDateTime,
}

/// Takes the oldest that has work to do, unless somebody works on one: two at a time would each change what the other has read.
pub async fn next(
    store: &Store,
    holder: Uuid,
    now: OffsetDateTime,
    lease: Duration,
) -> Result<Option<Claim>, Error> {
    let mut tx = store.pool().begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('repricings', 0))").execute(&mut *tx).await?;
    let row = sqlx::query!(
        r#"UPDATE repricings SET claimed_by = $1, claimed_until = $3
         WHERE id = (SELECT id FROM repricings WHERE status IN ('estimating', 'running') ORDER BY id LIMIT 1)
           AND NOT EXISTS (SELECT FROM repricings WHERE claimed_until >= $2)
         RETURNING id, team_id, price_id, provider, models, deployment, from_at, to_at,
                   status = 'estimating' AS "is_estimate!", result, position, pending, slices, created_at"#,
        holder,
        now,
        now + lease
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(row.map(|row| Claim {
        id: row.id,
        holder,
        scope: row.team_id.into(),
        price_id: row.price_id,
        provider: row.provider,
        models: row.models,
        deployment: row.deployment,
        from_at: row.from_at,
        to_at: row.to_at,
        is_estimate: row.is_estimate,
        result: row.result,
        position: row.position,
        pending: row.pending,
        slices: row.slices,
        created_at: row.created_at,
    }))
}

/// What the holder is told when it says that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Yes,
    /// Somebody wants it to end.
    ToCancel,
    /// Another has it now.
    No,
}

pub async fn hold(store: &Store, claim: &Claim, until: OffsetDateTime) -> Result<Held, Error> {
    let row = sqlx::query!(
        "UPDATE repricings SET claimed_until = $3 WHERE id = $1 AND claimed_by = $2 RETURNING cancel_requested",
        claim.id,
        claim.holder,
        until
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(match row {
        Some(row) if row.cancel_requested => Held::ToCancel,
        Some(_) => Held::Yes,
        None => Held::No,
    })
}

/// The end of a slice, before anything of it is done. False: it is no longer held.
pub async fn begin_slice(store: &Store, claim: &Claim, pending: &Value) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE repricings SET pending = $3 WHERE id = $1 AND claimed_by = $2",
        claim.id,
        claim.holder,
        pending
    )
    .execute(store.pool())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// A slice is done: how far it is, what has changed so far, and what the slice adds to the cost of runs, all of it or nothing.
pub async fn end_slice(
    store: &Store,
    claim: &Claim,
    position: &Value,
    result: &Value,
    (team, of_runs): (TeamId, &[(ExecutionId, Decimal)]),
) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    let changed = sqlx::query!(
        "UPDATE repricings SET position = $3, result = $4, pending = NULL, slices = slices + 1, error = ''
         WHERE id = $1 AND claimed_by = $2 AND slices = $5",
        claim.id,
        claim.holder,
        position,
        result,
        claim.slices
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() != 1 {
        return Ok(false);
    }
    let (ids, costs): (Vec<Uuid>, Vec<Decimal>) = of_runs.iter().map(|(id, cost)| (id.0, *cost)).unzip();
    sqlx::query!(
        "UPDATE executions e SET total_cost = e.total_cost + d.cost
         FROM unnest($1::uuid[], $2::numeric[]) AS d (id, cost)
         WHERE e.id = d.id AND e.team_id = $3 AND e.total_cost IS NOT NULL",
        &ids,
        &costs,
        team.0
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// The estimate is made; it waits for somebody's word.
pub async fn estimated(store: &Store, claim: &Claim, estimate: &Value) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE repricings SET status = 'estimated', estimate = $3, claimed_by = NULL, claimed_until = NULL
         WHERE id = $1 AND claimed_by = $2 AND status = 'estimating'",
        claim.id,
        claim.holder,
        estimate
    )
    .execute(store.pool())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Ends it as `done`, `cancelled` or `failed`. What was changed stays changed, and a later start goes on from there.
pub async fn end(
    store: &Store,
    claim: &Claim,
    status: &str,
    error: &str,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE repricings SET status = $3, error = $4, ended_at = $5, claimed_by = NULL, claimed_until = NULL
         WHERE id = $1 AND claimed_by = $2",
        claim.id,
        claim.holder,
        status,
        error,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Says why it does not get on. It is tried again.
pub async fn note(store: &Store, claim: &Claim, error: &str) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE repricings SET error = $3 WHERE id = $1 AND claimed_by = $2",
        claim.id,
        claim.holder,
        error
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Lets go of it, for another to take at once: this process ends.
pub async fn release(store: &Store, claim: &Claim) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE repricings SET claimed_by = NULL, claimed_until = NULL WHERE id = $1 AND claimed_by = $2",
        claim.id,
        claim.holder
    )
    .execute(store.pool())
    .await?;
    Ok(())
}
