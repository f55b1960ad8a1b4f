//! Guardrails on a call's way (G10): what it says is looked at before a provider is asked, what is answered before the
//! client gets it. What they did stands in the record.
//!
//! Rules about places in a text come first, those about the whole after them: a service that is asked gets what is left
//! when secrets are masked.

mod service;
mod stream;
mod whole;

use std::sync::Arc;

use aop_domain::guard::{Action, Guardrail, Stage};
use aop_domain::record::GuardrailOutcome;
use aop_guard::rules::{Rule, Rules, Whole};
use aop_guard::said::{self, Said};
use aop_guard::schema::Schema;
use aop_guard::screen::{self, Tally};
use bytes::Bytes;
use serde_json::Value;

use crate::call::Call;
use crate::endpoint::Operation;
use crate::hooks;
use crate::phases::parse;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Index;

pub(crate) use service::Services;
pub(crate) use stream::Guarded;

/// What an answer has to pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct After {
    text: Option<Rules>,
    whole: Vec<Arc<Rule>>,
    /// The schema that the request declares.
    declared: Option<Arc<Schema>>,
}

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
pub(crate) async fn before(call: &mut Call) -> Result<(), Refusal> {
    let has_any = |index: &&Arc<Index>| !index.rules.is_empty() || !call.masking.is_empty();
    let Some(index) = call.index.as_ref().filter(has_any).cloned() else { return Ok(()) };
    let (Some(caller), Some(request)) = (&call.caller, &call.request) else { return Ok(()) };
    let applies = |rail: &Guardrail| rail.applies(caller.team_id, caller.key_id, &request.model);
    let masking = std::mem::take(&mut call.masking);
    let text = Rules::with(Rules::of(&index.rules, Stage::After, applies), &masking, Stage::After);
    let mut whole = Rules::whole(&index.rules, Stage::After, applies);
    if !call.operation.is_some_and(answers_in_words) {
        whole.clear();
    }
    let before = Rules::with(Rules::of(&index.rules, Stage::Before, applies), &masking, Stage::Before);
    let whole_before = Rules::whole(&index.rules, Stage::Before, applies);
    if text.is_some() || !whole.is_empty() {
        call.rules_after = Some(Box::new(After { text, whole, declared: None }));
    }
    if let Some(rules) = before {
        in_its_text(call, &rules)?;
    }
    declared(call)?;
    if !whole_before.is_empty() {
        // Seldom, and large: it must not make every call's future larger.
        Box::pin(as_a_whole(call, &whole_before)).await?;
    }
    Ok(())
}

/// Operations whose answers are a model's words.
fn answers_in_words(operation: Operation) -> bool {
    operation.is_conversation() && operation != Operation::CountTokens
}

fn in_its_text(call: &mut Call, rules: &Rules) -> Result<(), Refusal> {
    let Some(request) = &call.request else { return Ok(()) };
    let body = request.body.clone();
    let mut tally = Tally::new(rules);
    let masked = screen::request(rules, &body, &mut tally);
    note(call, rules, &tally, Stage::Before);
    if let Some(refusal) = blocked(rules, &tally, "The request") {
        return Err(refusal);
    }
    match masked {
        Some(body) => parse::replace_body(call, Bytes::from(body)),
        None => Ok(()),
    }
}

async fn as_a_whole(call: &mut Call, rules: &[Arc<Rule>]) -> Result<(), Refusal> {
    let Some(request) = &call.request else { return Ok(()) };
    let Ok(mut body) = serde_json::from_slice::<Value>(request.text()) else { return Ok(()) };
    let said = Said::in_request(&body);
    let Some(texts) = whole::judge(call, rules, None, Stage::Before, &said).await? else { return Ok(()) };
    screen::with_texts(&mut body, &said, &texts);
    parse::replace_body(call, Bytes::from(body.to_string()))
}

