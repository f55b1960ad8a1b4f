//! Re-pricings: what was wanted, what it would change, what it has changed. The work itself is in [`claim`].

pub mod claim;

use aop_domain::id::{TeamId, UserId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Repricing {
    pub id: Uuid,
    /// Whose calls.
    pub scope: Scope,
    /// `None`: the prices in force at the time of each call.
    pub price_id: Option<Uuid>,
    /// Empty: any.
    pub provider: String,
    /// Empty: any.
    pub models: Vec<String>,
    /// Empty: any.
    pub deployment: String,
    pub from_at: OffsetDateTime,
    pub to_at: OffsetDateTime,
    /// `estimating`, `estimated`, `running`, `done`, `cancelled`, `failed`.
    pub status: String,
    pub is_confirmed: bool,
    pub cancel_requested: bool,
    /// Why it failed; empty: it did not.
    pub error: String,
    pub estimate: Option<Value>,
    pub result: Option<Value>,
    pub created_at: OffsetDateTime,
    pub ended_at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone)]
pub struct NewRepricing {
    pub id: Uuid,
    pub price_id: Option<Uuid>,
    pub provider: String,
    pub models: Vec<String>,
    pub deployment: String,
    pub from_at: OffsetDateTime,
    pub to_at: OffsetDateTime,
    pub created_by: Option<UserId>,
    pub created_at: OffsetDateTime,
}

/// Begins with the estimate.
pub async fn create(store: &Store, scope: Scope, new: &NewRepricing) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO repricings (id, team_id, price_id, provider, models, deployment, from_at, to_at, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        scope.uuid(),
        new.price_id,
        new.provider,
        &new.models,
        new.deployment,
        new.from_at,
        new.to_at,
        new.created_by.map(|user| user.0),
        new.created_at
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// The team's and those of all teams, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Repricing>, Error> {
    let rows = sqlx::query_as!(
        Repricing,
        "SELECT id, team_id AS scope, price_id, provider, models, deployment, from_at, to_at, status, is_confirmed,
                cancel_requested, error, estimate, result, created_at, ended_at
         FROM repricings WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        team.0,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows)
}

/// One of the team's or of all teams.
pub async fn find(store: &Store, team: TeamId, id: Uuid) -> Result<Option<Repricing>, Error> {
    let row = sqlx::query_as!(
        Repricing,
        "SELECT id, team_id AS scope, price_id, provider, models, deployment, from_at, to_at, status, is_confirmed,
                cancel_requested, error, estimate, result, created_at, ended_at
         FROM repricings WHERE id = $2 AND (team_id = $1 OR team_id IS NULL)",
        team.0,
        id
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row)
}

/// Lets the changes begin, or go on after they failed or were cancelled. False: it is in no state for that.
pub async fn start(store: &Store, team: TeamId, id: Uuid) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE repricings SET status = 'running', is_confirmed = true, cancel_requested = false, error = '', ended_at = NULL
         WHERE id = $2 AND (team_id = $1 OR team_id IS NULL) AND estimate IS NOT NULL
           AND status IN ('estimated', 'failed', 'cancelled')",
        team.0,
        id
    )
    .execute(store.pool())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Asks for the end. It comes at once, or after the slice that was begun: half of one would leave sums that are not those of
/// their calls. False: it has ended.
pub async fn cancel(store: &Store, team: TeamId, id: Uuid, now: OffsetDateTime) -> Result<bool, Error> {
    let changed = sqlx::query!(
        "UPDATE repricings SET cancel_requested = true,
                status = CASE WHEN claimed_by IS NULL AND pending IS NULL THEN 'cancelled' ELSE status END,
                ended_at = CASE WHEN claimed_by IS NULL AND pending IS NULL THEN $3 ELSE ended_at END
         WHERE id = $2 AND (team_id = $1 OR team_id IS NULL) AND status IN ('estimating', 'estimated', 'running')",
        team.0,
        id,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(changed.rows_affected() == 1)
}
