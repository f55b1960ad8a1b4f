//! The deployments behind a model. A model names its targets by provider, upstream model and credential; here they become
//! rows of their own, shared by every model of the scope that wants the same target.

use uuid::Uuid;

use aop_domain::gateway::Timeouts;
use aop_domain::id::{CredentialId, DeploymentId, ProviderId, TeamId};
use aop_service::problem::Problem;
use aop_store::model_deployments::{self, Deployment, DeploymentSettings};
use aop_store::routes::Target;
use aop_store::{Scope, providers};

use super::routing;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::wire::models::TargetRequest;

/// More than any installation has; the list is only searched, never shown.
pub const EVERY: i64 = 10_000;
const MOST_TARGETS: usize = 32;
const LARGEST_SHARE: u16 = 1000;

/// The route's targets for what was asked, with the deployments made that were not there yet.
pub async fn ensure(
    state: &AppState,
    team: TeamId,
    scope: Scope,
    model: &str,
    asked: &[TargetRequest],
) -> ApiResult<Vec<Target>> {
    check_count(asked)?;
    let mut known = model_deployments::list(&state.store, team, None, EVERY).await?;
    known.retain(|deployment| deployment.scope == scope);
    let mut targets: Vec<Target> = Vec::with_capacity(asked.len());
    for (at, target) in asked.iter().enumerate() {
        let field = format!("targets[{at}]");
        let id = ensure_one(state, team, scope, model, target, &mut known, &field).await?;
        if targets.iter().any(|other| other.deployment_id == id) {
            let detail = "Two targets are the same. Give one of them a larger weight instead.";
            return Err(Problem::invalid("invalid_targets", detail).field(field).into());
        }
        targets.push(Target { deployment_id: id, priority: target.priority, weight: target.weight });
    }
    Ok(targets)
}

pub fn check_count(asked: &[TargetRequest]) -> ApiResult<()> {
    if asked.is_empty() || asked.len() > MOST_TARGETS {
        let detail = format!("A model has 1 to {MOST_TARGETS} targets.");
        return Err(Problem::invalid("invalid_targets", detail).field("targets").into());
    }
    Ok(())
}

fn check_share(target: &TargetRequest, field: &str) -> ApiResult<()> {
    if target.priority > LARGEST_SHARE || target.weight == 0 || target.weight > LARGEST_SHARE {
        let detail = format!("A priority is 0 to {LARGEST_SHARE} and a weight 1 to {LARGEST_SHARE}.");
        return Err(Problem::invalid("invalid_targets", detail).field(field).into());
    }
    Ok(())
}

async fn ensure_one(
    state: &AppState,
    team: TeamId,
    scope: Scope,
    model: &str,
    target: &TargetRequest,
    known: &mut Vec<Deployment>,
    field: &str,
) -> ApiResult<DeploymentId> {
    let unknown =
        || Problem::invalid("unknown_provider", "There is no such provider or credential.").field(field);
    let mut settings = settings(model, target, field)?;
    let provider = providers::find(&state.store, team, settings.provider_id).await?.ok_or_else(unknown)?;
    if let Some(same) = known.iter().find(|other| is_same(&other.settings, &settings)) {
        return Ok(same.id);
    }
    settings.name = free_name(&format!("{}/{}", provider.name, settings.upstream_model), known);
    let id = DeploymentId(Uuid::now_v7());
    let made = model_deployments::create(&state.store, scope, id, &settings).await?.ok_or_else(unknown)?;
    known.push(made);
    Ok(id)
}

/// What is asked for, but for its name, which is made of others.
pub fn settings(model: &str, target: &TargetRequest, field: &str) -> ApiResult<DeploymentSettings> {
    check_share(target, field)?;
    let upstream = target.upstream_model.as_deref().unwrap_or(model);
    Ok(DeploymentSettings {
        name: String::new(),
        provider_id: ProviderId(target.provider_id),
        credential_id: target.credential_id.map(CredentialId),
        upstream_model: routing::model_name("upstream_model", upstream)?,
        timeouts: timeouts(target, field)?,
        breaker: routing::breaker(target.breaker, field)?,
        continues: target.continues.into(),
        is_active: true,
    })
}

pub fn is_same(one: &DeploymentSettings, other: &DeploymentSettings) -> bool {
    one.provider_id == other.provider_id
        && one.credential_id == other.credential_id
        && one.upstream_model == other.upstream_model
        && one.timeouts == other.timeouts
        && one.breaker == other.breaker
        && one.continues == other.continues
        && one.is_active == other.is_active
}

/// `wish`, or `wish #2` and so on when it is taken.
fn free_name(wish: &str, known: &[Deployment]) -> String {
    let taken = |name: &str| known.iter().any(|deployment| deployment.settings.name == name);
    let mut name = wish.to_owned();
    let mut number = 2;
    while taken(&name) {
        name = format!("{wish} #{number}");
        number += 1;
    }
    name
}

fn timeouts(target: &TargetRequest, field: &str) -> ApiResult<Timeouts> {
    let Some(asked) = target.timeouts else { return Ok(Timeouts::default()) };
    let bounds = [
        (asked.connect_ms, 60_000),
        (asked.first_byte_ms, 3_600_000),
        (asked.idle_ms, 3_600_000),
        (asked.total_ms, 86_400_000),
    ];
    if bounds.iter().any(|&(ms, longest)| ms == 0 || ms > longest) {
        let detail = "A timeout is at least 1 ms; connecting may take a minute, waiting an hour, a call a day at most.";
        return Err(Problem::invalid("invalid_timeouts", detail).field(field).into());
    }
    Ok(Timeouts {
        connect_ms: asked.connect_ms,
        first_byte_ms: asked.first_byte_ms,
        idle_ms: asked.idle_ms,
        total_ms: asked.total_ms,
    })
}
