//! Model providers. A team sees its own and the shared ones; it changes only its own.

use aop_domain::id::{ProviderId, TeamId};
use time::OffsetDateTime;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: ProviderId,
    pub scope: Scope,
    pub name: String,
    /// Dialect: `openai`, `simulator`, ...
    pub kind: String,
    pub base_url: String,
    /// The name the price table knows it by.
    pub price_provider: String,
    pub is_active: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// Everything about a provider that people choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    pub name: String,
    pub kind: String,
    pub base_url: String,
    pub price_provider: String,
    pub is_active: bool,
}

/// `Error::Duplicate` when the scope has a provider of that name.
pub async fn create(
    store: &Store,
    scope: Scope,
    id: ProviderId,
    settings: &ProviderSettings,
) -> Result<Provider, Error> {
    let provider = sqlx::query_as!(
        Provider,
        "INSERT INTO providers (id, team_id, name, kind, base_url, price_provider, is_active)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         RETURNING id, team_id AS scope, name, kind, base_url, price_provider, is_active, created_at, updated_at",
        id.0,
        scope.uuid(),
        settings.name,
        settings.kind,
        settings.base_url,
        settings.price_provider,
        settings.is_active
    )
    .fetch_one(store.pool())
    .await?;
    Ok(provider)
}

pub async fn find(store: &Store, team: TeamId, id: ProviderId) -> Result<Option<Provider>, Error> {
    let provider = sqlx::query_as!(
        Provider,
        "SELECT id, team_id AS scope, name, kind, base_url, price_provider, is_active, created_at, updated_at
         FROM providers WHERE (team_id = $1 OR team_id IS NULL) AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(provider)
}

pub async fn find_by_name(store: &Store, scope: Scope, name: &str) -> Result<Option<Provider>, Error> {
    let provider = sqlx::query_as!(
        Provider,
        "SELECT id, team_id AS scope, name, kind, base_url, price_provider, is_active, created_at, updated_at
         FROM providers WHERE team_id IS NOT DISTINCT FROM $1 AND name = $2",
        scope.uuid(),
        name
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(provider)
}

/// The team's own and the shared ones, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<ProviderId>,
    limit: i64,
) -> Result<Vec<Provider>, Error> {
    let providers = sqlx::query_as!(
        Provider,
        "SELECT id, team_id AS scope, name, kind, base_url, price_provider, is_active, created_at, updated_at
         FROM providers WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(providers)
}

/// Only within the scope that owns it.
pub async fn update(
    store: &Store,
    scope: Scope,
    id: ProviderId,
    settings: &ProviderSettings,
) -> Result<Option<Provider>, Error> {
    let provider = sqlx::query_as!(
        Provider,
        "UPDATE providers SET name = $3, kind = $4, base_url = $5, price_provider = $6, is_active = $7, updated_at = now()
         WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2
         RETURNING id, team_id AS scope, name, kind, base_url, price_provider, is_active, created_at, updated_at",
        scope.uuid(),
        id.0,
        settings.name,
        settings.kind,
        settings.base_url,
        settings.price_provider,
        settings.is_active
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(provider)
}

/// With its credentials. `Error::StillUsed` while a deployment uses it.
pub async fn delete(store: &Store, scope: Scope, id: ProviderId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM providers WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        scope.uuid(),
        id.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}
