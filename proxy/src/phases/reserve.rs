//! After the route is known and before a provider is asked: is there room in every limit this call touches? What it is
//! likely to need is held from here until the call is over.

use aop_domain::identity::{Claim, IdentitySource};
use aop_domain::limits::{ColdCost, Sizes};
use aop_domain::price;
use aop_domain::usage::Usage;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::call::Call;
use crate::endpoint::Operation;
use crate::limits::{Run, Subject};
use crate::refusal::Refusal;
use crate::routing::Leg;

pub(crate) async fn limits(call: &mut Call, leg: &Leg) -> Result<(), Refusal> {
    let (Some(caller), Some(request)) = (&call.caller, &call.request) else { return Ok(()) };
    let claimed = call.identity.as_ref().map(|identity| &identity.claimed);
    let text = |claim: &'_ Option<Claim>| claim.as_ref().map(|claim| claim.value.clone());
    let execution = claimed.and_then(|claimed| text(&claimed.execution));
    let run = execution.or_else(|| named_trace(call));
    let subject = Subject {
        team_id: caller.team_id,
        user_id: caller.user_id,
        key_id: caller.key_id,
        model: &request.model,
        tags: claimed.map_or(&[], |claimed| &claimed.tags),
        agent: claimed
            .and_then(|claimed| claimed.agent.as_ref())
            .filter(is_stated)
            .map(|agent| agent.value.as_str()),
        run: run.as_deref().map_or(Run::Unnamed, Run::Named),
    };
    let number = |name: &str| {
        let raw = request.fields.raw(&request.body, name)?;
        std::str::from_utf8(raw).ok()?.trim().parse::<u64>().ok()
    };
    let answers = number("n").unwrap_or(1).max(1);
    let most = number("max_completion_tokens").or_else(|| number("max_tokens"));
    let sizes = Sizes {
        body_bytes: request.weight_bytes(),
        max_output_tokens: most.map(|tokens| tokens.saturating_mul(answers)),
    };
    let limiter = std::sync::Arc::clone(&call.shared.limiter);
    let held = limiter.reserve(&subject, sizes, || cold_cost(call, leg)).await?;
    call.held = held;
    Ok(())
}

/// Whose budget is charged follows from what was stated: a prompt that only claims to be another agent's must not.
fn is_stated(claim: &&Claim) -> bool {
    claim.source != IdentitySource::Inferred as i32
}

/// A trace somebody named; one that was made here is known to nobody else yet.
fn named_trace(call: &Call) -> Option<String> {
    let identity = call.identity.as_ref()?;
    let source = identity.claimed.trace_source;
    let unnamed = [IdentitySource::Generated, IdentitySource::Inferred, IdentitySource::None];
    let is_named = !unnamed.iter().any(|kind| *kind as i32 == source);
    is_named.then(|| identity.trace_id.to_string())
}

/// The dearest price among the targets. `None`: one of them has no price.
fn cold_cost(call: &Call, leg: &Leg) -> Option<ColdCost> {
    const TOKENS: u32 = 1_000_000;
    let index = call.index.as_ref()?;
    let at_s = call.started_at_us.div_euclid(1_000_000);
    // A provider's own API is asked for a model by the caller's own name for it.
    let passed = call.operation == Some(Operation::Passthrough);
    let named = call.request.as_ref().filter(|_| passed).map_or("", |request| request.model.as_str());
    let mut dearest = ColdCost::default();
    for target in &leg.order.targets {
        let deployment = &target.deployment;
        let provider = &deployment.provider.price_provider;
        let found = index.prices.find(call.team(), provider, named, &deployment.upstream_model, at_s)?;
        let usage = Usage { in_uncached: TOKENS, out_text: TOKENS, ..Usage::default() };
        let cost = price::cost(&usage, &[], price::Facts::default(), found.card)?;
        // From dollars a million tokens to 10^-12 dollars a token.
        let a_token = |dollars: Decimal| dollars.to_f64().map_or(0.0, |dollars| dollars * 1e6);
        dearest.input_token = dearest.input_token.max(a_token(cost.input));
        dearest.output_token = dearest.output_token.max(a_token(cost.output));
    }
    Some(dearest)
}
