//! Deployments and targets for the tests of this room.

use std::sync::Arc;
use std::time::Instant;

use prometheus::IntCounter;

use aop_domain::gateway::{Deployment, Provider, Timeouts};
use aop_domain::id::{DeploymentId, ProviderId};
use aop_domain::routing::{BreakerPolicy, Continues};
use aop_service::keys::{KeyDomain, MasterKey};

use crate::routing::Board;
use crate::snapshot::{RouteTarget, Target};

pub(in crate::routing) fn deployment(name: &str, number: u8) -> Deployment {
    let provider = Provider {
        id: ProviderId::NIL,
        team_id: None,
        name: "p".into(),
        kind: "openai".into(),
        base_url: "http://127.0.0.1:9/v1".into(),
        price_provider: "openai".into(),
    };
    Deployment {
        id: DeploymentId::from_bytes([number; 16]),
        name: name.into(),
        provider: Arc::new(provider),
        upstream_model: "m".into(),
        credential_id: None,
        timeouts: Timeouts::default(),
        breaker: BreakerPolicy { failures: 1, ..BreakerPolicy::default() },
        continues: Continues::Auto,
    }
}

/// Targets named `a`, `b`, ... with these priorities and weights.
pub(in crate::routing) fn targets(shares: &[(u16, u16)]) -> Vec<RouteTarget> {
    let board = Board::new(Instant::now(), IntCounter::new("opened", "opened").unwrap());
    let key = MasterKey::from_bytes([1; 32]).derive(KeyDomain::ProviderCredential);
    let target = |(at, (priority, weight)): (usize, &(u16, u16))| {
        let deployment = deployment(&char::from(b'a' + at as u8).to_string(), at as u8 + 1);
        let health = board.health(&deployment, None);
        let target = Target::new(Arc::new(deployment), None, &key, "", health).unwrap();
        RouteTarget { priority: *priority, weight: *weight, target: Arc::new(target) }
    };
    shares.iter().enumerate().map(target).collect()
}
