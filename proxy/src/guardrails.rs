//! Guardrails on a call's way (G10): what it says is looked at before a provider is asked, what is answered before the
//! client gets it. What they did stands in the record.

use std::sync::Arc;

use aop_domain::guard::{Guardrail, Stage};
use aop_domain::record::GuardrailOutcome;
use aop_guard::rules::{Rule, Rules};
use aop_guard::screen::passing::Passing;
use aop_guard::screen::{self, Tally};
use bytes::Bytes;

use crate::call::Call;
use crate::phases::parse;
use crate::refusal::{Code, Refusal};

/// A guardrail that cannot be used was refused when it was made; one of a newer version may be beyond this one.
pub(crate) fn usable(guardrails: &[Arc<Guardrail>]) -> Vec<Arc<Rule>> {
    let rule = |guardrail: &Arc<Guardrail>| match Rule::new(Guardrail::clone(guardrail)) {
        Ok(rule) => Some(Arc::new(rule)),
        Err(error) => {
            tracing::warn!(guardrail = %guardrail.id, %error, "a guardrail cannot be used");
            None
        }
    };
    guardrails.iter().filter_map(rule).collect()
}

/// Looks at the request. What is masked is masked for good: the provider and the record get it like that.
pub(crate) fn before(call: &mut Call) -> Result<(), Refusal> {
    let Some(index) = call.index.clone().filter(|index| !index.rules.is_empty()) else { return Ok(()) };
    let (Some(caller), Some(request)) = (&call.caller, &call.request) else { return Ok(()) };
    let applies = |rail: &Guardrail| rail.applies(caller.team_id, caller.key_id, &request.model);
    let after = Rules::of(&index.rules, Stage::After, applies);
    let before = Rules::of(&index.rules, Stage::Before, applies);
    let body = request.body.clone();
    call.rules_after = after;
    let Some(rules) = before else { return Ok(()) };
    let mut tally = Tally::new(&rules);
    let masked = screen::request(&rules, &body, &mut tally);
    note(call, &rules, &tally, Stage::Before);
    if let Some(refusal) = blocked(&rules, &tally, "The request") {
        return Err(refusal);
    }
    match masked {
        Some(body) => parse::replace_body(call, Bytes::from(body)),
        None => Ok(()),
    }
}

/// A whole answer, as the client is to get it. `Err`: it does not get it.
pub(crate) fn answer(call: &mut Call, body: &Bytes) -> Result<Bytes, Refusal> {
    let Some(rules) = call.rules_after.take() else { return Ok(body.clone()) };
    let mut tally = Tally::new(&rules);
    let masked = screen::answer(&rules, body, &mut tally);
    note(call, &rules, &tally, Stage::After);
    match blocked(&rules, &tally, "The answer") {
        Some(refusal) => Err(refusal),
        None => Ok(masked.map_or_else(|| body.clone(), Bytes::from)),
    }
}

/// A stream with its guardrails in the way.
pub(crate) struct Guarded {
    rules: Rules,
    passing: Passing,
}

impl Guarded {
    /// `None`: none apply.
    pub(crate) fn of(call: &mut Call) -> Option<Self> {
        let rules = call.rules_after.take()?;
        Some(Self { passing: Passing::new(rules.clone()), rules })
    }

    /// What may go of what has come.
    pub(crate) fn pass(&mut self, bytes: &Bytes, is_last: bool) -> Bytes {
        let mut out = self.passing.push(bytes);
        if is_last {
            out.extend(self.passing.finish());
        }
        Bytes::from(out)
    }

    pub(crate) fn blocked(&self) -> Option<Refusal> {
        blocked(&self.rules, &self.passing.tally, "The answer")
    }

    /// The stream is over, however it ended.
    pub(crate) fn note(&self, call: &mut Call) {
        note(call, &self.rules, &self.passing.tally, Stage::After);
    }
}

fn blocked(rules: &Rules, tally: &Tally, what: &str) -> Option<Refusal> {
    let name = &rules.get(tally.blocked?).name;
    let message =
        format!("{what} was blocked by the guardrail '{name}'. Ask the owner of your team what it allows.");
    Some(Refusal::new(Code::GuardrailBlocked, message))
}

fn note(call: &mut Call, rules: &Rules, tally: &Tally, stage: Stage) {
    for (rule, count, what) in tally.found() {
        let rail = rules.get(rule);
        call.shared.metrics.count_guardrail(rail.action);
        call.guardrails.push(GuardrailOutcome {
            guardrail_id: Bytes::copy_from_slice(rail.id.as_bytes()),
            name: rail.name.clone(),
            stage: stage.as_str().to_owned(),
            action: rail.action.as_str().to_owned(),
            what: what.to_owned(),
            count,
        });
    }
}

/// Which rules an answer would have to pass, for the cache: under other rules it would be another answer.
pub(crate) fn fingerprint(call: &Call) -> Option<[u8; 32]> {
    let rules = call.rules_after.as_ref()?;
    let mut hasher = blake3::Hasher::new();
    for rail in rules.iter() {
        hasher.update(format!("{:?}\n", (rail.id, rail.action, &rail.check)).as_bytes());
    }
    Some(*hasher.finalize().as_bytes())
}
