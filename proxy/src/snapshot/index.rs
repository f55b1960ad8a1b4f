//! The snapshot, indexed for the questions the hot path asks.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aop_domain::gateway::{GatewaySnapshot, KeyMac, Route, VirtualKey};
use aop_domain::id::{DeploymentId, KeyId, TeamId};
use aop_domain::price::{BadOverride, PriceBook};
use aop_service::keys::DerivedKey;

use super::target::{Target, TargetError};
use super::{nearest, pattern};

/// A route with its targets ready to be called, in the order of priority.
#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub(crate) route: Arc<Route>,
    pub(crate) targets: Vec<RouteTarget>,
}

#[derive(Debug)]
pub(crate) struct RouteTarget {
    pub(crate) priority: u16,
    pub(crate) weight: u16,
    pub(crate) target: Arc<Target>,
}

pub(crate) struct Index {
    pub(crate) snapshot: Arc<GatewaySnapshot>,
    pub(crate) prices: PriceBook,
    keys_by_id: HashMap<KeyId, Arc<VirtualKey>>,
    /// `None`: shared by all teams.
    routes: HashMap<Option<TeamId>, HashMap<String, Arc<RouteEntry>>>,
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
    ) -> Self {
        let (prices, bad_prices) = PriceBook::new(&snapshot.price_overrides);
        let mut index = Self {
            prices,
            bad_prices,
            keys_by_id: snapshot.keys.values().map(|key| (key.id, Arc::clone(key))).collect(),
            routes: HashMap::new(),
            unusable: Vec::new(),
            snapshot,
        };
        let mut targets: HashMap<DeploymentId, Option<Arc<Target>>> = HashMap::new();
        let snapshot = Arc::clone(&index.snapshot);
        for route in &snapshot.routes {
            let mut entry = RouteEntry { route: Arc::clone(route), targets: Vec::new() };
            for wanted in &route.targets {
                let deployment = &wanted.deployment;
                let target = targets.entry(deployment.id).or_insert_with(|| {
                    let credential = deployment.credential_id.and_then(|id| snapshot.credentials.get(&id));
                    match Target::new(Arc::clone(deployment), credential, credential_key, simulator_url) {
                        Ok(target) => Some(Arc::new(target)),
                        Err(error) => {
                            index.unusable.push((deployment.name.clone(), error));
                            None
                        }
                    }
                });
                if let Some(target) = target {
                    let target = Arc::clone(target);
                    entry.targets.push(RouteTarget {
                        priority: wanted.priority,
                        weight: wanted.weight,
                        target,
                    });
                }
            }
            entry.targets.sort_by_key(|target| target.priority);
            index.routes.entry(route.team_id).or_default().insert(route.model.clone(), Arc::new(entry));
        }
        index
    }

    pub(crate) fn key(&self, mac: &KeyMac) -> Option<&Arc<VirtualKey>> {
        self.snapshot.keys.get(mac)
    }

    pub(crate) fn key_by_id(&self, id: KeyId) -> Option<&Arc<VirtualKey>> {
        self.keys_by_id.get(&id)
    }

    /// A team's own route of a name wins over the shared one.
    pub(crate) fn route(&self, team: TeamId, model: &str) -> Option<&Arc<RouteEntry>> {
        let of = |owner: Option<TeamId>| self.routes.get(&owner).and_then(|routes| routes.get(model));
        of(Some(team)).or_else(|| of(None))
    }

    /// The models a team can call with this key, in alphabetical order.
    pub(crate) fn models(&self, team: TeamId, key: Option<&VirtualKey>) -> BTreeSet<&str> {
        let of = |owner: Option<TeamId>| self.routes.get(&owner).into_iter().flat_map(HashMap::keys);
        of(Some(team)).chain(of(None)).map(String::as_str).filter(|model| allows(key, model)).collect()
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
            || key.allowed_models.iter().any(|allowed| pattern::matches(allowed, model))
    })
}
