//! Routes: a model name that clients send, and the deployments that answer it. A team's own route of a name wins
//! over a shared one.

use aop_domain::id::{DeploymentId, RouteId, TeamId};
use aop_domain::routing::{Fallback, OnAbort, RoutePolicy, Strategy, Unsupported};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgTransaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub id: RouteId,
    pub scope: Scope,
    pub settings: RouteSettings,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// Everything about a route that people choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteSettings {
    pub model: String,
    /// Tries at most, all targets together; 1 or more.
    pub max_attempts: u8,
    /// Of `chat`, `completion`, `embedding`; at least one.
    pub operations: Vec<String>,
    pub policy: RoutePolicy,
    pub is_active: bool,
    /// Given back in the order of priority.
    pub targets: Vec<Target>,
}

/// Lower priority is tried first; among equals the route's strategy decides, by the weight (1 or more) and what it looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub deployment_id: DeploymentId,
    pub priority: u16,
    pub weight: u16,
}

struct Row {
    id: Uuid,
    team_id: Option<Uuid>,
    model: String,
    max_attempts: i16,
    operations: Vec<String>,
    strategy: String,
    sticky: bool,
    aliases: Vec<String>,
    fallbacks: Json<Vec<Fallback>>,
    hedge_after_ms: Option<i32>,
    continuations: i16,
    unsupported: String,
    on_abort: String,
    abort_max_bytes: Option<i32>,
    abort_max_ms: Option<i32>,
    is_active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    targets: Json<Vec<Target>>,
}

