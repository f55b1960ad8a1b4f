//! Deployments: callable targets (provider + model + credential). A team sees its own and the shared ones.

use aop_domain::gateway::Timeouts;
use aop_domain::id::{CredentialId, DeploymentId, ProviderId, TeamId};
use aop_domain::routing::{BreakerPolicy, Continues};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    pub id: DeploymentId,
    pub scope: Scope,
    pub settings: DeploymentSettings,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// Everything about a deployment that people choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentSettings {
    pub name: String,
    pub provider_id: ProviderId,
    pub credential_id: Option<CredentialId>,
    /// The model's name at the provider.
    pub upstream_model: String,
    pub timeouts: Timeouts,
    pub breaker: BreakerPolicy,
    pub continues: Continues,
    pub is_active: bool,
}

struct Row {
    id: Uuid,
    team_id: Option<Uuid>,
    name: String,
    provider_id: Uuid,
    credential_id: Option<Uuid>,
    upstream_model: String,
    connect_ms: i32,
    first_byte_ms: i32,
    idle_ms: i32,
    total_ms: i32,
    breaker_failures: i32,
    breaker_failure_percent: i32,
    breaker_window_ms: i32,
    breaker_cooldown_ms: i32,
    continues: String,
    is_active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl From<Row> for Deployment {
    fn from(row: Row) -> Self {
        let timeouts = Timeouts {
            connect_ms: row.connect_ms.unsigned_abs(),
            first_byte_ms: row.first_byte_ms.unsigned_abs(),
            idle_ms: row.idle_ms.unsigned_abs(),
            total_ms: row.total_ms.unsigned_abs(),
        };
        let settings = DeploymentSettings {
            name: row.name,
            provider_id: ProviderId(row.provider_id),
            credential_id: row.credential_id.map(CredentialId),
            upstream_model: row.upstream_model,
            timeouts,
            breaker: BreakerPolicy {
                failures: u16::try_from(row.breaker_failures).unwrap_or(u16::MAX),
                failure_percent: u8::try_from(row.breaker_failure_percent).unwrap_or(u8::MAX),
                window_ms: row.breaker_window_ms.unsigned_abs(),
                cooldown_ms: row.breaker_cooldown_ms.unsigned_abs(),
            },
            // The table's CHECK lets in nothing else.
            continues: Continues::parse(&row.continues).unwrap_or_default(),
            is_active: row.is_active,
        };
        Self {
            id: DeploymentId(row.id),
            scope: row.team_id.into(),
            settings,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Milliseconds as the table holds them. Above 24 days there is no difference any more.
fn column_ms(ms: u32) -> i32 {
    i32::try_from(ms).unwrap_or(i32::MAX)
}

/// `None`: the scope cannot see the provider, or the credential is not one of that provider that it can see.
pub async fn create(
    store: &Store,
    scope: Scope,
    id: DeploymentId,
    settings: &DeploymentSettings,
) -> Result<Option<Deployment>, Error> {
    let row = sqlx::query_as!(
        Row,
        "INSERT INTO model_deployments (id, team_id, name, provider_id, credential_id, upstream_model,
           connect_ms, first_byte_ms, idle_ms, total_ms, is_active,
           breaker_failures, breaker_failure_percent, breaker_window_ms, breaker_cooldown_ms, continues)
         SELECT $1, $2, $3, p.id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
         FROM providers p WHERE p.id = $4 AND (p.team_id IS NULL OR p.team_id = $2)
           AND ($5::uuid IS NULL OR EXISTS (SELECT FROM provider_credentials c
             WHERE c.id = $5 AND c.provider_id = p.id AND (c.team_id IS NULL OR c.team_id = $2)))
         RETURNING id, team_id, name, provider_id, credential_id, upstream_model,
           connect_ms, first_byte_ms, idle_ms, total_ms,
           breaker_failures, breaker_failure_percent, breaker_window_ms, breaker_cooldown_ms, continues,
           is_active, created_at, updated_at",
        id.0,
        scope.uuid(),
        settings.name,
        settings.provider_id.0,
        settings.credential_id.map(|id| id.0),
        settings.upstream_model,
        column_ms(settings.timeouts.connect_ms),
        column_ms(settings.timeouts.first_byte_ms),
        column_ms(settings.timeouts.idle_ms),
        column_ms(settings.timeouts.total_ms),
        settings.is_active,
        i32::from(settings.breaker.failures),
        i32::from(settings.breaker.failure_percent),
        column_ms(settings.breaker.window_ms),
        column_ms(settings.breaker.cooldown_ms),
        settings.continues.as_str()
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Deployment::from))
}

pub async fn find(store: &Store, team: TeamId, id: DeploymentId) -> Result<Option<Deployment>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, team_id, name, provider_id, credential_id, upstream_model,
           connect_ms, first_byte_ms, idle_ms, total_ms,
           breaker_failures, breaker_failure_percent, breaker_window_ms, breaker_cooldown_ms, continues,
           is_active, created_at, updated_at
         FROM model_deployments WHERE (team_id = $1 OR team_id IS NULL) AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Deployment::from))
}

