//! Where names of models lead by a given configuration: the index is made of it as of a snapshot from Postgres, and the
//! order of the deployments is decided as for a call.

use std::sync::Arc;
use std::time::Instant;

use aop_domain::gateway::GatewaySnapshot;
use aop_domain::id::{DeploymentId, TeamId};
use aop_service::keys::{KeyDomain, MasterKey};
use prometheus::IntCounter;

use crate::routing::{Board, Question, decide};
use crate::snapshot::Index;

#[derive(Debug)]
pub struct Routed {
    /// Deployments that cannot be called, each with the reason.
    pub unusable: Vec<String>,
    /// For each name that was asked for.
    pub led: Vec<Option<Led>>,
}

/// Where a name leads.
#[derive(Debug, PartialEq, Eq)]
pub struct Led {
    /// The route's own name.
    pub model: String,
    pub captured: String,
    pub order: Vec<Asked>,
    /// So many of them may be called; none rests when nothing has failed yet.
    pub live: usize,
    /// What is written down of the decision.
    pub considered: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    pub deployment: DeploymentId,
    pub priority: Option<u16>,
    pub upstream_model: String,
    pub upstream_model_json: Vec<u8>,
}

/// `session`: of calls that a route may stick to one deployment; `draws`: numbers from 0 to 1.
pub fn routed(
    snapshot: GatewaySnapshot,
    team: TeamId,
    names: &[&str],
    session: Option<u64>,
    draws: &mut dyn FnMut() -> f64,
) -> Routed {
    let now = Instant::now();
    // A counter with a fixed, valid name: without it there is nothing to look at.
    let Ok(opened) = IntCounter::new("opened", "opened") else {
        return Routed { unusable: Vec::new(), led: Vec::new() };
    };
    let board = Board::new(now, opened);
    let key = MasterKey::from_bytes([1; 32]).derive(KeyDomain::ProviderCredential);
    let index = Index::new(Arc::new(snapshot), &key, "http://127.0.0.1:9", &board);
    let unusable = index.unusable.iter().map(|(name, error)| format!("{name}: {error}")).collect();
    let led = names.iter().map(|name| lead(&index, team, name, session, now, draws)).collect();
    Routed { unusable, led }
}

fn lead(
    index: &Index,
    team: TeamId,
    name: &str,
    session: Option<u64>,
    now: Instant,
    draws: &mut dyn FnMut() -> f64,
) -> Option<Led> {
    let found = index.find(team, name)?;
    let policy = &found.entry.route.policy;
    let question = Question {
        strategy: policy.strategy,
        session: session.filter(|_| policy.sticky),
        streams: false,
        now,
        price: &|_| None,
    };
    let order = decide(&found.entry.targets, &question, draws);
    let asked = order.targets.iter().map(|target| {
        let own = found.entry.targets.iter().find(|own| own.target.deployment.id == target.deployment.id);
        let target = if found.entry.is_wild { target.named(found.captured) } else { Arc::clone(target) };
        Asked {
            deployment: target.deployment.id,
            priority: own.map(|own| own.priority),
            upstream_model: target.deployment.upstream_model.clone(),
            upstream_model_json: target.upstream_model_json.to_vec(),
        }
    });
    Some(Led {
        model: found.entry.route.model.clone(),
        captured: found.captured.to_owned(),
        order: asked.collect(),
        live: order.live,
        considered: order.considered.clone(),
    })
}
