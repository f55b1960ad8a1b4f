//! The health of every deployment, by its id. A new version of the facts finds what is known of the deployments it kept;
//! one that was changed (address, credential, breaker) starts afresh, because what failed may have been mended.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use prometheus::IntCounter;

use aop_domain::gateway::{Deployment, SealedCredential};
use aop_domain::id::DeploymentId;

use super::breaker::Standing;
use super::health::Health;

pub(crate) struct Board {
    begun: Instant,
    opened: IntCounter,
    /// Weak: what no version of the facts names any more is forgotten.
    known: Mutex<HashMap<DeploymentId, (u64, Weak<Health>)>>,
}

/// How many deployments stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) closed: u64,
    pub(crate) half_open: u64,
    pub(crate) open: u64,
}

impl Board {
    pub(crate) fn new(begun: Instant, opened: IntCounter) -> Self {
        Self { begun, opened, known: Mutex::default() }
    }

    pub(crate) fn health(
        &self,
        deployment: &Deployment,
        credential: Option<&SealedCredential>,
    ) -> Arc<Health> {
        let print = fingerprint(deployment, credential);
        let mut known = self.known.lock();
        let found = known.get(&deployment.id).filter(|(of, _)| *of == print);
        if let Some(health) = found.and_then(|(_, health)| health.upgrade()) {
            return health;
        }
        let health =
            Health::new(deployment.name.clone(), deployment.breaker, self.begun, self.opened.clone());
        let health = Arc::new(health);
        known.retain(|_, (_, health)| health.strong_count() > 0);
        known.insert(deployment.id, (print, Arc::downgrade(&health)));
        health
    }

    pub(crate) fn states(&self) -> States {
        let mut states = States::default();
        for (_, health) in self.known.lock().values() {
            let Some(health) = health.upgrade() else { continue };
            match health.breaker.standing() {
                Standing::Closed => states.closed += 1,
                Standing::HalfOpen => states.half_open += 1,
                Standing::Open => states.open += 1,
            }
        }
        states
    }
}

fn fingerprint(deployment: &Deployment, credential: Option<&SealedCredential>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let provider = &deployment.provider;
    (&provider.kind, &provider.base_url, &deployment.upstream_model, deployment.breaker).hash(&mut hasher);
    credential.map(|credential| (credential.id.as_bytes(), &credential.sealed)).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::routing::decide::testing::deployment;

    #[test]
    fn what_is_known_stays_until_the_deployment_changes_or_is_gone() {
        let board = Board::new(Instant::now(), IntCounter::new("opened", "opened").unwrap());
        let mut deployment = deployment("d", 1);
        let now = Instant::now();
        let health = board.health(&deployment, None);
        health.enter_anyway().failed(Some(Duration::from_secs(9)), 0.0, now);
        assert_eq!(board.states(), States { open: 1, ..States::default() });
        assert!(Arc::ptr_eq(&health, &board.health(&deployment, None)));

        deployment.upstream_model = "another".into();
        let changed = board.health(&deployment, None);
        assert!(!Arc::ptr_eq(&health, &changed) && changed.enter(now).is_some(), "what failed may be mended");
        drop((health, changed));
        assert_eq!(board.states(), States::default());
    }
}
