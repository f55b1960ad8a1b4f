//! What inference found about a call, in the form in which it is recorded.

use aop_domain::id::SpanId;
use aop_domain::identity::{ClaimedIdentity, IdentitySource};
use aop_domain::inference::{HandoverRecord, InferenceRecord, Link, LinkRecord, OneAgent, OneRun, Speaker};
use aop_identity::{Edge, Learned, Passing, UNNAMED, View, named_fingerprint, percent};

/// What was found, and the fingerprint of the agent that the call is made for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) record: InferenceRecord,
    pub(crate) parent: u64,
}

/// A span's id as a number; the conversation that begins with its call is called the same.
pub(crate) fn span(id: SpanId) -> u64 {
    u64::from_be_bytes(id.0)
}

/// Of a call that the engine has seen. What was stated stands as it was stated.
pub(crate) fn of(
    view: &View,
    claimed: Option<&ClaimedIdentity>,
    edges: impl Iterator<Item = Edge>,
    learned: Vec<Learned>,
    call: SpanId,
) -> Found {
    let stated = claimed.filter(|claimed| is_stated(claimed));
    let (agent_name, agent_rule, agent_confidence) = named(view, stated);
    let record = InferenceRecord {
        conversation: view.conversation,
        parent_conversation: view.parent_id,
        agent: view.fingerprint,
        prompt: view.prompt,
        agent_name,
        agent_rule,
        agent_confidence,
        internal: view.internal.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        run_rule: view.run_rule.to_owned(),
        run_confidence: if view.run_rule == "stated" { 100 } else { percent(view.run_sure).into() },
        handovers: edges.map(|edge| handover(edge, view, call)).collect(),
        links: learned.into_iter().map(link).collect(),
        ..InferenceRecord::default()
    };
    Found { record, parent: view.parent_fingerprint }
}

fn is_stated(claimed: &ClaimedIdentity) -> bool {
    claimed.agent.as_ref().is_some_and(|agent| agent.source != IdentitySource::Inferred as i32)
}

/// Name, rule and confidence of the agent.
fn named(view: &View, stated: Option<&ClaimedIdentity>) -> (String, String, u32) {
    let agent = stated.and_then(|stated| Some((stated, stated.agent.as_ref()?)));
    if let Some((stated, agent)) = agent {
        return (agent.value.clone(), stated.agent_rule.clone(), stated.agent_confidence);
    }
    let found = &view.agent_name;
    if found.name == UNNAMED {
        return (String::new(), String::new(), 0);
    }
    (found.name.clone(), found.rule.to_owned(), percent(found.sure).into())
}

/// A hand-over in which somebody is known to have taken over was shown by the call of that one: this one.
fn handover(edge: Edge, view: &View, call: SpanId) -> HandoverRecord {
    let taken = edge.conversation.is_some();
    HandoverRecord {
        from_span: edge.giver.call,
        from_conversation: edge.giver.conversation,
        from_agent: edge.giver.agent,
        to_span: if taken { span(call) } else { 0 },
        to_conversation: if taken { view.conversation } else { 0 },
        target: edge.target,
        passing: match edge.passing {
            Passing::Transfer => "transfer",
            Passing::Delegate => "delegate",
        }
        .to_owned(),
        rule: edge.rule.to_owned(),
        confidence: percent(edge.sure).into(),
    }
}

fn link(learned: Learned) -> LinkRecord {
    let (link, rule, sure) = match learned {
        Learned::OneRun { part, whole, rule, sure } => {
            (Link::OneRun(OneRun { part: part.to_vec(), whole: whole.to_vec() }), rule, sure)
        }
        Learned::OneAgent { was, is, named } => {
            (Link::OneAgent(OneAgent { was, is, name: named.name }), named.rule, named.sure)
        }
        Learned::Speaker { conversation, is, named } => {
            (Link::Speaker(Speaker { conversation, is, name: named.name }), named.rule, named.sure)
        }
    };
    LinkRecord { link: Some(link), rule: rule.to_owned(), confidence: percent(sure).into() }
}

/// Of a call that says itself whose it is: what others would find by its name.
pub(crate) fn stated(claimed: &ClaimedIdentity) -> Found {
    let parent = claimed.parent_agent.as_ref().map_or(0, |parent| named_fingerprint(&parent.value));
    // A call that was refused early hangs in a trace of its own, which nobody stated.
    let is_placed = claimed.trace_source != IdentitySource::Generated as i32;
    let Some(agent) = &claimed.agent else { return Found { parent, ..Found::default() } };
    let record = InferenceRecord {
        agent: named_fingerprint(&agent.value),
        agent_name: agent.value.clone(),
        agent_rule: claimed.agent_rule.clone(),
        agent_confidence: claimed.agent_confidence,
        run_rule: if is_placed { "stated".to_owned() } else { String::new() },
        run_confidence: if is_placed { 100 } else { 0 },
        ..InferenceRecord::default()
    };
    Found { record, parent }
}
