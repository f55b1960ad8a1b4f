//! The snapshot, indexed for the questions the hot path asks.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aop_domain::gateway::{GatewaySnapshot, KeyMac, VirtualKey};
use aop_domain::id::{DeploymentId, KeyId, TeamId};
use aop_domain::model_pattern;
use aop_domain::price::{BadOverride, PriceBook};
use aop_guard::rules::Rule;
use aop_service::keys::DerivedKey;

use super::nearest;
use super::providers::Providers;
use super::routes::{Found, RouteEntry, RouteTarget, Routes};
use super::target::{Target, TargetError};
use crate::guardrails;
use crate::hooks;
use crate::routing::Board;

pub(crate) struct Index {
    pub(crate) snapshot: Arc<GatewaySnapshot>,
    pub(crate) prices: PriceBook,
    /// Guardrails, ready to be used.
    pub(crate) rules: Vec<Arc<Rule>>,
    /// Hooks, ready to be used.
    pub(crate) hooks: Vec<hooks::Ready>,
    keys_by_id: HashMap<KeyId, Arc<VirtualKey>>,
    routes: Routes,
    providers: Providers,
    /// Deployments that cannot be called, and why.
    pub(crate) unusable: Vec<(String, TargetError)>,
    /// Prices that cannot be read, and why.
    pub(crate) bad_prices: Vec<BadOverride>,
}

impl Index {
    pub(crate) fn new(
        snapshot: Arc<GatewaySnapshot>,
        credential_key: &DerivedKey,
        simulator_url: &str,
        board: &Board,
    ) -> Self {
        let (prices, bad_prices) = PriceBook::new(&snapshot.price_overrides);
        let mut index = Self {
            prices,
            rules: guardrails::usable(&snapshot.guard.guardrails),
            hooks: hooks::usable(&snapshot.hooks),
            bad_prices,
            keys_by_id: snapshot.keys.values().map(|key| (key.id, Arc::clone(key))).collect(),
            routes: Routes::default(),
            providers: Providers::default(),
            unusable: Vec::new(),
            snapshot,
        };
        let mut targets: HashMap<DeploymentId, Option<Arc<Target>>> = HashMap::new();
        let snapshot = Arc::clone(&index.snapshot);
        let mut entries = Vec::with_capacity(snapshot.routes.len());
        for route in &snapshot.routes {
            let mut of_route = Vec::with_capacity(route.targets.len());
            for wanted in &route.targets {
                let deployment = &wanted.deployment;
                let target = targets.entry(deployment.id).or_insert_with(|| {
                    let credential = deployment.credential_id.and_then(|id| snapshot.credentials.get(&id));
                    let health = board.health(deployment, credential);
                    match Target::new(
                        Arc::clone(deployment),
                        credential,
                        credential_key,
                        simulator_url,
                        health,
                    ) {
                        Ok(target) => Some(Arc::new(target)),
                        Err(error) => {
                            index.unusable.push((deployment.name.clone(), error));
                            None
                        }
                    }
                });
                if let Some(target) = target {
                    let (priority, weight) = (wanted.priority, wanted.weight);
                    of_route.push(RouteTarget { priority, weight, target: Arc::clone(target) });
                }
            }
            entries.push(Arc::new(RouteEntry::new(Arc::clone(route), of_route)));
        }
        index.routes = Routes::new(&entries);
        for access in &snapshot.providers {
            index.providers.add(access, |deployment| {
                let credential = deployment.credential_id.and_then(|id| snapshot.credentials.get(&id));
                let health = board.health(&deployment, credential);
                let name = deployment.name.clone();
                Target::new(deployment, credential, credential_key, simulator_url, health)
                    .map_err(|error| index.unusable.push((name, error)))
                    .ok()
            });
        }
        index
    }

    pub(crate) fn key(&self, mac: &KeyMac) -> Option<&Arc<VirtualKey>> {
        self.snapshot.keys.get(mac)
    }

    pub(crate) fn key_by_id(&self, id: KeyId) -> Option<&Arc<VirtualKey>> {
        self.keys_by_id.get(&id)
    }

    /// The route that a model's name leads to.
    pub(crate) fn find<'a>(&'a self, team: TeamId, model: &'a str) -> Option<Found<'a>> {
        self.routes.find(team, model)
    }

    /// A provider whose own API this team may call.
    pub(crate) fn provider(&self, team: TeamId, name: &str) -> Option<&Arc<RouteEntry>> {
        self.providers.find(team, name)
    }

    /// The models a team can call with this key, in alphabetical order. A pattern is no model's name.
    pub(crate) fn models(&self, team: TeamId, key: Option<&VirtualKey>) -> BTreeSet<&str> {
        self.routes.names(team).filter(|model| allows(key, model)).collect()
    }

    /// The names nearest to one that does not exist, among those the caller may call.
    pub(crate) fn nearest(&self, team: TeamId, key: Option<&VirtualKey>, model: &str) -> Vec<&str> {
        nearest::names(model, self.models(team, key).into_iter())
    }
}

/// May this key call the model? No key: a run started by a signed-in user, who is not limited by one.
pub(crate) fn allows(key: Option<&VirtualKey>, model: &str) -> bool {
    key.is_none_or(|key| {
        key.allowed_models.is_empty()
            || key.allowed_models.iter().any(|allowed| model_pattern::matches(allowed, model))
    })
}
