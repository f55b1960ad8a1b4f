//! Checks what a model's routing asks for: names that can be told apart, fallbacks that exist, bounds that make sense.

use aop_domain::id::{RouteId, TeamId};
use aop_domain::model_pattern;
use aop_domain::routing::{BreakerPolicy, Fallback, OnAbort, RoutePolicy, Unsupported};
use aop_service::problem::Problem;
use aop_store::routes::{self, Route};
use aop_store::{Scope, Store};

use super::deployments::EVERY;
use crate::checks;
use crate::error::ApiResult;
use crate::wire::models::{AbortPolicy, Breaker, ModelRequest, OnAbortAction};

const MOST_ATTEMPTS: u8 = 10;
const MOST_ALIASES: usize = 32;
const MOST_FALLBACKS: usize = 8;
const LONGEST_MODEL_CHARS: usize = 200;
const SHORTEST_HEDGE_MS: u32 = 50;
const LONGEST_HEDGE_MS: u32 = 600_000;
const MOST_CONTINUATIONS: u8 = 3;
const LONGEST_MS: u32 = 3_600_000;
const LARGEST_DRAIN_BYTES: u32 = 1 << 30;

/// A name that clients may send, with at most one star.
pub fn model_name(field: &'static str, text: &str) -> ApiResult<String> {
    let name = checks::name(field, text, LONGEST_MODEL_CHARS)?;
    if name.matches(model_pattern::STAR).count() > 1 {
        let detail = "A model's name may hold one '*', which stands for any text.";
        return Err(Problem::invalid("invalid_name", detail).field(field).into());
    }
    Ok(name)
}

/// What the model answers, each kind once. The bound on tries stands beside it, for their common refusal.
pub fn operations(body: &ModelRequest) -> ApiResult<Vec<String>> {
    if body.operations.is_empty() || body.max_attempts == 0 || body.max_attempts > MOST_ATTEMPTS {
        let detail = format!("A model needs at least one operation and 1 to {MOST_ATTEMPTS} attempts.");
        return Err(Problem::invalid("invalid_value", detail).into());
    }
    let mut operations: Vec<String> = Vec::new();
    for operation in &body.operations {
        if !operations.iter().any(|known| known == operation.as_str()) {
            operations.push(operation.as_str().to_owned());
        }
    }
    Ok(operations)
}

/// `id`: the route that is changed; absent for a new one.
pub async fn policy(
    store: &Store,
    team: TeamId,
    scope: Scope,
    id: Option<RouteId>,
    model: &str,
    body: &ModelRequest,
) -> ApiResult<RoutePolicy> {
    let routes = routes::list(store, team, None, EVERY).await?;
    policy_among(routes, scope, id, model, body)
}

/// The same, among the routes that the team sees.
pub fn policy_among(
    mut routes: Vec<Route>,
    scope: Scope,
    id: Option<RouteId>,
    model: &str,
    body: &ModelRequest,
) -> ApiResult<RoutePolicy> {
    let known = routes.iter().find(|route| Some(route.id) == id).map(|route| &route.settings.policy);
    let known =
        known.map(|policy| (policy.on_abort, policy.continuations, policy.unsupported)).unwrap_or_default();
    routes.retain(|route| Some(route.id) != id);
    let policy = RoutePolicy {
        strategy: body.strategy.into(),
        sticky: body.sticky,
        aliases: aliases(scope, model, body, &routes)?,
        fallbacks: Vec::new(),
        hedge_after_ms: hedge(body)?,
        continuations: continuations(body, known.1)?,
        unsupported: body.unsupported.map_or(known.2, Unsupported::from),
        on_abort: on_abort(body, known.0)?,
    };
    let fallbacks = fallbacks(scope, model, &policy.aliases, body, &routes)?;
    Ok(RoutePolicy { fallbacks, ..policy })
}

fn continuations(body: &ModelRequest, known: u8) -> ApiResult<u8> {
    let wanted = body.continuations.unwrap_or(known);
    if wanted > MOST_CONTINUATIONS {
        let detail = format!("A stream is continued {MOST_CONTINUATIONS} times at most.");
        return Err(Problem::invalid("invalid_continuations", detail).field("continuations").into());
    }
    Ok(wanted)
}

