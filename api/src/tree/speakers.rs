//! Who made each call: as found, then as became known later, then as corrected. And whom a framework's own call serves.

use std::collections::HashMap;

use aop_clickhouse::learned::follow;
use aop_clickhouse::runs::{AgentLink, RunCall};
use aop_domain::correction::{Caller, Corrections};
use aop_domain::id::CorrectionId;
use aop_identity::named_fingerprint;

use super::{Records, reasons};
use crate::wire::tree::Found;

/// Key of calls that say nothing of who makes them.
pub(super) const UNKNOWN: u64 = 0;
/// Key of a framework's own calls that serve no one agent.
pub(super) const FRAMEWORK: u64 = u64::MAX;

/// The speaker of one call.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    /// Key of the agent; of a framework's own call the agent that it serves.
    pub(super) agent: u64,
    pub(super) name: Option<String>,
    pub(super) found: Found,
    /// As found, before corrections; 0: none.
    pub(super) fingerprint: u64,
    pub(super) by: Vec<CorrectionId>,
    /// Of a framework's own call: how it was found whom it serves.
    pub(super) serves: Option<Found>,
}

impl Speaker {
    /// The name the call itself goes by; a framework's own call goes by what it is for.
    pub(super) fn own_name(&self) -> Option<String> {
        self.name.clone().filter(|_| self.serves.is_none())
    }
}

/// What is known of an agent before corrections.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    agent: u64,
    name: String,
    rule: String,
    confidence: u8,
}

pub(super) fn of(records: &Records<'_>) -> Vec<Speaker> {
    let known: Vec<Known> = records.calls.iter().map(|call| now(call, records.links)).collect();
    let best = best_names(&known);
    let own: Vec<Speaker> = records
        .calls
        .iter()
        .zip(&known)
        .map(|(call, known)| {
            let named = best.get(&known.agent).map_or_else(|| known.clone(), |best| named_as(known, best));
            corrected(call, &named, records.corrections)
        })
        .collect();
    let served = served(records.calls, &own);
    own.into_iter()
        .zip(served)
        .map(|(own, serves)| match serves {
            Some((agent, name, serves)) => Speaker { agent, name, serves: Some(serves), ..own },
            None => own,
        })
        .collect()
}

/// The agent as it was found, and as it became known since.
fn now(call: &RunCall, links: &[AgentLink]) -> Known {
    let mut known = as_recorded(call);
    if reasons::source_of(&known.rule) != "inferred" && !known.name.is_empty() {
        return known;
    }
    let link = follow(links, &call.key_id, call.started_at_us, known.agent, call.conversation);
    if let Some(link) = link {
        known = Known {
            agent: link.is,
            name: link.name.clone(),
            rule: "united".to_owned(),
            confidence: link.confidence,
        };
    }
    known
}

fn as_recorded(call: &RunCall) -> Known {
    if call.agent_fingerprint != 0 {
        return Known {
            agent: call.agent_fingerprint,
            name: call.found_agent.clone(),
            rule: call.found_rule.clone(),
            confidence: call.found_confidence,
        };
    }
    // A record of a time when nothing was found beside what was stated.
    let agent = if call.agent.is_empty() { 0 } else { named_fingerprint(&call.agent) };
    let rule = if call.agent.is_empty() { "" } else { "stated" };
    Known {
        agent,
        name: call.agent.clone(),
        rule: rule.to_owned(),
        confidence: if agent == 0 { 0 } else { 100 },
    }
}

/// Of everything that was found about one agent in this run, the surest name; of equal ones the latest.
fn best_names(known: &[Known]) -> HashMap<u64, &Known> {
    let mut best: HashMap<u64, &Known> = HashMap::new();
    for known in known {
        let entry = best.entry(known.agent).or_insert(known);
        if !known.name.is_empty() && (entry.name.is_empty() || known.confidence >= entry.confidence) {
            *entry = known;
        }
    }
    best
}

/// The call under the best name of its agent. How the call itself was found stays as it was.
fn named_as(known: &Known, best: &Known) -> Known {
    if known.name.is_empty() && !best.name.is_empty() && known.agent != 0 {
        return Known { rule: "united".to_owned(), ..best.clone() };
    }
    Known { name: if known.agent == 0 { known.name.clone() } else { best.name.clone() }, ..known.clone() }
}

fn corrected(call: &RunCall, known: &Known, corrections: &Corrections) -> Speaker {
    let caller =
        Caller { agent: known.agent, prompt: call.prompt_fingerprint, conversation: call.conversation };
    if let Some(corrected) = corrections.apply(caller) {
        return Speaker {
            agent: corrected.agent,
            name: Some(corrected.name.to_owned()),
            found: reasons::found("corrected", 100),
            fingerprint: known.agent,
            by: corrected.by,
            serves: None,
        };
    }
    Speaker {
        agent: known.agent,
        name: Some(known.name.clone()).filter(|name| !name.is_empty()),
        found: reasons::found(&known.rule, known.confidence),
        fingerprint: known.agent,
        by: Vec::new(),
        serves: None,
    }
}

type Served = (u64, Option<String>, Found);

/// Whom each call serves that a framework made for itself; `None` for an agent's own call.
fn served(calls: &[RunCall], own: &[Speaker]) -> Vec<Option<Served>> {
    let mut by_conversation: HashMap<u64, usize> = HashMap::new();
    for (at, call) in calls.iter().enumerate().filter(|(_, call)| call.internal.is_empty()) {
        if call.conversation != 0 {
            by_conversation.entry(call.conversation).or_insert(at);
        }
    }
    let speaks = |at: &usize| calls[*at].internal.is_empty();
    let as_served = |at: usize, rule: &str, confidence: u8| {
        (own[at].agent, own[at].name.clone(), reasons::found(rule, confidence))
    };
    let nobody = || (FRAMEWORK, None, reasons::found("none", 0));
    calls
        .iter()
        .enumerate()
        .map(|(at, call)| {
            if call.internal.is_empty() {
                return None;
            }
            let before = || (0..at).rev().find(speaks);
            let after = || (at + 1..calls.len()).find(speaks);
            let parent = by_conversation.get(&call.parent_conversation).copied();
            let served = match call.internal.as_str() {
                // They serve the whole talk, or whoever looks something up.
                "selector" | "embedding" => None,
                "planner" => parent.map(|at| as_served(at, "same_run_parent", 80)),
                "count_tokens" => after()
                    .map(|at| as_served(at, "next_to_speak", 60))
                    .or_else(|| before().map(|at| as_served(at, "last_spoke", 50))),
                _ => parent
                    .map(|at| as_served(at, "same_run_parent", 80))
                    .or_else(|| before().map(|at| as_served(at, "last_spoke", 60)))
                    .or_else(|| after().map(|at| as_served(at, "next_to_speak", 40))),
            };
            Some(served.unwrap_or_else(nobody))
        })
        .collect()
}
