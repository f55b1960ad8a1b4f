//! One route on a call's way: the one that was asked for, or another model's that stands in for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rust_decimal::Decimal;

use aop_domain::gateway::Deployment;
use aop_domain::price;
use aop_domain::usage::Usage;

use super::class::Class;
use super::decide::{Order, Question, decide};
use super::session;
use crate::call::{Call, Request};
use crate::snapshot::{Found, RouteEntry};

/// A token is about so many bytes of JSON; enough to compare prices by.
const BYTES_PER_TOKEN: usize = 4;
/// What an answer is taken for when the request sets it no bound, or a larger one.
const USUAL_ANSWER_TOKENS: u32 = 500;

pub(crate) struct Leg {
    pub(crate) entry: Arc<RouteEntry>,
    pub(crate) order: Order,
    pub(crate) max_attempts: usize,
    /// A second deployment is asked when the first is silent for so long.
    pub(crate) hedge_after: Option<Duration>,
    /// What this model stands in for.
    pub(crate) fallback_from: Option<Class>,
}

impl Leg {
    /// The order in which this route's deployments are asked, decided now.
    pub(crate) fn new(call: &Call, found: &Found<'_>, now: Instant, fallback_from: Option<Class>) -> Self {
        let entry = Arc::clone(found.entry);
        let policy = &entry.route.policy;
        let question = Question {
            strategy: policy.strategy,
            session: if policy.sticky && entry.targets.len() > 1 { session::of(call) } else { None },
            streams: call.request.as_ref().is_some_and(|request| request.stream),
            now,
            price: &|deployment| expected_cost(call, deployment),
        };
        let mut order = decide(&entry.targets, &question, &mut rand::random);
        if entry.is_wild {
            for target in &mut order.targets {
                *target = target.named(found.captured);
            }
        }
        // What rests is asked once, when nothing else is left.
        let most = usize::from(entry.route.max_attempts).max(1);
        Self {
            max_attempts: if order.live == 0 { 1 } else { most },
            hedge_after: policy.hedge_after_ms.map(|ms| Duration::from_millis(ms.into())),
            order,
            fallback_from,
            entry,
        }
    }
}

/// What the call would cost at a deployment, by the price in force.
fn expected_cost(call: &Call, deployment: &Deployment) -> Option<Decimal> {
    let (index, request) = (call.index.as_ref()?, call.request.as_ref()?);
    let at_s = call.started_at_us.div_euclid(1_000_000);
    let provider = &deployment.provider.price_provider;
    let found = index.prices.find(call.team(), provider, "", &deployment.upstream_model, at_s)?;
    let facts = price::Facts { service_tier: "" };
    let cost = price::cost(&expected_usage(request), &[], facts, found.card)?;
    Some(cost.input + cost.cache + cost.output)
}

fn expected_usage(request: &Request) -> Usage {
    let bound = |field| {
        let raw = request.fields.raw(&request.body, field)?;
        std::str::from_utf8(raw).ok()?.trim().parse::<u32>().ok()
    };
    let asked = bound("max_completion_tokens").or_else(|| bound("max_tokens"));
    Usage {
        in_uncached: u32::try_from(request.body.len() / BYTES_PER_TOKEN).unwrap_or(u32::MAX),
        out_text: asked.map_or(USUAL_ANSWER_TOKENS, |asked| asked.min(USUAL_ANSWER_TOKENS)),
        ..Usage::default()
    }
}
