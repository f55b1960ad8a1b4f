//! What was changed, by whom. Only ever added to.

use aop_domain::id::{KeyId, TeamId, UserId};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: Uuid,
    /// `None`: about the whole installation.
    pub team_id: Option<TeamId>,
    pub actor: Actor,
    /// `noun.verb`, e.g. `api_key.create`.
    pub action: String,
    pub target_kind: String,
    pub target_id: String,
    /// A JSON object; never holds a secret.
    pub detail: Value,
    pub ip: Option<String>,
    pub created_at: OffsetDateTime,
}

/// Who did it. Both are `None` for AOP itself and for people who are not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actor {
    pub user_id: Option<UserId>,
    pub key_id: Option<KeyId>,
}

struct Row {
    id: Uuid,
    team_id: Option<Uuid>,
    actor_user_id: Option<Uuid>,
    actor_key_id: Option<Uuid>,
    action: String,
    target_kind: String,
    target_id: String,
    detail: Value,
    ip: Option<String>,
    created_at: OffsetDateTime,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            team_id: row.team_id.map(TeamId),
            actor: Actor { user_id: row.actor_user_id.map(UserId), key_id: row.actor_key_id.map(KeyId) },
            action: row.action,
            target_kind: row.target_kind,
            target_id: row.target_id,
            detail: row.detail,
            ip: row.ip,
            created_at: row.created_at,
        }
    }
}

pub async fn append(store: &Store, entry: &Entry) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO audit_log
           (id, team_id, actor_user_id, actor_key_id, action, target_kind, target_id, detail, ip, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        entry.id,
        entry.team_id.map(|team| team.0),
        entry.actor.user_id.map(|user| user.0),
        entry.actor.key_id.map(|key| key.0),
        entry.action,
        entry.target_kind,
        entry.target_id,
        entry.detail,
        entry.ip,
        entry.created_at
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Newest first, for administrators: `of_team` narrows to one team. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    of_team: Option<TeamId>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, team_id, actor_user_id, actor_key_id, action, target_kind, target_id, detail, ip, created_at
         FROM audit_log WHERE ($1::uuid IS NULL OR team_id = $1) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        of_team.map(|team| team.0),
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}
