//! Virtual keys, as the people who make them see them. The gateway's own view is in [`crate::gateway`].

use aop_domain::gateway::KeyMac;
use aop_domain::id::{KeyId, TeamId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::users::Role;
use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: KeyId,
    pub user_id: UserId,
    pub name: String,
    /// What people tell keys apart by; never enough to use the key.
    pub hint: String,
    pub permissions: Vec<String>,
    /// Names or patterns; empty allows every model of the team.
    pub allowed_models: Vec<String>,
    /// Requests per minute.
    pub rate_limit: Option<i32>,
    pub is_active: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub last_used_at: Option<OffsetDateTime>,
    pub expires_at: Option<OffsetDateTime>,
}

#[derive(Debug, Clone)]
pub struct NewKey {
    pub id: KeyId,
    pub user_id: UserId,
    pub mac: KeyMac,
    pub hint: String,
    pub settings: KeySettings,
}

/// What can be changed later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySettings {
    pub name: String,
    pub permissions: Vec<String>,
    pub allowed_models: Vec<String>,
    pub rate_limit: Option<i32>,
    pub is_active: bool,
    pub expires_at: Option<OffsetDateTime>,
}

/// Who stands behind a key that was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub key_id: KeyId,
    pub team_id: TeamId,
    pub user_id: UserId,
    pub user_role: Role,
    pub permissions: Vec<String>,
    /// The key is active, and so is its user, who is approved and still in the team.
    pub is_usable: bool,
    pub expires_at: Option<OffsetDateTime>,
}

pub async fn create(store: &Store, team: TeamId, new: &NewKey) -> Result<ApiKey, Error> {
    let key = sqlx::query_as!(
        ApiKey,
        r#"INSERT INTO api_keys
             (id, team_id, user_id, name, key_hash, hint, permissions, allowed_models, rate_limit, is_active, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, to_jsonb($7::text[]), $8, $9, $10, $11)
           RETURNING id, user_id, name, hint, ARRAY(SELECT jsonb_array_elements_text(permissions)) AS "permissions!",
             allowed_models, rate_limit, is_active, created_at, updated_at, last_used_at, expires_at"#,
        new.id.0,
        team.0,
        new.user_id.0,
        new.settings.name,
        &new.mac[..],
        new.hint,
        &new.settings.permissions,
        &new.settings.allowed_models,
        new.settings.rate_limit,
        new.settings.is_active,
        new.settings.expires_at
    )
    .fetch_one(store.pool())
    .await?;
    Ok(key)
}

pub async fn find(store: &Store, team: TeamId, id: KeyId) -> Result<Option<ApiKey>, Error> {
    let key = sqlx::query_as!(
        ApiKey,
        r#"SELECT id, user_id, name, hint, ARRAY(SELECT jsonb_array_elements_text(permissions)) AS "permissions!",
             allowed_models, rate_limit, is_active, created_at, updated_at, last_used_at, expires_at
           FROM api_keys WHERE team_id = $1 AND id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(key)
}

/// Newest first; `of_user` narrows to one user's keys. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    of_user: Option<UserId>,
    before: Option<KeyId>,
    limit: i64,
) -> Result<Vec<ApiKey>, Error> {
    let keys = sqlx::query_as!(
        ApiKey,
        r#"SELECT id, user_id, name, hint, ARRAY(SELECT jsonb_array_elements_text(permissions)) AS "permissions!",
             allowed_models, rate_limit, is_active, created_at, updated_at, last_used_at, expires_at
           FROM api_keys
           WHERE team_id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND ($3::uuid IS NULL OR id < $3)
           ORDER BY id DESC LIMIT $4"#,
        team.0,
        of_user.map(|user| user.0),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(keys)
}

/// Whoever presents a key belongs to the team that the key says; so there is no team to ask for.
pub async fn find_by_mac(store: &Store, mac: &KeyMac) -> Result<Option<Holder>, Error> {
    let holder = sqlx::query_as!(
        Holder,
        r#"SELECT k.id AS key_id, k.team_id, k.user_id, u.role AS "user_role: Role",
             ARRAY(SELECT jsonb_array_elements_text(k.permissions)) AS "permissions!",
             (k.is_active AND u.is_active AND u.role <> 'pending' AND (u.role = 'admin'
               OR EXISTS (SELECT FROM team_members m WHERE m.team_id = k.team_id AND m.user_id = k.user_id))) AS "is_usable!",
             k.expires_at
           FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.key_hash = $1"#,
        &mac[..]
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(holder)
}

pub async fn update(
    store: &Store,
    team: TeamId,
    id: KeyId,
    settings: &KeySettings,
) -> Result<Option<ApiKey>, Error> {
    let key = sqlx::query_as!(
        ApiKey,
        r#"UPDATE api_keys SET name = $3, permissions = to_jsonb($4::text[]), allowed_models = $5, rate_limit = $6,
             is_active = $7, expires_at = $8, updated_at = now()
           WHERE team_id = $1 AND id = $2
           RETURNING id, user_id, name, hint, ARRAY(SELECT jsonb_array_elements_text(permissions)) AS "permissions!",
             allowed_models, rate_limit, is_active, created_at, updated_at, last_used_at, expires_at"#,
        team.0,
        id.0,
        settings.name,
        &settings.permissions,
        &settings.allowed_models,
        settings.rate_limit,
        settings.is_active,
        settings.expires_at
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(key)
}

/// The same key with another secret; the old one stops working.
pub async fn regenerate(
    store: &Store,
    team: TeamId,
    id: KeyId,
    mac: &KeyMac,
    hint: &str,
) -> Result<Option<ApiKey>, Error> {
    let key = sqlx::query_as!(
        ApiKey,
        r#"UPDATE api_keys SET key_hash = $3, hint = $4, updated_at = now(), last_used_at = NULL
           WHERE team_id = $1 AND id = $2
           RETURNING id, user_id, name, hint, ARRAY(SELECT jsonb_array_elements_text(permissions)) AS "permissions!",
             allowed_models, rate_limit, is_active, created_at, updated_at, last_used_at, expires_at"#,
        team.0,
        id.0,
        &mac[..],
        hint
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(key)
}

pub async fn delete(store: &Store, team: TeamId, id: KeyId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM api_keys WHERE team_id = $1 AND id = $2", team.0, id.0)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Remembers when keys were last used, many at once. Never moves a time back. Keys that are gone are passed over.
pub async fn touch_last_used(store: &Store, uses: &[(KeyId, OffsetDateTime)]) -> Result<(), Error> {
    let (ids, times): (Vec<Uuid>, Vec<OffsetDateTime>) = uses.iter().map(|(id, at)| (id.0, *at)).unzip();
    // Rows are locked in one order, so that two batches at once cannot wait for each other.
    sqlx::query!(
        "WITH uses AS (SELECT id, max(at) AS at FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, at) GROUP BY id),
              held AS (SELECT k.id, uses.at FROM api_keys k JOIN uses USING (id) ORDER BY k.id FOR NO KEY UPDATE OF k)
         UPDATE api_keys k SET last_used_at = greatest(k.last_used_at, held.at) FROM held WHERE k.id = held.id",
        &ids,
        &times
    )
    .execute(store.pool())
    .await?;
    Ok(())
}
