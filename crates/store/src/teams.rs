//! Teams: the tenants. Who is in one stands in `team_members`.

use aop_domain::id::{TeamId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::team_members::MemberRole;
use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    /// Days its records are kept; `None`: the installation's own setting.
    pub retention_days: Option<i32>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// The owner, where there is one, becomes the first member.
pub async fn create(store: &Store, id: TeamId, name: &str, owner: Option<UserId>) -> Result<Team, Error> {
    let mut tx = store.pool().begin().await?;
    let team = sqlx::query_as!(
        Team,
        "INSERT INTO teams (id, name) VALUES ($1, $2) RETURNING id, name, retention_days, created_at, updated_at",
        id.0,
        name
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(owner) = owner {
        sqlx::query!(
            "INSERT INTO team_members (id, team_id, user_id, role) VALUES ($1, $2, $3, $4)",
            Uuid::now_v7(),
            id.0,
            owner.0,
            MemberRole::Owner as MemberRole
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(team)
}

pub async fn find(store: &Store, id: TeamId) -> Result<Option<Team>, Error> {
    let team = sqlx::query_as!(
        Team,
        "SELECT id, name, retention_days, created_at, updated_at FROM teams WHERE id = $1",
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(team)
}

/// Every team, newest first. `before` is the last id of the page before.
pub async fn list(store: &Store, before: Option<TeamId>, limit: i64) -> Result<Vec<Team>, Error> {
    let teams = sqlx::query_as!(
        Team,
        "SELECT id, name, retention_days, created_at, updated_at
         FROM teams WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(teams)
}

/// The teams a user is in, newest first.
pub async fn list_of_user(
    store: &Store,
    user: UserId,
    before: Option<TeamId>,
    limit: i64,
) -> Result<Vec<Team>, Error> {
    let teams = sqlx::query_as!(
        Team,
        "SELECT t.id, t.name, t.retention_days, t.created_at, t.updated_at
         FROM teams t JOIN team_members m ON m.team_id = t.id
         WHERE m.user_id = $1 AND ($2::uuid IS NULL OR t.id < $2) ORDER BY t.id DESC LIMIT $3",
        user.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(teams)
}

/// Replaces both. `None`: no such team.
pub async fn update(
    store: &Store,
    id: TeamId,
    name: &str,
    retention_days: Option<i32>,
) -> Result<Option<Team>, Error> {
    let team = sqlx::query_as!(
        Team,
        "UPDATE teams SET name = $2, retention_days = $3, updated_at = now() WHERE id = $1
         RETURNING id, name, retention_days, created_at, updated_at",
        id.0,
        name,
        retention_days
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(team)
}

/// With everything that belongs to it here. Its records in ClickHouse stay until their time is over.
pub async fn delete(store: &Store, id: TeamId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM teams WHERE id = $1", id.0).execute(store.pool()).await?;
    Ok(done.rows_affected() > 0)
}
