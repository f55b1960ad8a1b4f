//! Reading the snapshot: all of it in one read-only transaction, so that it is one state and not a mixture.

use std::collections::HashMap;
use std::sync::Arc;

use aop_domain::correction::{CorrectionKind, Corrections, Rule};
use aop_domain::gateway::{
    Deployment, GatewaySnapshot, KeyMac, PriceOverride, Provider, ProviderAccess, Route, RouteTarget,
    RunawayPolicies, SealedCredential, Timeouts, VirtualKey,
};
use aop_domain::guard::GuardFacts;
use aop_domain::id::{
    CorrectionId, CredentialId, DeploymentId, KeyId, LimitId, ProviderId, RouteId, TeamId, UserId,
};
use aop_domain::limits::{Kind, Limit, LimitScope, Window};
use aop_domain::routing::{BreakerPolicy, Continues, Fallback, OnAbort, RoutePolicy, Strategy, Unsupported};
use aop_domain::runaway::Policy;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::agent_corrections::condition;
use crate::{Error, Store};

/// The version alone: one row, cheap enough to ask every few seconds.
pub async fn load_version(store: &Store) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("SELECT version FROM gateway_version").fetch_one(store.pool()).await?)
}

/// Everything the gateway answers calls with. What is switched off is left out, except keys: they stay, marked
/// inactive, so that the gateway can say why it refuses.
pub async fn load_snapshot(store: &Store) -> Result<GatewaySnapshot, Error> {
    let mut tx = store.pool().begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let version = sqlx::query_scalar!("SELECT version FROM gateway_version").fetch_one(&mut *tx).await?;
    let providers = load_providers(&mut tx).await?;
    let deployments = load_deployments(&mut tx, &providers).await?;
    let (credentials, mut of_provider) = load_credentials(&mut tx).await?;
    let access = |provider: &Arc<Provider>| ProviderAccess {
        provider: Arc::clone(provider),
        credentials: of_provider.remove(&provider.id).unwrap_or_default(),
    };
    let snapshot = GatewaySnapshot {
        version,
        keys: load_keys(&mut tx).await?,
        routes: load_routes(&mut tx, &deployments).await?,
        providers: providers.values().map(access).collect(),
        credentials,
        price_overrides: load_prices(&mut tx).await?,
        retention_days: load_retention(&mut tx).await?,
        limits: load_limits(&mut tx).await?,
        corrections: load_corrections(&mut tx).await?,
        guard: GuardFacts {
            guardrails: crate::guardrails::load(&mut tx).await?,
            ..crate::content_policies::load(&mut tx).await?
        },
        hooks: crate::hooks::load(&mut tx).await?,
        runaway: load_runaway(&mut tx).await?,
        token_rules: crate::token_rules::load(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(snapshot)
}

async fn load_keys(connection: &mut PgConnection) -> Result<HashMap<KeyMac, Arc<VirtualKey>>, Error> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.team_id, k.user_id, k.name, k.key_hash, k.allowed_models, k.expires_at,
             ARRAY(SELECT jsonb_array_elements_text(k.permissions)) AS "permissions!",
             (k.is_active AND u.is_active AND u.role <> 'pending' AND (u.role = 'admin'
               OR EXISTS (SELECT FROM team_members m WHERE m.team_id = k.team_id AND m.user_id = k.user_id))) AS "active!"
           FROM api_keys k JOIN users u ON u.id = k.user_id"#
    )
    .fetch_all(connection)
    .await?;
    let keys = rows.into_iter().filter_map(|row| {
        // The table's CHECK makes it 32 bytes.
        let mac: KeyMac = row.key_hash.try_into().ok()?;
        let key = VirtualKey {
            id: KeyId(row.id),
            team_id: TeamId(row.team_id),
            user_id: UserId(row.user_id),
            name: row.name,
            permissions: row.permissions,
            active: row.active,
            expires_at_s: row.expires_at.map(|at| at.unix_timestamp()),
            allowed_models: row.allowed_models,
        };
        Some((mac, Arc::new(key)))
    });
    Ok(keys.collect())
}

async fn load_providers(connection: &mut PgConnection) -> Result<HashMap<ProviderId, Arc<Provider>>, Error> {
    let rows = sqlx::query!(
        "SELECT id, team_id, name, kind, base_url, price_provider FROM providers WHERE is_active"
    )
    .fetch_all(connection)
    .await?;
    let providers = rows.into_iter().map(|row| Provider {
        id: ProviderId(row.id),
        team_id: row.team_id.map(TeamId),
        name: row.name,
        kind: row.kind,
        base_url: row.base_url.trim_end_matches('/').to_owned(),
        price_provider: row.price_provider,
    });
    Ok(providers.map(|provider| (provider.id, Arc::new(provider))).collect())
}

