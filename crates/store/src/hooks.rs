//! Hooks: what is done with calls that fit a filter. As people make them, and as the gateway's snapshot has them.

use std::sync::Arc;

use aop_domain::hook::{Act, Filter, Hook, Point};
use aop_domain::id::{HookId, TeamId, UserId};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

/// A hook and what is known of it beside what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub hook: Hook,
    pub is_active: bool,
    /// Messages that found no room.
    pub dropped: i64,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

struct Row {
    id: Uuid,
    team_id: Uuid,
    name: String,
    point: String,
    filter: Json<serde_json::Value>,
    act: Json<serde_json::Value>,
    is_active: bool,
    dropped: i64,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl Row {
    /// `None`: a hook of a newer version, in words this one does not know.
    fn read(self) -> Option<Kept> {
        Some(Kept {
            hook: Hook {
                id: HookId(self.id),
                team_id: TeamId(self.team_id),
                name: self.name,
                point: Point::parse(&self.point)?,
                filter: serde_json::from_value::<Filter>(self.filter.0).ok()?,
                act: serde_json::from_value::<Act>(self.act.0).ok()?,
            },
            is_active: self.is_active,
            dropped: self.dropped,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}

/// `sealed_secret`: what its messages are signed with.
pub async fn create(
    store: &Store,
    hook: &Hook,
    sealed_secret: Option<&[u8]>,
    is_active: bool,
    by: UserId,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO hooks (id, team_id, name, point, filter, act, sealed_secret, is_active, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        hook.id.0,
        hook.team_id.0,
        hook.name,
        hook.point.as_str(),
        json(&hook.filter)?,
        json(&hook.act)?,
        sealed_secret,
        is_active,
        by.0
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

pub async fn find(store: &Store, team: TeamId, id: HookId) -> Result<Option<Kept>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, point, filter AS "filter: Json<serde_json::Value>", act AS "act: Json<serde_json::Value>",
             is_active, dropped, created_at, updated_at
           FROM hooks WHERE team_id = $1 AND id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::read))
}

/// The team's hooks, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<HookId>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, point, filter AS "filter: Json<serde_json::Value>", act AS "act: Json<serde_json::Value>",
             is_active, dropped, created_at, updated_at
           FROM hooks WHERE team_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// `new_secret`: in place of the one before. `false`: the team has no such hook.
pub async fn update(
    store: &Store,
    hook: &Hook,
    new_secret: Option<&[u8]>,
    is_active: bool,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE hooks SET name = $3, point = $4, filter = $5, act = $6, sealed_secret = coalesce($7, sealed_secret),
           is_active = $8, updated_at = now() WHERE team_id = $1 AND id = $2",
        hook.team_id.0,
        hook.id.0,
        hook.name,
        hook.point.as_str(),
        json(&hook.filter)?,
        json(&hook.act)?,
        new_secret,
        is_active
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn delete(store: &Store, team: TeamId, id: HookId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM hooks WHERE team_id = $1 AND id = $2", team.0, id.0)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A hook whose messages are to be sent, and what they are signed with.
#[derive(Debug, Clone)]
pub struct Signed {
    pub hook: Hook,
    pub sealed_secret: Option<Vec<u8>>,
}

/// For whoever sends its messages: whether it is switched on no longer matters.
pub async fn find_signed(store: &Store, id: HookId) -> Result<Option<Signed>, Error> {
    let row = sqlx::query!(
        r#"SELECT id, team_id, name, point, filter AS "filter: Json<serde_json::Value>", act AS "act: Json<serde_json::Value>",
             is_active, dropped, created_at, updated_at, sealed_secret
           FROM hooks WHERE id = $1"#,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    let signed = row.and_then(|row| {
        let kept = Row {
            id: row.id,
            team_id: row.team_id,
            name: row.name,
            point: row.point,
            filter: row.filter,
            act: row.act,
            is_active: row.is_active,
            dropped: row.dropped,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Some(Signed { hook: kept.read()?.hook, sealed_secret: row.sealed_secret })
    });
    Ok(signed)
}

/// Those in force, for the gateway's snapshot, oldest first.
pub(crate) async fn load(connection: &mut PgConnection) -> Result<Vec<Arc<Hook>>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, point, filter AS "filter: Json<serde_json::Value>", act AS "act: Json<serde_json::Value>",
             is_active, dropped, created_at, updated_at
           FROM hooks WHERE is_active ORDER BY id"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).map(|kept| Arc::new(kept.hook)).collect())
}
