//! What a replay may cost: the tokens that were recorded, at the price of the dearest deployment that may answer.

use aop_clickhouse::runs::Kept;
use aop_domain::id::TeamId;
use aop_domain::model_pattern;
use aop_domain::price::{self, Facts, PriceBook};
use aop_domain::usage::Usage;
use aop_store::routes::Route;
use aop_store::{Scope, model_deployments, prices, providers, routes};
use rust_decimal::Decimal;

use crate::catalog::deployments::EVERY;
use crate::catalog::price_list;
use crate::error::ApiResult;
use crate::state::AppState;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Dollars; `None`: a price is not known.
    pub cost: Option<Decimal>,
}

/// `None`: the team has no model of that name.
pub async fn estimate(
    state: &AppState,
    team: TeamId,
    model: &str,
    calls: &[Kept],
) -> ApiResult<Option<Estimate>> {
    let all = routes::list(&state.store, team, None, EVERY).await?;
    let Some(route) = find(&all, model) else { return Ok(None) };
    let deployments = model_deployments::list(&state.store, team, None, EVERY).await?;
    let providers = providers::list(&state.store, team, None, EVERY).await?;
    let set = prices::list(&state.store, team, None, EVERY).await?;
    let (book, _) = PriceBook::new(&set.into_iter().map(price_list::as_override).collect::<Vec<_>>());
    let at_s = state.clock.now_s();
    let star = model_pattern::captured(&route.settings.model, model).unwrap_or(model);
    let mut dearest = Some(Decimal::ZERO);
    for target in &route.settings.targets {
        let cost = deployments.iter().find(|deployment| deployment.id == target.deployment_id).and_then(
            |deployment| {
                let settings = &deployment.settings;
                let provider = providers.iter().find(|provider| provider.id == settings.provider_id)?;
                let upstream = model_pattern::filled(&settings.upstream_model, star);
                let card = book.find(team, &provider.price_provider, &upstream, model, at_s)?.card;
                calls.iter().map(|call| cost_of(call, card)).sum::<Option<Decimal>>()
            },
        );
        dearest = dearest.zip(cost).map(|(dearest, cost)| dearest.max(cost));
    }
    let cost = dearest.filter(|_| !route.settings.targets.is_empty()).map(|cost| cost.normalize());
    Ok(Some(Estimate { cost }))
}

/// As if nothing were read from a cache: another model has none of it.
fn cost_of(call: &Kept, card: &price::PriceCard) -> Option<Decimal> {
    let tokens = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let usage = Usage {
        in_uncached: tokens(call.input_tokens),
        out_text: tokens(call.output_tokens),
        ..Usage::default()
    };
    let cost = price::cost(&usage, &[], Facts::default(), card)?;
    cost.input.checked_add(cost.cache)?.checked_add(cost.output)
}

/// A name before a pattern, the more exact pattern before the other, and a team's own before a shared one.
fn find<'r>(all: &'r [Route], model: &str) -> Option<&'r Route> {
    let fits = |route: &&Route| {
        let settings = &route.settings;
        settings.is_active
            && (settings.policy.aliases.iter().any(|alias| alias == model)
                || model_pattern::matches(&settings.model, model))
    };
    all.iter().filter(fits).max_by_key(|route| {
        let name = &route.settings.model;
        let is_exact = !model_pattern::is_pattern(name);
        (is_exact, model_pattern::specificity(name), route.scope != Scope::Shared)
    })
}