fn aliases(scope: Scope, model: &str, body: &ModelRequest, others: &[Route]) -> ApiResult<Vec<String>> {
    let refuse = |detail: String| Err(Problem::invalid("invalid_aliases", detail).field("aliases").into());
    if body.aliases.len() > MOST_ALIASES {
        return refuse(format!("A model has at most {MOST_ALIASES} more names."));
    }
    let mut aliases: Vec<String> = Vec::with_capacity(body.aliases.len());
    for alias in &body.aliases {
        let alias = model_name("aliases", alias)?;
        let taken = others
            .iter()
            .filter(|route| route.scope == scope)
            .find(|route| route.settings.model == alias || route.settings.policy.aliases.contains(&alias));
        if let Some(route) = taken {
            return refuse(format!(
                "The name '{alias}' already belongs to the model '{}'.",
                route.settings.model
            ));
        }
        if alias != model && !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    Ok(aliases)
}

/// A fallback must lead somewhere now; one whose model is deleted later is passed over.
fn fallbacks(
    scope: Scope,
    model: &str,
    aliases: &[String],
    body: &ModelRequest,
    others: &[Route],
) -> ApiResult<Vec<Fallback>> {
    let refuse = |at: usize, detail: String| {
        Err(Problem::invalid("invalid_fallbacks", detail).field(format!("fallbacks[{at}]")).into())
    };
    if body.fallbacks.len() > MOST_FALLBACKS {
        return refuse(MOST_FALLBACKS, format!("A model has at most {MOST_FALLBACKS} fallbacks."));
    }
    let mut fallbacks: Vec<Fallback> = Vec::with_capacity(body.fallbacks.len());
    for (at, wanted) in body.fallbacks.iter().enumerate() {
        let fallback = Fallback {
            on: wanted.on.into(),
            model: checks::name("fallbacks", &wanted.model, LONGEST_MODEL_CHARS)?,
        };
        if fallback.model == model || aliases.contains(&fallback.model) {
            return refuse(at, "A model cannot stand in for itself. Name another one.".to_owned());
        }
        if model_pattern::is_pattern(&fallback.model) {
            return refuse(at, "A fallback is one model: name it without '*'.".to_owned());
        }
        if fallbacks.contains(&fallback) {
            return refuse(at, format!("The fallback to '{}' stands there twice.", fallback.model));
        }
        if !others.iter().any(|route| leads_to(route, scope, &fallback.model)) {
            return refuse(
                at,
                format!("There is no model '{}' to fall back to. Add it first.", fallback.model),
            );
        }
        fallbacks.push(fallback);
    }
    Ok(fallbacks)
}

/// What everybody may call can only fall back to what everybody may call.
fn leads_to(route: &Route, scope: Scope, model: &str) -> bool {
    let settings = &route.settings;
    let mut names = std::iter::once(&settings.model).chain(&settings.policy.aliases);
    (route.scope == scope || route.scope == Scope::Shared)
        && names.any(|name| model_pattern::matches(name, model))
}

fn hedge(body: &ModelRequest) -> ApiResult<Option<u32>> {
    let Some(after_ms) = body.hedge_after_ms else { return Ok(None) };
    let refuse =
        |detail: String| Err(Problem::invalid("invalid_hedging", detail).field("hedge_after_ms").into());
    if !(SHORTEST_HEDGE_MS..=LONGEST_HEDGE_MS).contains(&after_ms) {
        return refuse(format!("A second try begins after {SHORTEST_HEDGE_MS} to {LONGEST_HEDGE_MS} ms."));
    }
    if body.targets.len() < 2 || body.max_attempts < 2 {
        return refuse("A second try beside the first needs two providers and two tries.".to_owned());
    }
    Ok(Some(after_ms))
}

fn on_abort(body: &ModelRequest, known: OnAbort) -> ApiResult<OnAbort> {
    let refuse = |detail: String| Err(Problem::invalid("invalid_on_abort", detail).field("on_abort").into());
    let Some(AbortPolicy { action, max_bytes, max_ms }) = body.on_abort else { return Ok(known) };
    match (action, max_bytes, max_ms) {
        (OnAbortAction::Cancel, None, None) => Ok(OnAbort::Cancel),
        (OnAbortAction::Drain, None, None) => Ok(OnAbort::Drain),
        (OnAbortAction::Cancel | OnAbortAction::Drain, ..) => {
            refuse("Bounds belong to 'drain_to_cap' only.".to_owned())
        }
        (OnAbortAction::DrainToCap, None, None) => {
            refuse("A drain to a cap needs 'max_bytes' or 'max_ms'.".to_owned())
        }
        (OnAbortAction::DrainToCap, max_bytes, max_ms) => {
            let fits = |bound: Option<u32>, most: u32| bound.is_none_or(|bound| (1..=most).contains(&bound));
            if !fits(max_bytes, LARGEST_DRAIN_BYTES) || !fits(max_ms, LONGEST_MS) {
                return refuse(format!(
                    "A drain is bounded by 1 to {LARGEST_DRAIN_BYTES} bytes and 1 to {LONGEST_MS} ms."
                ));
            }
            Ok(OnAbort::DrainToCap { max_bytes, max_ms })
        }
    }
}

pub fn breaker(asked: Option<Breaker>, field: &str) -> ApiResult<BreakerPolicy> {
    let Some(Breaker { failures, failure_percent, window_ms, cooldown_ms }) = asked else {
        return Ok(BreakerPolicy::default());
    };
    let makes_sense = failures <= 1000
        && (1..=100).contains(&failure_percent)
        && (1_000..=LONGEST_MS).contains(&window_ms)
        && (100..=LONGEST_MS).contains(&cooldown_ms);
    if !makes_sense {
        let detail = "A breaker opens after 0 to 1000 failures and 1 to 100 percent, looks back 1 second to an hour, and rests \
                      0.1 seconds to an hour.";
        return Err(Problem::invalid("invalid_breaker", detail).field(field).into());
    }
    Ok(BreakerPolicy { failures, failure_percent, window_ms, cooldown_ms })
}
