//! Rules about what may be said in calls: as people make them, and as the gateway's snapshot has them.

use std::sync::Arc;

use aop_domain::guard::{Action, Check, Guardrail, Stage};
use aop_domain::id::{GuardrailId, KeyId, TeamId, UserId};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

/// A rule and what is known of it beside what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub guardrail: Guardrail,
    pub is_active: bool,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl Kept {
    pub fn owner(&self) -> Scope {
        self.guardrail.team_id.into()
    }
}

struct Row {
    id: Uuid,
    team_id: Option<Uuid>,
    name: String,
    stage: String,
    check_spec: Json<serde_json::Value>,
    action: String,
    keys: Vec<Uuid>,
    models: Vec<String>,
    is_active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl Row {
    /// `None`: a rule of a newer version, in words this one does not know.
    fn read(self) -> Option<Kept> {
        Some(Kept {
            guardrail: Guardrail {
                id: GuardrailId(self.id),
                team_id: self.team_id.map(TeamId),
                name: self.name,
                stage: Stage::parse(&self.stage)?,
                check: serde_json::from_value::<Check>(self.check_spec.0).ok()?,
                action: Action::parse(&self.action)?,
                keys: self.keys.into_iter().map(KeyId).collect(),
                models: self.models,
            },
            is_active: self.is_active,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn spec(check: &Check) -> Result<serde_json::Value, Error> {
    serde_json::to_value(check).map_err(|error| sqlx::Error::Encode(Box::new(error)).into())
}

pub async fn create(store: &Store, rail: &Guardrail, is_active: bool, by: UserId) -> Result<(), Error> {
    let keys: Vec<Uuid> = rail.keys.iter().map(|key| key.0).collect();
    sqlx::query!(
        "INSERT INTO guardrails (id, team_id, name, stage, check_spec, action, keys, models, is_active, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        rail.id.0,
        rail.team_id.map(|team| team.0),
        rail.name,
        rail.stage.as_str(),
        spec(&rail.check)?,
        rail.action.as_str(),
        &keys,
        &rail.models,
        is_active,
        by.0
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// One the team can see: its own, or every team's.
pub async fn find(store: &Store, team: TeamId, id: GuardrailId) -> Result<Option<Kept>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, stage, check_spec AS "check_spec: Json<serde_json::Value>", action, keys, models,
             is_active, created_at, updated_at
           FROM guardrails WHERE (team_id = $1 OR team_id IS NULL) AND id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::read))
}

/// The team's own and every team's, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<GuardrailId>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, stage, check_spec AS "check_spec: Json<serde_json::Value>", action, keys, models,
             is_active, created_at, updated_at
           FROM guardrails WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
           ORDER BY id DESC LIMIT $3"#,
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// `false`: its owner has none with that id.
pub async fn update(store: &Store, rail: &Guardrail, is_active: bool) -> Result<bool, Error> {
    let keys: Vec<Uuid> = rail.keys.iter().map(|key| key.0).collect();
    let done = sqlx::query!(
        "UPDATE guardrails SET name = $3, stage = $4, check_spec = $5, action = $6, keys = $7, models = $8, is_active = $9,
           updated_at = now() WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        rail.team_id.map(|team| team.0),
        rail.id.0,
        rail.name,
        rail.stage.as_str(),
        spec(&rail.check)?,
        rail.action.as_str(),
        &keys,
        &rail.models,
        is_active
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn delete(store: &Store, owner: Scope, id: GuardrailId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM guardrails WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        owner.uuid(),
        id.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Those in force, for the gateway's snapshot, oldest first.
pub(crate) async fn load(connection: &mut PgConnection) -> Result<Vec<Arc<Guardrail>>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, team_id, name, stage, check_spec AS "check_spec: Json<serde_json::Value>", action, keys, models,
             is_active, created_at, updated_at
           FROM guardrails WHERE is_active ORDER BY id"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).map(|kept| Arc::new(kept.guardrail)).collect())
}
