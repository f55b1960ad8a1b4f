//! Rules about a request or an answer as a whole: does it fit its schema, and what does another service say of it?

use std::sync::Arc;
use std::time::Instant;

use aop_domain::guard::{Action, Guardrail, HttpCheck, OnFailure, Stage};
use aop_guard::rules::{Rule, Whole};
use aop_guard::said::Said;
use aop_guard::schema::{Misfit, Schema};

use super::service::{Question, Verdict};
use super::{blocked_by, outcome};
use crate::call::Call;
use crate::in_flight::killed;
use crate::refusal::{Code, Refusal};

/// What was found, in a word.
pub(super) const SCHEMA: &str = "schema";
const UNAVAILABLE: &str = "unavailable";
const TOO_LONG: &str = "too_long";

/// Judges what is said by one rule after the other. `Some`: these texts must stand in place of what was said.
pub(super) async fn judge(
    call: &mut Call,
    rules: &[Arc<Rule>],
    declared: Option<&Schema>,
    stage: Stage,
    said: &Said,
) -> Result<Option<Vec<String>>, Refusal> {
    let mut texts: Vec<String> = said.texts().map(str::to_owned).collect();
    let mut changed = false;
    for rule in rules {
        let rail = &rule.guardrail;
        match rule.whole() {
            Some(Whole::Schema(schema)) if stage == Stage::After => fits(call, rail, schema, said)?,
            Some(Whole::Declared) if stage == Stage::After => {
                if let Some(schema) = declared {
                    fits(call, rail, schema, said)?;
                }
            }
            Some(Whole::Http(_)) if said.is_too_long() => unjudged(call, rail, stage, TOO_LONG)?,
            Some(Whole::Http(check)) if !texts.is_empty() => {
                changed |= ask(call, rail, check, stage, &mut texts).await?;
            }
            _ => {}
        }
    }
    Ok(changed.then_some(texts))
}

/// An answer that is too long to be judged, decided as far as it can be: what refuses it, and what is to be noted.
pub(super) fn too_long(rules: &[Arc<Rule>]) -> (Option<Refusal>, Vec<(Arc<Rule>, Action)>) {
    let mut refusal = None;
    let mut noted = Vec::new();
    for rule in rules {
        let rail = &rule.guardrail;
        let refuses = match rule.whole() {
            Some(Whole::Http(check)) => check.on_failure == OnFailure::Refuse && rail.action != Action::Flag,
            _ => rail.action == Action::Block,
        };
        if refuses && refusal.is_none() {
            refusal = Some(not_judged(rail, TOO_LONG));
        }
        noted.push((Arc::clone(rule), if refuses { Action::Block } else { Action::Flag }));
    }
    (refusal, noted)
}

pub(super) fn note_too_long(call: &mut Call, noted: &[(Arc<Rule>, Action)]) {
    for (rule, action) in noted {
        note(call, &rule.guardrail, Stage::After, *action, TOO_LONG, 1);
    }
}

pub(super) fn note(call: &mut Call, rail: &Guardrail, stage: Stage, action: Action, what: &str, count: u32) {
    call.shared.metrics.count_guardrail(action);
    call.guardrails.push(outcome(rail, stage, action, what, count));
}

fn fits(call: &mut Call, rail: &Guardrail, schema: &Schema, said: &Said) -> Result<(), Refusal> {
    let Some(outputs) = said.outputs() else { return Ok(()) };
    let misfits: Vec<Misfit> = if said.is_too_long() {
        vec![Misfit::TooCostly]
    } else {
        outputs.iter().filter_map(|text| schema.check_text(text).err()).collect()
    };
    let Some(misfit) = misfits.first() else { return Ok(()) };
    let count = u32::try_from(misfits.len()).unwrap_or(u32::MAX);
    note(call, rail, Stage::After, rail.action, SCHEMA, count);
    if rail.action == Action::Block {
        let message = format!("The answer was blocked by the guardrail '{}': {misfit}.", rail.name);
        return Err(Refusal::new(Code::GuardrailBlocked, message));
    }
    Ok(())
}

/// `true`: the texts are others now.
async fn ask(
    call: &mut Call,
    rail: &Guardrail,
    check: &HttpCheck,
    stage: Stage,
    texts: &mut Vec<String>,
) -> Result<bool, Refusal> {
    let shared = Arc::clone(&call.shared);
    let flight = call.flight.clone();
    let begun = Instant::now();
    let question = Question {
        guardrail: &rail.name,
        stage: stage.as_str(),
        call_id: call.id,
        team_id: call.team(),
        operation: call.operation.map_or("", |operation| operation.as_str()),
        model: call.request.as_ref().map_or("", |request| request.model.as_str()),
        texts,
    };
    let asking = shared.services.ask(rail.id, check, &question);
    let verdict = tokio::select! {
        biased;
        why = killed(flight.as_deref()) => return Err(why),
        verdict = asking => verdict,
    };
    call.elsewhere += begun.elapsed();
    shared.metrics.count_service(verdict.as_ref().ok().map(Verdict::is_found), begun.elapsed());
    match verdict {
        Ok(Verdict::Pass) => Ok(false),
        Ok(Verdict::Found { what, count, texts: replaced }) => match (rail.action, replaced) {
            (Action::Mask, Some(replaced)) if replaced.len() == texts.len() => {
                note(call, rail, stage, Action::Mask, &what, count);
                *texts = replaced;
                Ok(true)
            }
            (Action::Mask, _) => {
                tracing::warn!(guardrail = %rail.id, "a service gave no text in place of what it found");
                unjudged(call, rail, stage, UNAVAILABLE).map(|()| false)
            }
            (Action::Flag, _) => {
                note(call, rail, stage, Action::Flag, &what, count);
                Ok(false)
            }
            (Action::Block, _) => {
                note(call, rail, stage, Action::Block, &what, count);
                let whose = if stage == Stage::Before { "The request" } else { "The answer" };
                Err(blocked_by(rail, whose))
            }
        },
        Err(failed) => {
            tracing::warn!(guardrail = %rail.id, error = %failed, "a service could not be asked");
            unjudged(call, rail, stage, UNAVAILABLE).map(|()| false)
        }
    }
}

/// A trial run never ends a call; what has an effect fails as its owner wants it to.
fn unjudged(call: &mut Call, rail: &Guardrail, stage: Stage, what: &str) -> Result<(), Refusal> {
    let refuses = matches!(&rail.check, aop_domain::guard::Check::Http(check)
        if check.on_failure == OnFailure::Refuse && rail.action != Action::Flag);
    note(call, rail, stage, if refuses { Action::Block } else { Action::Flag }, what, 1);
    if refuses { Err(not_judged(rail, what)) } else { Ok(()) }
}

fn not_judged(rail: &Guardrail, what: &str) -> Refusal {
    let name = &rail.name;
    if what == TOO_LONG {
        let message =
            format!("The guardrail '{name}' cannot judge so long a text, so it is not let through.");
        return Refusal::new(Code::GuardrailBlocked, message);
    }
    let message = format!(
        "The guardrail '{name}' could not be asked, so nothing is let through. Try again in a moment."
    );
    Refusal::new(Code::GuardrailUnavailable, message)
}
