//! Crews: what a team wants run. Every saved state is also kept as a version.

use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use aop_domain::id::{CrewId, TeamId, UserId};

use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Crew {
    pub id: CrewId,
    pub name: String,
    pub description: String,
    /// The definition as written (`aop_domain::crew::parse` reads it).
    pub config: Value,
    /// `draft`, `deployed`, `stopped`.
    pub status: String,
    /// Grows by one with every change.
    pub version: i32,
    pub created_by: Option<UserId>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// What an author writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub name: String,
    pub description: String,
    pub config: Value,
}

struct Row {
    id: Uuid,
    name: String,
    description: String,
    config: Value,
    status: String,
    version: i32,
    created_by: Option<Uuid>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl From<Row> for Crew {
    fn from(row: Row) -> Self {
        Self {
            id: CrewId(row.id),
            name: row.name,
            description: row.description,
            config: row.config,
            status: row.status,
            version: row.version,
            created_by: row.created_by.map(UserId),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Saves a new crew as version 1. `id` and `version_id` are made by the caller.
pub async fn create(
    store: &Store,
    team: TeamId,
    id: CrewId,
    version_id: Uuid,
    content: &Content,
    by: Option<UserId>,
) -> Result<Crew, Error> {
    let mut tx = store.pool().begin().await?;
    let row = sqlx::query_as!(
        Row,
        "INSERT INTO crews (id, team_id, name, description, config, created_by) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING id, name, description, config, status, version, created_by, created_at, updated_at",
        id.0,
        team.0,
        content.name,
        content.description,
        content.config,
        by.map(|user| user.0)
    )
    .fetch_one(&mut *tx)
    .await?;
    keep_version(&mut tx, &row, version_id, by).await?;
    tx.commit().await?;
    Ok(row.into())
}

pub async fn find(store: &Store, team: TeamId, id: CrewId) -> Result<Option<Crew>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, description, config, status, version, created_by, created_at, updated_at
         FROM crews WHERE team_id = $1 AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Crew::from))
}

/// Newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<CrewId>,
    limit: i64,
) -> Result<Vec<Crew>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, description, config, status, version, created_by, created_at, updated_at
         FROM crews WHERE team_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Crew::from).collect())
}

/// Replaces the content and keeps it as the next version. `None`: the team has no such crew.
pub async fn update(
    store: &Store,
    team: TeamId,
    id: CrewId,
    version_id: Uuid,
    content: &Content,
    by: Option<UserId>,
) -> Result<Option<Crew>, Error> {
    let mut tx = store.pool().begin().await?;
    let row = sqlx::query_as!(
        Row,
        "UPDATE crews SET name = $3, description = $4, config = $5, version = version + 1, updated_at = now()
         WHERE team_id = $1 AND id = $2
         RETURNING id, name, description, config, status, version, created_by, created_at, updated_at",
        team.0,
        id.0,
        content.name,
        content.description,
        content.config
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(row) = &row {
        keep_version(&mut tx, row, version_id, by).await?;
    }
    tx.commit().await?;
    Ok(row.map(Crew::from))
}

/// Its runs stay, with the definition they ran. `false`: the team has no such crew.
pub async fn delete(store: &Store, team: TeamId, id: CrewId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM crews WHERE team_id = $1 AND id = $2", team.0, id.0)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected() > 0)
}

async fn keep_version(
    tx: &mut sqlx::PgTransaction<'_>,
    row: &Row,
    version_id: Uuid,
    by: Option<UserId>,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO crew_versions (id, crew_id, version, name, description, config, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        version_id,
        row.id,
        row.version,
        row.name,
        row.description,
        row.config,
        by.map(|user| user.0)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
