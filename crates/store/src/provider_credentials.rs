//! Secrets of providers, sealed by the caller. Nothing here can open one.

use aop_domain::id::{CredentialId, ProviderId, TeamId};
use time::OffsetDateTime;

use crate::{Error, Scope, Store};

/// What may be shown of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    pub scope: Scope,
    pub provider_id: ProviderId,
    pub name: String,
    pub hint: String,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub struct NewCredential {
    pub id: CredentialId,
    pub provider_id: ProviderId,
    pub name: String,
    pub sealed: Vec<u8>,
    /// e.g. the last four characters.
    pub hint: String,
}

/// `None`: the scope cannot see such a provider.
pub async fn create(store: &Store, scope: Scope, new: &NewCredential) -> Result<Option<Credential>, Error> {
    let credential = sqlx::query_as!(
        Credential,
        "INSERT INTO provider_credentials (id, team_id, provider_id, name, sealed, hint)
         SELECT $1, $2, id, $4, $5, $6 FROM providers WHERE id = $3 AND (team_id IS NULL OR team_id = $2)
         RETURNING id, team_id AS scope, provider_id, name, hint, created_at, updated_at",
        new.id.0,
        scope.uuid(),
        new.provider_id.0,
        new.name,
        new.sealed,
        new.hint
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(credential)
}

/// The team's own and the shared ones, newest first; `of_provider` narrows. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    of_provider: Option<ProviderId>,
    before: Option<CredentialId>,
    limit: i64,
) -> Result<Vec<Credential>, Error> {
    let credentials = sqlx::query_as!(
        Credential,
        "SELECT id, team_id AS scope, provider_id, name, hint, created_at, updated_at FROM provider_credentials
         WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR provider_id = $2)
           AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
        team.0,
        of_provider.map(|id| id.0),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(credentials)
}

pub async fn find(store: &Store, team: TeamId, id: CredentialId) -> Result<Option<Credential>, Error> {
    let credential = sqlx::query_as!(
        Credential,
        "SELECT id, team_id AS scope, provider_id, name, hint, created_at, updated_at FROM provider_credentials
         WHERE (team_id = $1 OR team_id IS NULL) AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(credential)
}

/// The sealed secret, for a check that calls the provider.
pub async fn find_sealed(store: &Store, team: TeamId, id: CredentialId) -> Result<Option<Vec<u8>>, Error> {
    let sealed = sqlx::query_scalar!(
        "SELECT sealed FROM provider_credentials WHERE (team_id = $1 OR team_id IS NULL) AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(sealed)
}

/// Puts a new secret in the place of the old one.
pub async fn replace_secret(
    store: &Store,
    scope: Scope,
    id: CredentialId,
    sealed: &[u8],
    hint: &str,
) -> Result<Option<Credential>, Error> {
    let credential = sqlx::query_as!(
        Credential,
        "UPDATE provider_credentials SET sealed = $3, hint = $4, updated_at = now()
         WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2
         RETURNING id, team_id AS scope, provider_id, name, hint, created_at, updated_at",
        scope.uuid(),
        id.0,
        sealed,
        hint
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(credential)
}

/// `Error::StillUsed` while a deployment uses it.
pub async fn delete(store: &Store, scope: Scope, id: CredentialId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM provider_credentials WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        scope.uuid(),
        id.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}