/// The team's own and the shared ones, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<DeploymentId>,
    limit: i64,
) -> Result<Vec<Deployment>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, team_id, name, provider_id, credential_id, upstream_model,
           connect_ms, first_byte_ms, idle_ms, total_ms,
           breaker_failures, breaker_failure_percent, breaker_window_ms, breaker_cooldown_ms, continues,
           is_active, created_at, updated_at
         FROM model_deployments WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Deployment::from).collect())
}

/// Only within the scope that owns it. `None`: not there, or what it refers to cannot be seen (as in [`create`]).
pub async fn update(
    store: &Store,
    scope: Scope,
    id: DeploymentId,
    settings: &DeploymentSettings,
) -> Result<Option<Deployment>, Error> {
    let row = sqlx::query_as!(
        Row,
        "UPDATE model_deployments d SET name = $3, provider_id = p.id, credential_id = $5, upstream_model = $6,
           connect_ms = $7, first_byte_ms = $8, idle_ms = $9, total_ms = $10, is_active = $11,
           breaker_failures = $12, breaker_failure_percent = $13, breaker_window_ms = $14, breaker_cooldown_ms = $15,
           continues = $16, updated_at = now()
         FROM providers p
         WHERE d.team_id IS NOT DISTINCT FROM $1 AND d.id = $2
           AND p.id = $4 AND (p.team_id IS NULL OR p.team_id = $1)
           AND ($5::uuid IS NULL OR EXISTS (SELECT FROM provider_credentials c
             WHERE c.id = $5 AND c.provider_id = p.id AND (c.team_id IS NULL OR c.team_id = $1)))
         RETURNING d.id, d.team_id, d.name, d.provider_id, d.credential_id, d.upstream_model,
           d.connect_ms, d.first_byte_ms, d.idle_ms, d.total_ms,
           d.breaker_failures, d.breaker_failure_percent, d.breaker_window_ms, d.breaker_cooldown_ms, d.continues,
           d.is_active, d.created_at, d.updated_at",
        scope.uuid(),
        id.0,
        settings.name,
        settings.provider_id.0,
        settings.credential_id.map(|id| id.0),
        settings.upstream_model,
        column_ms(settings.timeouts.connect_ms),
        column_ms(settings.timeouts.first_byte_ms),
        column_ms(settings.timeouts.idle_ms),
        column_ms(settings.timeouts.total_ms),
        settings.is_active,
        i32::from(settings.breaker.failures),
        i32::from(settings.breaker.failure_percent),
        column_ms(settings.breaker.window_ms),
        column_ms(settings.breaker.cooldown_ms),
        settings.continues.as_str()
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Deployment::from))
}

/// It leaves the routes that had it as a target.
pub async fn delete(store: &Store, scope: Scope, id: DeploymentId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM model_deployments WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        scope.uuid(),
        id.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Of these, the ones that are no route's target any more. Returns how many went.
pub async fn delete_unused(store: &Store, scope: Scope, ids: &[DeploymentId]) -> Result<u64, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let done = sqlx::query!(
        "DELETE FROM model_deployments d WHERE d.team_id IS NOT DISTINCT FROM $1 AND d.id = ANY($2)
           AND NOT EXISTS (SELECT FROM route_targets t WHERE t.deployment_id = d.id)",
        scope.uuid(),
        &ids
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected())
}
