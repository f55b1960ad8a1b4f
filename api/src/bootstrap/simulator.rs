//! The built-in provider and its models, shared by every team.

use serde_json::{Value, json};
use uuid::Uuid;

use aop_domain::gateway::Timeouts;
use aop_domain::id::{DeploymentId, ProviderId, RouteId, TeamId};
use aop_domain::routing::{BreakerPolicy, Continues, RoutePolicy};
use aop_store::model_deployments::{self, DeploymentSettings};
use aop_store::providers::{self, ProviderSettings};
use aop_store::routes::{self, RouteSettings, Target};
use aop_store::{Error, Scope, Store, settings as installation};

use super::BootstrapError;
use crate::catalog::deployments;

const NAME: &str = "simulator";
/// Models that a start has put in already; what people deleted does not come back.
const MODELS_MADE: &str = "bootstrap.simulator_models";

/// One model of the built-in provider.
#[derive(Debug, Clone)]
pub struct SimulatorModel {
    pub id: String,
    /// What it may be asked for, as a route has it.
    pub operations: &'static [&'static str],
}

/// Connects the simulator and adds the models that no start before has added.
pub(super) async fn connect(store: &Store, models: &[SimulatorModel]) -> Result<(), BootstrapError> {
    let mut made = made_before(store).await?;
    let new: Vec<&SimulatorModel> = models.iter().filter(|model| !made.contains(&model.id)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let provider = provider(store).await?;
    for model in new {
        add(store, provider, model).await?;
        made.push(model.id.clone());
    }
    installation::put(store, MODELS_MADE, &json!(made)).await?;
    Ok(())
}

async fn made_before(store: &Store) -> Result<Vec<String>, Error> {
    let value = installation::find(store, MODELS_MADE).await?.unwrap_or(Value::Null);
    Ok(serde_json::from_value(value).unwrap_or_default())
}

async fn provider(store: &Store) -> Result<ProviderId, Error> {
    if let Some(known) = providers::find_by_name(store, Scope::Shared, NAME).await? {
        return Ok(known.id);
    }
    let settings = ProviderSettings {
        name: NAME.to_owned(),
        kind: NAME.to_owned(),
        // The gateway puts in the address it runs at.
        base_url: "simulator:".to_owned(),
        price_provider: NAME.to_owned(),
        is_active: true,
    };
    let id = ProviderId(Uuid::now_v7());
    Ok(providers::create(store, Scope::Shared, id, &settings).await?.id)
}

/// A start that was cut short may have made one of the two already: a duplicate is what was wanted.
async fn add(store: &Store, provider: ProviderId, model: &SimulatorModel) -> Result<(), BootstrapError> {
    let deployment = DeploymentSettings {
        name: format!("{NAME}/{}", model.id),
        provider_id: provider,
        credential_id: None,
        upstream_model: model.id.clone(),
        timeouts: Timeouts::default(),
        breaker: BreakerPolicy::default(),
        continues: Continues::Auto,
        is_active: true,
    };
    let id = match model_deployments::create(store, Scope::Shared, DeploymentId(Uuid::now_v7()), &deployment)
        .await
    {
        Ok(made) => made.map(|deployment| deployment.id),
        Err(Error::Duplicate { .. }) => find_deployment(store, &deployment.name).await?,
        Err(error) => return Err(error.into()),
    };
    // The provider was deleted in this very moment: then nobody wants its models.
    let Some(id) = id else { return Ok(()) };
    let route = RouteSettings {
        model: model.id.clone(),
        max_attempts: 3,
        operations: model.operations.iter().copied().map(str::to_owned).collect(),
        policy: RoutePolicy::default(),
        is_active: true,
        targets: vec![Target { deployment_id: id, priority: 0, weight: 1 }],
    };
    match routes::create(store, Scope::Shared, RouteId(Uuid::now_v7()), &route).await {
        Ok(_) | Err(Error::Duplicate { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn find_deployment(store: &Store, name: &str) -> Result<Option<DeploymentId>, Error> {
    // Shared deployments are seen by every team, so also by one that does not exist.
    let shared = model_deployments::list(store, TeamId::NIL, None, deployments::EVERY).await?;
    let found = shared.into_iter().find(|deployment| deployment.settings.name == name);
    Ok(found.map(|deployment| deployment.id))
}
