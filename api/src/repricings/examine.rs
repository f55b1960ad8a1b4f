//! One call under the price that it is to have.

use std::collections::HashMap;

use aop_clickhouse::CallRepricingRow;
use aop_clickhouse::repricing::PricedCall;
use aop_domain::id::TeamId;
use aop_domain::money::{Cost, to_ledger_units};
use aop_domain::price::{Measured, PriceBook, PriceCard, Unit};
use aop_domain::usage::Usage;
use aop_service::problem::Problem;
use aop_store::repricings::claim::Claim;
use aop_store::{prices, providers};
use rust_decimal::Decimal;

use crate::catalog::deployments::EVERY;
use crate::catalog::price_list;
use crate::error::ApiResult;
use crate::state::AppState;

/// What it comes to.
#[derive(Debug)]
pub(super) enum Finding {
    /// Not meant, or changed by this re-pricing already.
    NotMeant,
    /// Nothing is known of what it used.
    NotMeasured,
    /// There is no price for what it used; it keeps what it has.
    NotPriced,
    Unchanged,
    Changed(New),
}

/// A new cost, in ledger units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct New {
    pub(super) input: i64,
    pub(super) cache: i64,
    pub(super) output: i64,
    pub(super) total: i64,
    pub(super) version: u32,
}

enum Which {
    /// One price, whenever the call was.
    One { version: u32, card: PriceCard },
    /// The price in force at the time of the call, of those that were set when the re-pricing was asked for.
    InForce(Box<PriceBook>),
}

pub(super) struct Prices {
    which: Which,
    provider: String,
    models: Vec<String>,
    deployment: String,
}

/// How the price table knows the providers of a team, for calls that were recorded before that was written down.
pub(super) type ProviderNames = HashMap<String, String>;

impl Prices {
    pub(super) async fn of(state: &AppState, claim: &Claim) -> ApiResult<Self> {
        let which = match claim.price_id {
            Some(id) => {
                let price =
                    prices::find(&state.store, id).await?.ok_or_else(|| Problem::not_found("price"))?;
                let card = PriceCard::parse(&price.card.to_string())
                    .map_err(|error| Problem::invalid("invalid_card", format!("{error}.")))?;
                Which::One { version: price.version.unsigned_abs(), card }
            }
            None => {
                // By the order of their ids, which one clock gave: the database's may differ from ours.
                let all = prices::set_by(&state.store, state.now()? + time::Duration::days(1)).await?;
                let set = all.into_iter().filter(|price| price.id < claim.id);
                let (book, _) = PriceBook::new(&set.map(price_list::as_override).collect::<Vec<_>>());
                Which::InForce(Box::new(book))
            }
        };
        let (provider, models, deployment) =
            (claim.provider.clone(), claim.models.clone(), claim.deployment.clone());
        Ok(Self { which, provider, models, deployment })
    }

    /// `repricing`: the one that is at work.
    pub(super) fn examine(
        &self,
        team: TeamId,
        call: &PricedCall,
        names: &ProviderNames,
        repricing: [u8; 16],
    ) -> Finding {
        let under = PriceName::of(call, names);
        if call.repricing == repricing || !self.are_for(call, &under) {
            return Finding::NotMeant;
        }
        let Some(measured) = measured(call) else { return Finding::NotPriced };
        if !measured.is_anything() {
            return Finding::NotMeasured;
        }
        match self.price(team, call, &under, &measured).and_then(|(version, cost)| new(call, version, &cost))
        {
            None => Finding::NotPriced,
            Some(new) if is_same(call, &new) => Finding::Unchanged,
            Some(new) => Finding::Changed(new),
        }
    }

    /// Whether its price could be another for another service tier, and which it was served with was not recorded.
    pub(super) fn tier_is_assumed(&self, team: TeamId, call: &PricedCall, names: &ProviderNames) -> bool {
        // The tier has been recorded for as long as the name that a call was priced under.
        call.price_provider.is_empty() && self.has_tiers(team, call, names)
    }

    fn has_tiers(&self, team: TeamId, call: &PricedCall, names: &ProviderNames) -> bool {
        let tiered = |card: &PriceCard| card.rates().iter().any(|rate| !rate.tier.is_empty());
        match &self.which {
            Which::One { card, .. } => tiered(card),
            Which::InForce(book) => {
                let under = PriceName::of(call, names);
                let at_s = call.ts_us.div_euclid(1_000_000);
                let found = book.find(team, under.provider, &call.response_model, under.model, at_s);
                found.is_some_and(|found| tiered(found.card))
            }
        }
    }

