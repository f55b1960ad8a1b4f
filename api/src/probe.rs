//! A window for the fuzz targets (`fuzz/targets.rs`) alone: models as the API takes them, without a database.

use aop_domain::id::{DeploymentId, RouteId, TeamId};
use aop_store::Scope;
use aop_store::model_deployments::{Deployment, DeploymentSettings};
use aop_store::routes::{Route, RouteSettings, Target};
use time::OffsetDateTime;

pub use crate::catalog::base_url;
use crate::catalog::{deployments, routing};
use crate::error::ApiResult;
use crate::wire::models::ModelRequest;

/// What the database would hold.
#[derive(Debug, Default)]
pub struct Catalog {
    pub routes: Vec<Route>,
    pub deployments: Vec<Deployment>,
}

impl Catalog {
    /// The body of `POST /api/models`, after all that is checked before a row is written. False: it is refused.
    pub fn add(&mut self, team: TeamId, body: &[u8]) -> bool {
        let Ok(body) = serde_json::from_slice::<ModelRequest>(body) else { return false };
        let scope = if body.shared { Scope::Shared } else { Scope::Team(team) };
        let Ok(mut settings) = self.settings(scope, &body) else { return false };
        // The table's own constraint.
        let taken = |route: &Route| route.scope == scope && route.settings.model == settings.model;
        if self.routes.iter().any(taken) {
            return false;
        }
        let Ok(targets) = body
            .targets
            .iter()
            .map(|target| Ok((deployments::settings(&settings.model, target, "targets")?, target)))
            .collect::<ApiResult<Vec<_>>>()
        else {
            return false;
        };
        let mut made: Vec<Target> = Vec::with_capacity(targets.len());
        for (wanted, target) in targets {
            let deployment_id = self.deployment(scope, wanted);
            if made.iter().any(|other| other.deployment_id == deployment_id) {
                return false;
            }
            made.push(Target { deployment_id, priority: target.priority, weight: target.weight });
        }
        settings.targets = made;
        let id = RouteId::from_bytes((self.routes.len() as u128 + 1).to_be_bytes());
        let at = OffsetDateTime::UNIX_EPOCH;
        self.routes.push(Route { id, scope, settings, created_at: at, updated_at: at });
        true
    }

    fn settings(&self, scope: Scope, body: &ModelRequest) -> ApiResult<RouteSettings> {
        let model = routing::model_name("model", &body.model)?;
        let operations = routing::operations(body)?;
        let policy = routing::policy_among(self.routes.clone(), scope, None, &model, body)?;
        deployments::check_count(&body.targets)?;
        let max_attempts = body.max_attempts;
        Ok(RouteSettings { model, max_attempts, operations, policy, is_active: true, targets: Vec::new() })
    }

    fn deployment(&mut self, scope: Scope, settings: DeploymentSettings) -> DeploymentId {
        let same =
            |other: &&Deployment| other.scope == scope && deployments::is_same(&other.settings, &settings);
        if let Some(same) = self.deployments.iter().find(same) {
            return same.id;
        }
        let id = DeploymentId::from_bytes((self.deployments.len() as u128 + 1).to_be_bytes());
        let at = OffsetDateTime::UNIX_EPOCH;
        self.deployments.push(Deployment { id, scope, settings, created_at: at, updated_at: at });
        id
    }
}
