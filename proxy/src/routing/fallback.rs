//! From one model to another when the first fails. Only the fallbacks of the route that was asked for count, each at
//! most once: a chain has an end by construction, whatever routes name each other.

use std::sync::Arc;
use std::time::Instant;

use aop_domain::routing::ErrorClass;

use super::class::Class;
use super::leg::Leg;
use crate::call::Call;
use crate::endpoint::Operation;
use crate::snapshot::{Found, RouteEntry, allows};

/// The fallbacks of one call that are still unused.
pub(crate) struct Fallbacks {
    of: Arc<RouteEntry>,
    used: Vec<bool>,
}

impl Fallbacks {
    pub(crate) fn new(of: &Arc<RouteEntry>) -> Self {
        Self { of: Arc::clone(of), used: vec![false; of.route.policy.fallbacks.len()] }
    }

    /// Is there another model for exactly this kind of failure? Then it is not tried again where it came from.
    pub(crate) fn names(&self, class: Class) -> bool {
        self.unused().any(|(_, on, _)| on != ErrorClass::Any && class.fits(on))
    }

    /// The next model for this failure: the first in the route's list that fits, exists, can do what is asked, and that
    /// this key may call. What does not is left out for good.
    pub(crate) fn next(&mut self, call: &Call, operation: Operation, class: Class) -> Option<Leg> {
        let index = call.index.clone()?;
        let fitting: Vec<usize> =
            self.unused().filter(|(_, on, _)| class.fits(*on)).map(|(at, ..)| at).collect();
        for at in fitting {
            self.used[at] = true;
            let model = self.of.route.policy.fallbacks[at].model.clone();
            let found =
                index.find(call.team(), &model).filter(|found| usable(call, operation, &model, found));
            if let Some(found) = found {
                return Some(Leg::new(call, &found, Instant::now(), Some(class)));
            }
        }
        None
    }

    fn unused(&self) -> impl Iterator<Item = (usize, ErrorClass, &str)> {
        let fallbacks = self.of.route.policy.fallbacks.iter().zip(&self.used).enumerate();
        fallbacks
            .filter(|(_, (_, used))| !**used)
            .map(|(at, (fallback, _))| (at, fallback.on, fallback.model.as_str()))
    }
}

fn usable(call: &Call, operation: Operation, model: &str, found: &Found<'_>) -> bool {
    let supported = &found.entry.route.operations;
    allows(call.key(), model)
        && !found.entry.targets.is_empty()
        && (supported.is_empty() || supported.iter().any(|name| name == operation.route_operation()))
}