    /// A model is meant by the name that the provider answered with, or by the one that it was asked by.
    fn are_for(&self, call: &PricedCall, under: &PriceName<'_>) -> bool {
        let any_or = |wanted: &str, is: &dyn Fn(&str) -> bool| wanted.is_empty() || is(wanted);
        any_or(&self.provider, &|name| name == under.provider || name == call.provider)
            && any_or(&self.deployment, &|name| name == call.deployment)
            && (self.models.is_empty()
                || self.models.iter().any(|name| *name == call.response_model || name == under.model))
    }

    fn price(
        &self,
        team: TeamId,
        call: &PricedCall,
        under: &PriceName<'_>,
        measured: &Measured,
    ) -> Option<(u32, Cost)> {
        match &self.which {
            Which::One { version, card } => Some((*version, measured.cost(card)?)),
            Which::InForce(book) => {
                let at_s = call.ts_us.div_euclid(1_000_000);
                let found = book.find(team, under.provider, &call.response_model, under.model, at_s)?;
                Some((found.version.0, measured.cost(found.card)?))
            }
        }
    }
}

struct PriceName<'a> {
    provider: &'a str,
    model: &'a str,
}

impl<'a> PriceName<'a> {
    fn of(call: &'a PricedCall, names: &'a ProviderNames) -> Self {
        if call.price_provider.is_empty() {
            let provider = names.get(&call.provider).map_or(call.provider.as_str(), String::as_str);
            Self { provider, model: &call.requested_model }
        } else {
            Self { provider: &call.price_provider, model: &call.price_model }
        }
    }
}

pub(super) async fn provider_names(state: &AppState, team: TeamId) -> ApiResult<ProviderNames> {
    let all = providers::list(&state.store, team, None, EVERY).await?;
    // A team's own counts before a shared one of the same name.
    let (own, shared): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|provider| provider.scope.team_id().is_some());
    Ok(shared.into_iter().chain(own).map(|provider| (provider.name, provider.price_provider)).collect())
}

/// `None`: it used something that has no name here.
pub(crate) fn measured(call: &PricedCall) -> Option<Measured> {
    let usage = (call.usage_source != "none").then_some(Usage {
        in_uncached: call.in_uncached,
        in_cache_read: call.in_cache_read,
        in_cache_write_5m: call.in_cache_write_5m,
        in_cache_write_1h: call.in_cache_write_1h,
        in_audio: call.in_audio,
        in_image: call.in_image,
        out_text: call.out_text,
        out_reasoning: call.out_reasoning,
        out_audio: call.out_audio,
    });
    let unit = |(name, millionths): &(String, i64)| Unit::named(name, Decimal::new(*millionths, 6));
    let units = call.units.iter().map(unit).collect::<Option<Vec<_>>>()?;
    Some(Measured { usage, units, service_tier: call.service_tier.clone() })
}

/// What other tries of the call may have cost stays as it is: only their tokens' sum is known. `None`: more than the ledger holds.
fn new(call: &PricedCall, version: u32, cost: &Cost) -> Option<New> {
    let [input, cache, output] = [cost.input, cost.cache, cost.output].map(to_ledger_units);
    let (input, cache, output) = (input?, cache?, output?);
    let total = input.checked_add(cache)?.checked_add(output)?.checked_add(call.wasted_cost)?;
    Some(New { input, cache, output, total, version })
}

fn is_same(call: &PricedCall, new: &New) -> bool {
    call.cost_known
        && (call.cost_input, call.cost_cache, call.cost_output, call.cost)
            == (new.input, new.cache, new.output, new.total)
}

/// The change as it is written down.
pub(super) fn row(
    claim: &Claim,
    team: TeamId,
    made_at: i64,
    call: &PricedCall,
    new: &New,
) -> CallRepricingRow {
    CallRepricingRow {
        team: *team.as_bytes(),
        repricing: *claim.id.as_bytes(),
        slice: claim.slices.unsigned_abs(),
        ts: call.ts_us,
        call_id: call.call_id,
        was_repricing: call.repricing,
        made_at,
        trace_id: call.trace_id,
        execution_id: call.execution_id,
        key_id: call.key_id,
        provider: call.provider.clone(),
        model: call.model().to_owned(),
        agent: call.agent.clone(),
        crew: call.crew.clone(),
        status: call.status.clone(),
        old_cost_input: call.cost_input,
        old_cost_cache: call.cost_cache,
        old_cost_output: call.cost_output,
        old_cost: call.cost,
        old_cost_known: call.cost_known,
        old_price_version: call.price_version,
        new_cost_input: new.input,
        new_cost_cache: new.cache,
        new_cost_output: new.output,
        new_cost: new.total,
        new_price_version: new.version,
        retention_days: call.retention_days,
    }
}
