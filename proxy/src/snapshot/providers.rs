//! Providers by name, for calls of their own API. A team's own provider wins over a shared one of the same name, and a
//! team's own credential over a shared one; another team's is never used.

use std::collections::HashMap;
use std::sync::Arc;

use aop_domain::gateway::{Deployment, ProviderAccess, Route, RouteTarget, Timeouts};
use aop_domain::id::{CredentialId, DeploymentId, RouteId, TeamId};
use aop_domain::routing::{BreakerPolicy, Continues, RoutePolicy};

use super::routes::{self, RouteEntry};
use super::target::Target;

#[derive(Debug, Default)]
pub(super) struct Providers(HashMap<Option<TeamId>, HashMap<String, Vec<Access>>>);

/// One way to call a provider.
#[derive(Debug)]
struct Access {
    /// Whose credential it is; `None`: everybody's, or there is none.
    of: Option<TeamId>,
    entry: Arc<RouteEntry>,
}

impl Providers {
    pub(super) fn add(
        &mut self,
        access: &ProviderAccess,
        mut target: impl FnMut(Arc<Deployment>) -> Option<Target>,
    ) {
        let provider = &access.provider;
        let mut ways: Vec<Access> = Vec::new();
        let mut add = |of: Option<TeamId>, credential: Option<CredentialId>| {
            // The newest of each owner.
            if ways.iter().any(|way| way.of == of) {
                return;
            }
            let deployment = Arc::new(deployment(access, credential));
            let Some(made) = target(Arc::clone(&deployment)) else { return };
            let target = routes::RouteTarget { priority: 0, weight: 1, target: Arc::new(made) };
            let entry = RouteEntry::new(Arc::new(route(deployment)), vec![target]);
            ways.push(Access { of, entry: Arc::new(entry) });
        };
        access.credentials.iter().for_each(|(of, credential)| add(*of, Some(*credential)));
        // Without a credential for everybody, others call it without one.
        add(None, None);
        self.0.entry(provider.team_id).or_default().insert(provider.name.clone(), ways);
    }

    pub(super) fn find(&self, team: TeamId, name: &str) -> Option<&Arc<RouteEntry>> {
        let of = |owner: Option<TeamId>| self.0.get(&owner)?.get(name);
        let ways = of(Some(team)).or_else(|| of(None))?;
        let whose = |of: Option<TeamId>| ways.iter().find(|way| way.of == of);
        whose(Some(team)).or_else(|| whose(None)).map(|way| &way.entry)
    }
}

fn deployment(access: &ProviderAccess, credential: Option<CredentialId>) -> Deployment {
    let provider = &access.provider;
    // An id of its own for each pair, the same in every version of the facts: what is known of its health is kept.
    let mut id = *provider.id.as_bytes();
    let of_credential = credential.map_or([0; 16], |credential| *credential.as_bytes());
    id.iter_mut().zip(of_credential).for_each(|(byte, other)| *byte ^= other.rotate_left(1));
    id[0] = !id[0];
    Deployment {
        id: DeploymentId::from_bytes(id),
        name: format!("passthrough/{}", provider.name),
        provider: Arc::clone(provider),
        upstream_model: "*".to_owned(),
        credential_id: credential,
        timeouts: Timeouts::default(),
        breaker: BreakerPolicy::default(),
        continues: Continues::Auto,
    }
}

fn route(deployment: Arc<Deployment>) -> Route {
    Route {
        id: RouteId::NIL,
        team_id: None,
        model: deployment.name.clone(),
        targets: vec![RouteTarget { deployment, priority: 0, weight: 1 }],
        // What it does there is not known: it is not done twice.
        max_attempts: 1,
        operations: Vec::new(),
        policy: RoutePolicy::default(),
    }
}