/// Finds the schema that a request declares for its answer, where a guardrail asks for it. One that declares none has
/// nothing to fit.
fn declared(call: &mut Call) -> Result<(), Refusal> {
    let is_declared = |rule: &Arc<Rule>| matches!(rule.whole(), Some(Whole::Declared));
    let Some(after) = call.rules_after.as_mut() else { return Ok(()) };
    let Some(rule) = after.whole.iter().find(|rule| is_declared(rule)).cloned() else { return Ok(()) };
    let body = call.request.as_ref().and_then(|request| serde_json::from_slice::<Value>(request.text()).ok());
    let Some(schema) = body.as_ref().and_then(said::declared) else {
        after.whole.retain(|rule| !is_declared(rule));
        return Ok(());
    };
    match Schema::new(schema) {
        Ok(schema) => {
            after.declared = Some(Arc::new(schema));
            Ok(())
        }
        Err(error) => {
            let blocks =
                after.whole.iter().any(|rule| is_declared(rule) && rule.guardrail.action == Action::Block);
            after.whole.retain(|rule| !is_declared(rule));
            whole::note(call, &rule.guardrail, Stage::Before, rule.guardrail.action, whole::SCHEMA, 1);
            let name = &rule.guardrail.name;
            let message = format!("The request was blocked by the guardrail '{name}': {error}.");
            if blocks { Err(Refusal::new(Code::GuardrailBlocked, message)) } else { Ok(()) }
        }
    }
}

/// A whole answer, as the client is to get it. `Err`: it does not get it.
pub(crate) async fn answer(call: &mut Call, body: &Bytes) -> Result<Bytes, Refusal> {
    let Some(after) = call.rules_after.take() else { return Ok(body.clone()) };
    let mut body = body.clone();
    if let Some(rules) = &after.text {
        let mut tally = Tally::new(rules);
        let masked = screen::answer(rules, &body, &mut tally);
        note(call, rules, &tally, Stage::After);
        if let Some(refusal) = blocked(rules, &tally, "The answer") {
            return Err(refusal);
        }
        body = masked.map_or(body, Bytes::from);
    }
    if after.whole.is_empty() {
        return Ok(body);
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return Ok(body) };
    let said = Said::in_answer(&value);
    let judging = whole::judge(call, &after.whole, after.declared.as_deref(), Stage::After, &said);
    let Some(texts) = Box::pin(judging).await? else { return Ok(body) };
    screen::with_texts(&mut value, &said, &texts);
    Ok(Bytes::from(value.to_string()))
}

fn blocked(rules: &Rules, tally: &Tally, what: &str) -> Option<Refusal> {
    Some(blocked_by(rules.get(tally.blocked?), what))
}

fn blocked_by(rail: &Guardrail, what: &str) -> Refusal {
    let name = &rail.name;
    let message =
        format!("{what} was blocked by the guardrail '{name}'. Ask the owner of your team what it allows.");
    Refusal::new(Code::GuardrailBlocked, message)
}

fn note(call: &mut Call, rules: &Rules, tally: &Tally, stage: Stage) {
    for (rule, count, what) in tally.found() {
        let rail = rules.get(rule);
        if !hooks::masked(call, rail, what, count) {
            whole::note(call, rail, stage, rail.action, what, count);
        }
    }
}

/// Which rules an answer would have to pass, for the cache: under other rules it would be another answer.
pub(crate) fn fingerprint(call: &Call) -> Option<[u8; 32]> {
    let rules = call.rules_after.as_ref()?;
    let mut hasher = blake3::Hasher::new();
    let whole = rules.whole.iter().map(|rule| &rule.guardrail);
    for rail in rules.text.iter().flat_map(Rules::iter).chain(whole) {
        hasher.update(format!("{:?}\n", (rail.id, rail.action, &rail.check)).as_bytes());
    }
    Some(*hasher.finalize().as_bytes())
}

/// What was found, for the record.
fn outcome(rail: &Guardrail, stage: Stage, action: Action, what: &str, count: u32) -> GuardrailOutcome {
    GuardrailOutcome {
        guardrail_id: Bytes::copy_from_slice(rail.id.as_bytes()),
        name: rail.name.clone(),
        stage: stage.as_str().to_owned(),
        action: action.as_str().to_owned(),
        what: what.to_owned(),
        count,
    }
}
