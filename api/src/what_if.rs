//! What recorded calls would have cost on other models: the tokens as they were counted, at the prices that are in force now.
//!
//! Tokens are added up in the store, in groups that no price tells apart, so a sum is exact and a month costs one query.
//! Caches count as they were: what was read from one is read from one there too, at that model's price for it, or for input
//! where it has none.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use aop_clickhouse::TimeRange;
use aop_clickhouse::analytics::{TokensFilter, TokensGroup, tokens};
use aop_domain::id::TeamId;
use aop_domain::model_pattern;
use aop_domain::money::Cost;
use aop_domain::price::{Classes, Facts, PriceBook, PriceCard, cost_of_many};
use aop_domain::tokenizer::count_alike;
use aop_service::problem::Problem;
use aop_store::{model_deployments, prices, providers};

use crate::catalog::deployments::EVERY;
use crate::catalog::price_list;
use crate::error::ApiResult;
use crate::state::AppState;

/// Models side by side at most.
pub const MOST_MODELS: usize = 100;

/// A model as the price table knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub provider: String,
    pub model: String,
}

/// What all calls would have cost on one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub candidate: Candidate,
    /// `None`: it has no price, or none for something that was used.
    pub cost: Option<Cost>,
    pub has_price: bool,
    /// Calls whose tokens another tokenizer counted, or may have.
    pub assumed_calls: u64,
    /// Some of the calls were answered by it.
    pub was_used: bool,
}

/// What was recorded, and the models beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    pub calls: u64,
    /// Calls that used other things than tokens, or of which tokens are not known: in nothing that follows.
    pub left_out_calls: u64,
    pub estimated_calls: u64,
    pub unknown_cost_calls: u64,
    /// Of the calls whose cost is known.
    pub recorded_cost: Decimal,
    pub tokens: Classes,
    pub models: Vec<Compared>,
}

/// `asked`: these models; without any, those that the team's deployments ask for.
pub async fn compare(
    state: &AppState,
    team: TeamId,
    range: TimeRange,
    filter: &TokensFilter,
    asked: Vec<Candidate>,
) -> ApiResult<WhatIf> {
    let set = prices::list(&state.store, team, None, EVERY).await?;
    let (book, _) = PriceBook::new(&set.into_iter().map(price_list::as_override).collect::<Vec<_>>());
    let candidates = if asked.is_empty() { of_team(state, team).await? } else { asked };
    let at_s = state.clock.now_s();
    let priced: Vec<(Candidate, Option<&PriceCard>)> = candidates
        .into_iter()
        .map(|candidate| {
            let found = book.find(team, &candidate.provider, &candidate.model, "", at_s);
            (candidate, found.map(|found| found.card))
        })
        .collect();
    let thresholds: BTreeSet<u32> = priced
        .iter()
        .filter_map(|(_, card)| *card)
        .flat_map(|card| card.rates().iter().map(|rate| rate.above_tokens))
        .filter(|above| *above > 0)
        .collect();
    let thresholds: Vec<u32> = thresholds.into_iter().collect();
    let groups = tokens(&state.clickhouse, team, range, filter, &thresholds).await?.ok_or_else(|| {
        let detail =
            "These calls are of too many models for one answer. Choose a shorter time, an agent or a model.";
        Problem::invalid("too_many_groups", detail)
    })?;
    Ok(of_groups(&groups, priced))
}

/// The models that the team's deployments ask for. A deployment that passes any name on stands for none.
async fn of_team(state: &AppState, team: TeamId) -> ApiResult<Vec<Candidate>> {
    let deployments = model_deployments::list(&state.store, team, None, EVERY).await?;
    let providers = providers::list(&state.store, team, None, EVERY).await?;
    let candidates: BTreeSet<Candidate> = deployments
        .iter()
        .filter(|deployment| !model_pattern::is_pattern(&deployment.settings.upstream_model))
        .filter_map(|deployment| {
            let provider =
                providers.iter().find(|provider| provider.id == deployment.settings.provider_id)?;
            let model = deployment.settings.upstream_model.clone();
            Some(Candidate { provider: provider.price_provider.clone(), model })
        })
        .collect();
    Ok(candidates.into_iter().take(MOST_MODELS).collect())
}

fn of_groups(groups: &[TokensGroup], priced: Vec<(Candidate, Option<&PriceCard>)>) -> WhatIf {
    let (comparable, left_out): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.is_comparable);
    let sum = |of: &[&TokensGroup], field: fn(&TokensGroup) -> u64| of.iter().map(|group| field(group)).sum();
    let calls: u64 = sum(&comparable, |group| group.calls);
    let known: u64 = sum(&comparable, |group| group.known);
    let models = priced.into_iter().map(|(candidate, card)| compared(&comparable, candidate, card)).collect();
    WhatIf {
        calls,
        left_out_calls: sum(&left_out, |group| group.calls),
        estimated_calls: sum(&comparable, |group| group.estimated),
        unknown_cost_calls: calls - known,
        recorded_cost: comparable.iter().filter_map(|group| group.dollars.parse::<Decimal>().ok()).sum(),
        tokens: comparable.iter().fold(Classes::default(), |sums, group| sums.plus(&group.classes())),
        models,
    }
}

fn compared(groups: &[&TokensGroup], candidate: Candidate, card: Option<&PriceCard>) -> Compared {
    let cost = |card: &PriceCard| {
        groups.iter().try_fold(Cost::default(), |sum, group| {
            let facts = Facts { service_tier: &group.tier };
            let part = cost_of_many(group.calls, &group.classes(), group.longest, facts, card)?;
            Some(Cost {
                input: sum.input.checked_add(part.input)?,
                cache: sum.cache.checked_add(part.cache)?,
                output: sum.output.checked_add(part.output)?,
            })
        })
    };
    let others = groups.iter().filter(|group| !count_alike(&group.answered_by, &candidate.model));
    let assumed_calls = others.map(|group| group.calls).sum();
    let was_used = groups.iter().any(|group| {
        group.told_provider == candidate.provider && is_one(&group.answered_by, &candidate.model)
    });
    Compared { cost: card.and_then(cost), has_price: card.is_some(), assumed_calls, was_used, candidate }
}

/// The name, or the name with a date behind it.
fn is_one(answered_by: &str, model: &str) -> bool {
    answered_by.strip_prefix(model).is_some_and(|rest| {
        rest.is_empty()
            || (rest.starts_with('-') && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
    })
}