impl From<Row> for Route {
    fn from(row: Row) -> Self {
        let settings = RouteSettings {
            model: row.model,
            max_attempts: u8::try_from(row.max_attempts).unwrap_or(u8::MAX),
            operations: row.operations,
            policy: RoutePolicy {
                // The table's CHECK lets in nothing else.
                strategy: Strategy::parse(&row.strategy).unwrap_or_default(),
                sticky: row.sticky,
                aliases: row.aliases,
                fallbacks: row.fallbacks.0,
                hedge_after_ms: row.hedge_after_ms.map(i32::unsigned_abs),
                continuations: u8::try_from(row.continuations).unwrap_or_default(),
                unsupported: Unsupported::parse(&row.unsupported).unwrap_or_default(),
                on_abort: OnAbort::parse(
                    &row.on_abort,
                    row.abort_max_bytes.map(i32::unsigned_abs),
                    row.abort_max_ms.map(i32::unsigned_abs),
                )
                .unwrap_or_default(),
            },
            is_active: row.is_active,
            targets: row.targets.0,
        };
        Self {
            id: RouteId(row.id),
            scope: row.team_id.into(),
            settings,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// `Error::Duplicate` when the scope has a route of that name; `Error::UnknownReference` when it cannot see a target.
pub async fn create(
    store: &Store,
    scope: Scope,
    id: RouteId,
    settings: &RouteSettings,
) -> Result<Route, Error> {
    let mut tx = store.pool().begin().await?;
    sqlx::query!(
        "INSERT INTO routes (id, team_id, model, max_attempts, operations, is_active,
           strategy, sticky, aliases, fallbacks, hedge_after_ms, on_abort, abort_max_bytes, abort_max_ms,
           continuations, unsupported)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        id.0,
        scope.uuid(),
        settings.model,
        i16::from(settings.max_attempts),
        &settings.operations,
        settings.is_active,
        settings.policy.strategy.as_str(),
        settings.policy.sticky,
        &settings.policy.aliases,
        Json(&settings.policy.fallbacks) as _,
        column(settings.policy.hedge_after_ms),
        settings.policy.on_abort.as_str(),
        column(settings.policy.on_abort.caps().0),
        column(settings.policy.on_abort.caps().1),
        i16::from(settings.policy.continuations),
        settings.policy.unsupported.as_str()
    )
    .execute(&mut *tx)
    .await?;
    insert_targets(&mut tx, scope, id, &settings.targets).await?;
    let route = fetch(&mut tx, scope, id).await?;
    tx.commit().await?;
    Ok(route)
}

/// Only within the scope that owns it. `None`: not there. Errors as in [`create`].
pub async fn update(
    store: &Store,
    scope: Scope,
    id: RouteId,
    settings: &RouteSettings,
) -> Result<Option<Route>, Error> {
    let mut tx = store.pool().begin().await?;
    let done = sqlx::query!(
        "UPDATE routes SET model = $3, max_attempts = $4, operations = $5, is_active = $6, strategy = $7,
           sticky = $8, aliases = $9, fallbacks = $10, hedge_after_ms = $11, on_abort = $12,
           abort_max_bytes = $13, abort_max_ms = $14, continuations = $15,
           unsupported = $16, updated_at = now()
         WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        scope.uuid(),
        id.0,
        settings.model,
        i16::from(settings.max_attempts),
        &settings.operations,
        settings.is_active,
        settings.policy.strategy.as_str(),
        settings.policy.sticky,
        &settings.policy.aliases,
        Json(&settings.policy.fallbacks) as _,
        column(settings.policy.hedge_after_ms),
        settings.policy.on_abort.as_str(),
        column(settings.policy.on_abort.caps().0),
        column(settings.policy.on_abort.caps().1),
        i16::from(settings.policy.continuations),
        settings.policy.unsupported.as_str()
    )
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!("DELETE FROM route_targets WHERE route_id = $1", id.0).execute(&mut *tx).await?;
    insert_targets(&mut tx, scope, id, &settings.targets).await?;
    let route = fetch(&mut tx, scope, id).await?;
    tx.commit().await?;
    Ok(Some(route))
}

/// Above 24 days, or two gigabytes, there is no difference any more.
fn column(number: Option<u32>) -> Option<i32> {
    number.map(|number| i32::try_from(number).unwrap_or(i32::MAX))
}

/// A target must be a deployment that the scope can see.
async fn insert_targets(
    tx: &mut PgTransaction<'_>,
    scope: Scope,
    route: RouteId,
    targets: &[Target],
) -> Result<(), Error> {
    let deployments: Vec<Uuid> = targets.iter().map(|target| target.deployment_id.0).collect();
    let priorities: Vec<i32> = targets.iter().map(|target| target.priority.into()).collect();
    let weights: Vec<i32> = targets.iter().map(|target| target.weight.into()).collect();
    let done = sqlx::query!(
        "INSERT INTO route_targets (route_id, deployment_id, priority, weight)
         SELECT $1, d.id, t.priority, t.weight
         FROM unnest($3::uuid[], $4::int[], $5::int[]) AS t (deployment_id, priority, weight)
         JOIN model_deployments d ON d.id = t.deployment_id AND (d.team_id IS NULL OR d.team_id = $2)",
        route.0,
        scope.uuid(),
        &deployments,
        &priorities,
        &weights
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == targets.len() as u64 {
        return Ok(());
    }
    Err(Error::UnknownReference { constraint: "route_targets_deployment_id_fkey".into() })
}

async fn fetch(connection: &mut PgConnection, scope: Scope, id: RouteId) -> Result<Route, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.team_id, r.model, r.max_attempts, r.operations, r.strategy, r.sticky, r.aliases,
             r.fallbacks AS "fallbacks!: Json<Vec<Fallback>>", r.hedge_after_ms, r.continuations, r.unsupported, r.on_abort,
             r.abort_max_bytes, r.abort_max_ms, r.is_active, r.created_at, r.updated_at,
             coalesce((SELECT jsonb_agg(to_jsonb(t) - 'route_id' ORDER BY t.priority, t.deployment_id)
               FROM route_targets t WHERE t.route_id = r.id), '[]') AS "targets!: Json<Vec<Target>>"
           FROM routes r WHERE r.team_id IS NOT DISTINCT FROM $1 AND r.id = $2"#,
        scope.uuid(),
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

pub async fn find(store: &Store, team: TeamId, id: RouteId) -> Result<Option<Route>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.team_id, r.model, r.max_attempts, r.operations, r.strategy, r.sticky, r.aliases,
             r.fallbacks AS "fallbacks!: Json<Vec<Fallback>>", r.hedge_after_ms, r.continuations, r.unsupported, r.on_abort,
             r.abort_max_bytes, r.abort_max_ms, r.is_active, r.created_at, r.updated_at,
             coalesce((SELECT jsonb_agg(to_jsonb(t) - 'route_id' ORDER BY t.priority, t.deployment_id)
               FROM route_targets t WHERE t.route_id = r.id), '[]') AS "targets!: Json<Vec<Target>>"
           FROM routes r WHERE (r.team_id = $1 OR r.team_id IS NULL) AND r.id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.map(Route::from))
}

/// The team's own and the shared ones, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<RouteId>,
    limit: i64,
) -> Result<Vec<Route>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT r.id, r.team_id, r.model, r.max_attempts, r.operations, r.strategy, r.sticky, r.aliases,
             r.fallbacks AS "fallbacks!: Json<Vec<Fallback>>", r.hedge_after_ms, r.continuations, r.unsupported, r.on_abort,
             r.abort_max_bytes, r.abort_max_ms, r.is_active, r.created_at, r.updated_at,
             coalesce((SELECT jsonb_agg(to_jsonb(t) - 'route_id' ORDER BY t.priority, t.deployment_id)
               FROM route_targets t WHERE t.route_id = r.id), '[]') AS "targets!: Json<Vec<Target>>"
           FROM routes r WHERE (r.team_id = $1 OR r.team_id IS NULL) AND ($2::uuid IS NULL OR r.id < $2)
           ORDER BY r.id DESC LIMIT $3"#,
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().map(Route::from).collect())
}

pub async fn delete(store: &Store, scope: Scope, id: RouteId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "DELETE FROM routes WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        scope.uuid(),
        id.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}
