//! Prices that people set beside the built-in table. A row never changes: a new price is the next version.

use aop_domain::id::{TeamId, UserId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub id: Uuid,
    pub scope: Scope,
    /// As the price table names them.
    pub provider: String,
    pub model: String,
    /// Counts from 1 within scope, provider and model.
    pub version: i32,
    pub effective_from: OffsetDateTime,
    /// The price card of the domain, as JSON.
    pub card: Value,
    pub created_at: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub struct NewPrice {
    pub id: Uuid,
    pub provider: String,
    pub model: String,
    pub effective_from: OffsetDateTime,
    pub card: Value,
    pub created_by: Option<UserId>,
}

/// Adds the next version. `Error::Duplicate` when somebody else set the same price at the same moment.
pub async fn create(store: &Store, scope: Scope, new: &NewPrice) -> Result<Price, Error> {
    let price = sqlx::query_as!(
        Price,
        "INSERT INTO prices (id, team_id, provider, model, version, effective_from, card, created_by)
         SELECT $1, $2, $3, $4, coalesce(max(version), 0) + 1, $5, $6, $7
         FROM prices WHERE team_id IS NOT DISTINCT FROM $2 AND provider = $3 AND model = $4
         RETURNING id, team_id AS scope, provider, model, version, effective_from, card, created_at",
        new.id,
        scope.uuid(),
        new.provider,
        new.model,
        new.effective_from,
        new.card,
        new.created_by.map(|user| user.0)
    )
    .fetch_one(store.pool())
    .await?;
    Ok(price)
}

/// All versions, the team's own and the shared ones, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Price>, Error> {
    let prices = sqlx::query_as!(
        Price,
        "SELECT id, team_id AS scope, provider, model, version, effective_from, card, created_at
         FROM prices WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        team.0,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(prices)
}

/// Every price that anybody had set by then, whosever it is.
pub async fn set_by(store: &Store, until: OffsetDateTime) -> Result<Vec<Price>, Error> {
    let prices = sqlx::query_as!(
        Price,
        "SELECT id, team_id AS scope, provider, model, version, effective_from, card, created_at
         FROM prices WHERE created_at <= $1 ORDER BY id",
        until
    )
    .fetch_all(store.pool())
    .await?;
    Ok(prices)
}

/// One price, whosever it is.
pub async fn find(store: &Store, id: Uuid) -> Result<Option<Price>, Error> {
    let price = sqlx::query_as!(
        Price,
        "SELECT id, team_id AS scope, provider, model, version, effective_from, card, created_at
         FROM prices WHERE id = $1",
        id
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(price)
}