async fn load_deployments(
    connection: &mut PgConnection,
    providers: &HashMap<ProviderId, Arc<Provider>>,
) -> Result<HashMap<DeploymentId, Arc<Deployment>>, Error> {
    let rows = sqlx::query!(
        "SELECT id, name, provider_id, upstream_model, credential_id, connect_ms, first_byte_ms, idle_ms, total_ms,
           breaker_failures, breaker_failure_percent, breaker_window_ms, breaker_cooldown_ms, continues
         FROM model_deployments WHERE is_active"
    )
    .fetch_all(connection)
    .await?;
    let deployments = rows.into_iter().filter_map(|row| {
        let deployment = Deployment {
            id: DeploymentId(row.id),
            name: row.name,
            provider: providers.get(&ProviderId(row.provider_id))?.clone(),
            upstream_model: row.upstream_model,
            credential_id: row.credential_id.map(CredentialId),
            timeouts: Timeouts {
                connect_ms: row.connect_ms.unsigned_abs(),
                first_byte_ms: row.first_byte_ms.unsigned_abs(),
                idle_ms: row.idle_ms.unsigned_abs(),
                total_ms: row.total_ms.unsigned_abs(),
            },
            breaker: BreakerPolicy {
                failures: u16::try_from(row.breaker_failures).unwrap_or(u16::MAX),
                failure_percent: u8::try_from(row.breaker_failure_percent).unwrap_or(u8::MAX),
                window_ms: row.breaker_window_ms.unsigned_abs(),
                cooldown_ms: row.breaker_cooldown_ms.unsigned_abs(),
            },
            continues: Continues::parse(&row.continues).unwrap_or_default(),
        };
        Some((deployment.id, Arc::new(deployment)))
    });
    Ok(deployments.collect())
}

/// A route whose targets are all switched off is left out: its model cannot be called.
async fn load_routes(
    connection: &mut PgConnection,
    deployments: &HashMap<DeploymentId, Arc<Deployment>>,
) -> Result<Vec<Arc<Route>>, Error> {
    let mut targets: HashMap<RouteId, Vec<RouteTarget>> = HashMap::new();
    let rows = sqlx::query!(
        "SELECT route_id, deployment_id, priority, weight FROM route_targets ORDER BY route_id, priority, deployment_id"
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let Some(deployment) = deployments.get(&DeploymentId(row.deployment_id)) else { continue };
        targets.entry(RouteId(row.route_id)).or_default().push(RouteTarget {
            deployment: deployment.clone(),
            priority: u16::try_from(row.priority).unwrap_or(u16::MAX),
            weight: u16::try_from(row.weight).unwrap_or(u16::MAX),
        });
    }
    let rows = sqlx::query!(
        r#"SELECT id, team_id, model, max_attempts, operations, strategy, sticky, aliases,
             fallbacks AS "fallbacks!: Json<Vec<Fallback>>", hedge_after_ms, continuations, unsupported, on_abort,
             abort_max_bytes, abort_max_ms
           FROM routes WHERE is_active ORDER BY id"#
    )
    .fetch_all(connection)
    .await?;
    let routes = rows.into_iter().filter_map(|row| {
        Some(Arc::new(Route {
            id: RouteId(row.id),
            team_id: row.team_id.map(TeamId),
            model: row.model,
            targets: targets.remove(&RouteId(row.id))?,
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
        }))
    });
    Ok(routes.collect())
}

type Credentials = HashMap<CredentialId, SealedCredential>;
/// Whose they are and which, the newest first.
type ByProvider = HashMap<ProviderId, Vec<(Option<TeamId>, CredentialId)>>;

async fn load_credentials(connection: &mut PgConnection) -> Result<(Credentials, ByProvider), Error> {
    let rows = sqlx::query!(
        "SELECT id, provider_id, team_id, sealed FROM provider_credentials ORDER BY created_at DESC, id DESC"
    )
    .fetch_all(connection)
    .await?;
    let (mut credentials, mut of_provider) = (Credentials::new(), ByProvider::new());
    for row in rows {
        let id = CredentialId(row.id);
        of_provider.entry(ProviderId(row.provider_id)).or_default().push((row.team_id.map(TeamId), id));
        credentials.insert(id, SealedCredential { id, sealed: row.sealed });
    }
    Ok((credentials, of_provider))
}

