//! Hooks on a call's way (C7): before anybody is asked, calls that fit are tagged or rejected, and what is to be masked is
//! handed to the guardrails; when a call is over, it is tagged and noted for whoever sends webhooks. Decided from the
//! snapshot; nobody is waited for.

use std::sync::Arc;

use aop_domain::hook::{Act, Asked, Hook, Point};
use aop_domain::id::TeamId;
use aop_domain::identity::{Claim, IdentitySource};
use aop_domain::record::HookOutcome;
use aop_guard::rules::Rule;
use bytes::Bytes;

use crate::call::Call;
use crate::phases::record::Ending;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Index;

/// Tags of one call, with those it came with.
const MOST_TAGS: usize = 64;

/// A hook, ready to be used.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) hook: Arc<Hook>,
    /// What it masks.
    rule: Option<Arc<Rule>>,
}

/// A hook that cannot be used was refused when it was made; one of a newer version may be beyond this one.
pub(crate) fn usable(hooks: &[Arc<Hook>]) -> Vec<Ready> {
    let ready = |hook: &Arc<Hook>| match hook.guardrail().map(Rule::new).transpose() {
        Ok(rule) => Some(Ready { hook: Arc::clone(hook), rule: rule.map(Arc::new) }),
        Err(error) => {
            tracing::warn!(hook = %hook.id, %error, "a hook cannot be used");
            None
        }
    };
    hooks.iter().filter_map(ready).collect()
}

/// What filters see of a call.
struct Facts {
    team: TeamId,
    key: aop_domain::id::KeyId,
    model: String,
    agent: String,
    tags: Vec<String>,
}

/// The snapshot, where the caller's team has hooks. Without any it costs one look at an empty list.
fn of_team(call: &Call) -> Option<Arc<Index>> {
    let (index, team) = (call.index.as_ref()?, call.caller.as_ref()?.team_id);
    index.hooks.iter().any(|ready| ready.hook.team_id == team).then(|| Arc::clone(index))
}

impl Facts {
    fn of(call: &Call) -> Option<Self> {
        let (caller, request) = (call.caller.as_ref()?, call.request.as_ref()?);
        let claimed = call.identity.as_ref().map(|identity| &identity.claimed);
        let agent = claimed.and_then(|claimed| claimed.agent.as_ref());
        Some(Self {
            team: caller.team_id,
            key: caller.key_id,
            model: request.model.clone(),
            agent: agent.map(|agent| agent.value.clone()).unwrap_or_default(),
            tags: claimed
                .map(|claimed| claimed.tags.iter().map(|tag| tag.value.clone()).collect())
                .unwrap_or_default(),
        })
    }

    fn fit(&self, hook: &Hook) -> bool {
        let asked = Asked { model: &self.model, agent: &self.agent, key: self.key, tags: &self.tags };
        hook.team_id == self.team && hook.filter.fits(&asked)
    }
}

/// Before anybody is asked. Hooks see the call as it came: a tag of one is no matter of the others.
pub(crate) fn before(call: &mut Call) -> Result<(), Refusal> {
    let Some(index) = of_team(call) else { return Ok(()) };
    let Some(facts) = Facts::of(call) else { return Ok(()) };
    for Ready { hook, rule } in index.hooks.iter().filter(|ready| facts.fit(&ready.hook)) {
        call.masking.extend(rule.clone());
        if hook.point == Point::After {
            continue;
        }
        match &hook.act {
            Act::Tag { tags } => tag(call, hook, tags),
            Act::Reject { message } => {
                note(call, hook, message.clone());
                let message = format!("The hook '{}' rejected this call: {}", hook.name, message.trim());
                return Err(Refusal::new(Code::HookRejected, message));
            }
            Act::Mask { .. } | Act::Webhook { .. } => {}
        }
    }
    Ok(())
}

/// When the call is over, and before it is recorded.
pub(crate) fn after(call: &mut Call, ending: &Ending) {
    let Some(index) = of_team(call) else { return };
    let Some(facts) = Facts::of(call) else { return };
    let fits = |ready: &&Ready| {
        facts.fit(&ready.hook) && ready.hook.filter.fits_end(ending.status.as_str(), ending.error_code)
    };
    for Ready { hook, .. } in index.hooks.iter().filter(fits) {
        match &hook.act {
            Act::Tag { tags } if hook.point == Point::After => tag(call, hook, tags),
            Act::Webhook { .. } => note(call, hook, String::new()),
            _ => {}
        }
    }
}

/// What a masking hook found, told by the guardrails.
pub(crate) fn masked(call: &mut Call, rule: &aop_domain::guard::Guardrail, what: &str, count: u32) -> bool {
    let Some(index) = call.index.clone() else { return false };
    let hook = index.hooks.iter().find(|ready| ready.hook.id.0 == rule.id.0 && ready.rule.is_some());
    let Some(Ready { hook, .. }) = hook else { return false };
    note(call, hook, format!("{what} × {count}"));
    true
}

fn tag(call: &mut Call, hook: &Hook, tags: &[String]) {
    let Some(identity) = call.identity.as_mut() else { return };
    let known = &mut identity.claimed.tags;
    for tag in tags {
        if known.len() < MOST_TAGS && known.iter().all(|has| has.value != *tag) {
            known.push(Claim::new(tag.clone(), IdentitySource::Generated));
        }
    }
    note(call, hook, tags.join(", "));
}

fn note(call: &mut Call, hook: &Hook, detail: String) {
    call.hooks.push(HookOutcome {
        hook_id: Bytes::copy_from_slice(hook.id.as_bytes()),
        name: hook.name.clone(),
        point: hook.point.as_str().to_owned(),
        act: hook.act.kind().to_owned(),
        detail,
    });
}
