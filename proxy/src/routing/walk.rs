//! The steps along one leg: which deployment is asked next, and on which ground.

use std::sync::Arc;
use std::time::Instant;

use super::health::Ticket;
use super::leg::Leg;
use crate::snapshot::Target;

/// How far a call has come along a leg. Walked through again when there are more tries than deployments.
#[derive(Default)]
pub(crate) struct Walk {
    next: usize,
    made: usize,
}

pub(crate) struct Step {
    pub(crate) target: Arc<Target>,
    pub(crate) ticket: Ticket,
    /// Which round it is: the addresses of a name are walked through.
    pub(crate) turn: usize,
    pub(crate) reason: &'static str,
}

impl Walk {
    /// `None`: as many tries were made as the route allows, or what is left has begun to rest.
    pub(crate) fn step(&mut self, leg: &Leg, now: Instant) -> Option<Step> {
        let targets = &leg.order.targets;
        if self.made >= leg.max_attempts {
            return None;
        }
        for passed_over in 1..=targets.len() {
            let (at, turn) = (self.next % targets.len(), self.next / targets.len());
            let (target, reason) = (Arc::clone(&targets[at]), self.reason(leg));
            self.next += 1;
            if let Some(ticket) = target.health.enter(now) {
                self.made += 1;
                let reason = if ticket.is_probe() { "probe" } else { reason };
                return Some(Step { target, ticket, turn, reason });
            }
            // What was known to rest is asked once, after all others; what began to rest since, only by a call that has
            // asked nobody yet.
            let known_to_rest = turn == 0 && at >= leg.order.live;
            if known_to_rest || (self.made == 0 && passed_over == targets.len()) {
                self.made += 1;
                let ticket = target.health.enter_anyway();
                return Some(Step { target, ticket, turn, reason: "last_resort" });
            }
        }
        None
    }

    /// One more that works and was not asked yet, for a try beside the one that is out.
    pub(crate) fn untried(&mut self, leg: &Leg, now: Instant) -> Option<Step> {
        while self.made < leg.max_attempts && self.next < leg.order.live {
            let target = &leg.order.targets[self.next];
            self.next += 1;
            if let Some(ticket) = target.health.enter(now) {
                self.made += 1;
                return Some(Step { target: Arc::clone(target), ticket, turn: 0, reason: "fallback" });
            }
        }
        None
    }

    /// The next try, if there is one, goes to a deployment that was not asked yet.
    pub(crate) fn has_untried(&self, leg: &Leg) -> bool {
        self.made < leg.max_attempts && self.next < leg.order.targets.len()
    }

    pub(crate) fn may_go_on(&self, leg: &Leg) -> bool {
        self.made < leg.max_attempts
    }

    /// How often each deployment has been asked.
    pub(crate) fn rounds(&self, leg: &Leg) -> u32 {
        u32::try_from(self.next / leg.order.targets.len().max(1)).unwrap_or(u32::MAX)
    }

    fn reason(&self, leg: &Leg) -> &'static str {
        match self.next {
            0 if leg.fallback_from.is_some() => "model_fallback",
            0 if leg.order.by == "sticky" => "sticky",
            0 => "route:first",
            next if self.made == 0 && next < leg.order.targets.len() => "route:first",
            next if next < leg.order.targets.len() => "fallback",
            _ => "retry",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::decide::{Order, testing::targets};
    use super::*;
    use crate::snapshot::RouteEntry;

    fn leg(shares: &[(u16, u16)], max_attempts: usize) -> Leg {
        let targets = targets(shares);
        let order = Order {
            live: targets.len(),
            targets: targets.iter().map(|target| Arc::clone(&target.target)).collect(),
            ..Order::default()
        };
        let entry = Arc::new(RouteEntry::testing(targets));
        Leg { entry, order, max_attempts, hedge_after: None, fallback_from: None }
    }

    fn walked(leg: &Leg, now: Instant) -> Vec<(String, &'static str)> {
        let mut walk = Walk::default();
        std::iter::from_fn(|| walk.step(leg, now))
            .map(|step| (step.target.deployment.name.clone(), step.reason))
            .collect()
    }

    #[test]
    fn deployments_are_asked_in_order_and_then_again() {
        let leg = leg(&[(0, 1), (1, 1)], 3);
        let steps = walked(&leg, Instant::now());
        assert_eq!(steps, [("a".into(), "route:first"), ("b".into(), "fallback"), ("a".into(), "retry")]);
    }

    #[test]
    fn one_that_began_to_rest_is_left_out_until_nothing_else_is_left() {
        let leg = leg(&[(0, 1), (1, 1)], 2);
        let now = Instant::now();
        leg.order.targets[0].health.enter_anyway().failed(None, 0.5, now);
        assert_eq!(walked(&leg, now), [("b".into(), "route:first"), ("b".into(), "retry")]);
        leg.order.targets[1].health.enter_anyway().failed(None, 0.5, now);
        assert_eq!(walked(&leg, now), [("b".into(), "last_resort")], "once, and nothing more");
        let known = Leg { order: Order { live: 0, ..leg.order }, ..leg };
        assert_eq!(walked(&known, now)[0], ("a".into(), "last_resort"), "the one that is back soonest");
        let leg = known;
        let later = now + Duration::from_secs(60);
        let mut walk = Walk::default();
        let probe = walk.step(&leg, later).unwrap();
        assert_eq!((probe.target.deployment.name.as_str(), probe.reason), ("a", "probe"));
    }
}