/// All versions, also those not in force yet: the gateway chooses by the time of the call.
async fn load_prices(connection: &mut PgConnection) -> Result<Vec<PriceOverride>, Error> {
    let rows = sqlx::query!(
        r#"SELECT team_id, version, provider, model, effective_from, card::text AS "card!" FROM prices
           ORDER BY provider, model, version"#
    )
    .fetch_all(connection)
    .await?;
    let prices = rows.into_iter().map(|row| PriceOverride {
        team_id: row.team_id.map(TeamId),
        version: row.version.unsigned_abs(),
        provider: row.provider,
        model: row.model,
        effective_from_s: row.effective_from.unix_timestamp(),
        card_json: row.card,
    });
    Ok(prices.collect())
}

async fn load_retention(connection: &mut PgConnection) -> Result<HashMap<TeamId, u32>, Error> {
    let rows =
        sqlx::query!(r#"SELECT id, retention_days AS "days!" FROM teams WHERE retention_days IS NOT NULL"#)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|row| (TeamId(row.id), row.days.unsigned_abs())).collect())
}

/// Budgets that are switched on, and the requests a minute that a key has for itself.
async fn load_limits(connection: &mut PgConnection) -> Result<Vec<Arc<Limit>>, Error> {
    let rows = sqlx::query!(
        "SELECT id, team_id, name, scope, subject, kind, time_window, amount, shadow FROM budgets WHERE is_active ORDER BY id"
    )
    .fetch_all(&mut *connection)
    .await?;
    let budgets = rows.into_iter().filter_map(|row| {
        let kind = Kind::parse(&row.kind)?;
        Some(Limit {
            id: LimitId(row.id),
            team_id: row.team_id.map(TeamId),
            name: row.name,
            scope: LimitScope::parse(&row.scope)?,
            subject: row.subject,
            kind,
            window: Window::parse(&row.time_window)?,
            amount: kind.units(row.amount)?,
            shadow: row.shadow,
        })
    });
    let mut limits: Vec<Arc<Limit>> = budgets.map(Arc::new).collect();
    let rows = sqlx::query!(
        r#"SELECT id, team_id, name, rate_limit AS "rate_limit!" FROM api_keys WHERE rate_limit IS NOT NULL ORDER BY id"#
    )
    .fetch_all(connection)
    .await?;
    limits.extend(rows.into_iter().map(|row| {
        Arc::new(Limit {
            id: LimitId(row.id),
            team_id: Some(TeamId(row.team_id)),
            name: row.name,
            scope: LimitScope::Key,
            subject: Some(row.id.to_string()),
            kind: Kind::Requests,
            window: Window::Minute,
            amount: i64::from(row.rate_limit),
            shadow: false,
        })
    }));
    Ok(limits)
}

async fn load_corrections(connection: &mut PgConnection) -> Result<HashMap<TeamId, Corrections>, Error> {
    let rows = sqlx::query!(
        "SELECT id, team_id, kind, agent, prompt, conversation, to_agent, name FROM agent_corrections ORDER BY id"
    )
    .fetch_all(connection)
    .await?;
    let mut of_teams: HashMap<TeamId, Vec<Rule<CorrectionId>>> = HashMap::new();
    for row in rows {
        // A kind of a newer version corrects nothing here.
        let Some(kind) = CorrectionKind::parse(&row.kind) else { continue };
        of_teams.entry(TeamId(row.team_id)).or_default().push(Rule {
            id: CorrectionId(row.id),
            kind,
            agent: row.agent.cast_unsigned(),
            condition: condition(row.prompt, row.conversation),
            to_agent: row.to_agent.cast_unsigned(),
            name: row.name,
        });
    }
    Ok(of_teams.into_iter().map(|(team, rules)| (team, Corrections::new(rules))).collect())
}

/// A policy that cannot be read (a newer program wrote it) leaves its owner with the default.
async fn load_runaway(connection: &mut PgConnection) -> Result<RunawayPolicies, Error> {
    let rows = sqlx::query!(r#"SELECT team_id, key_id, policy AS "policy!: Value" FROM runaway_policies"#)
        .fetch_all(connection)
        .await?;
    let mut policies = RunawayPolicies::default();
    for row in rows {
        let Ok(policy) = serde_json::from_value::<Policy>(row.policy) else {
            tracing::warn!(team = %row.team_id, "a policy of the runaway guard cannot be read; the default holds");
            continue;
        };
        match row.key_id {
            Some(key) => policies.of_keys.insert(KeyId(key), policy),
            None => policies.of_teams.insert(TeamId(row.team_id), policy),
        };
    }
    Ok(policies)
}
