//! Policies of the runaway guard: at most one for a team, and one for each of its keys that stands in its place.

use aop_domain::id::{KeyId, TeamId, UserId};
use aop_domain::runaway::Policy;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Store};

/// The policy of one key, with the key's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfKey {
    pub key_id: KeyId,
    pub key_name: String,
    pub policy: Policy,
}

/// `None`: the team has none of its own.
pub async fn of_team(store: &Store, team: TeamId) -> Result<Option<Policy>, Error> {
    let found = sqlx::query_scalar!(
        r#"SELECT policy AS "policy: Json<Policy>" FROM runaway_policies WHERE team_id = $1 AND key_id IS NULL"#,
        team.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(found.map(|policy| policy.0))
}

/// By the names of the keys; `limit` at most.
pub async fn of_keys(store: &Store, team: TeamId, limit: i64) -> Result<Vec<OfKey>, Error> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.name, p.policy AS "policy: Json<Policy>"
           FROM runaway_policies p JOIN api_keys k ON k.id = p.key_id
           WHERE p.team_id = $1 AND k.team_id = $1 ORDER BY k.name, k.id LIMIT $2"#,
        team.0,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    let of_key = |id, key_name, policy: Json<Policy>| OfKey { key_id: KeyId(id), key_name, policy: policy.0 };
    Ok(rows.into_iter().map(|row| of_key(row.id, row.name, row.policy)).collect())
}

/// Sets the team's policy, or that of one of its keys. `false`: the team has no such key.
pub async fn put(
    store: &Store,
    team: TeamId,
    key: Option<KeyId>,
    by: UserId,
    policy: &Policy,
) -> Result<bool, Error> {
    let id = Uuid::now_v7();
    let done = match key {
        None => {
            sqlx::query!(
                "INSERT INTO runaway_policies (id, team_id, policy, updated_by) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (team_id) WHERE key_id IS NULL
                 DO UPDATE SET policy = EXCLUDED.policy, updated_by = EXCLUDED.updated_by, updated_at = now()",
                id,
                team.0,
                Json(policy) as _,
                by.0
            )
            .execute(store.pool())
            .await?
        }
        Some(key) => {
            sqlx::query!(
                "INSERT INTO runaway_policies (id, team_id, key_id, policy, updated_by)
                 SELECT $1, team_id, id, $4, $5 FROM api_keys WHERE team_id = $2 AND id = $3
                 ON CONFLICT (key_id)
                 DO UPDATE SET policy = EXCLUDED.policy, updated_by = EXCLUDED.updated_by, updated_at = now()",
                id,
                team.0,
                key.0,
                Json(policy) as _,
                by.0
            )
            .execute(store.pool())
            .await?
        }
    };
    Ok(done.rows_affected() > 0)
}

/// Back to what stands above it. `false`: there was none.
pub async fn delete(store: &Store, team: TeamId, key: Option<KeyId>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM runaway_policies WHERE team_id = $1 AND key_id IS NOT DISTINCT FROM $2",
        team.0,
        key.map(|key| key.0)
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}
