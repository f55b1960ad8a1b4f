//! Who speaks in a run.

use std::collections::BTreeMap;

use aop_clickhouse::runs::RunCall;
use aop_domain::id::CorrectionId;

use super::place::{is_step, stated_agent};
use super::speakers::{FRAMEWORK, Speaker, UNKNOWN};
use super::totals::Sum;
use super::{Records, reasons};
use crate::wire::time::from_us;
use crate::wire::tree::{AgentKind, Found, InternalCalls, RunAgent, Totals, hex};

/// An agent that never called.
#[derive(Debug, Clone)]
pub(super) struct Absent {
    pub(super) agent: u64,
    pub(super) name: String,
    pub(super) found: Found,
}

/// One agent while its calls are added up.
#[derive(Debug)]
struct Gathered {
    agent: u64,
    name: Option<String>,
    found: Found,
    framework: String,
    fingerprints: Vec<u64>,
    prompts: Vec<u64>,
    conversations: Vec<u64>,
    by: Vec<CorrectionId>,
    sum: Sum,
    internals: BTreeMap<String, Sum>,
    /// Start and end of each call.
    times: Vec<(i64, i64)>,
    kind: AgentKind,
}

/// In the order they first spoke; those that never did come last.
pub(super) fn of(records: &Records<'_>, speakers: &[Speaker], absent: &[Absent]) -> Vec<RunAgent> {
    let mut gathered: Vec<Gathered> = Vec::new();
    for (call, speaker) in records.calls.iter().zip(speakers) {
        let at = place(&mut gathered, speaker.agent, || Gathered::new(speaker));
        gathered[at].add(call, speaker);
    }
    for span in records.trace.spans.iter().filter(|span| is_step(span) && span.span_type == "agent") {
        let (agent, name) = stated_agent(span, records);
        let at = place(&mut gathered, agent, || Gathered::unseen(agent, name, reasons::found("stated", 100)));
        if gathered[at].times.is_empty() {
            gathered[at].kind = AgentKind::Agent;
        }
    }
    for other in absent {
        place(&mut gathered, other.agent, || {
            Gathered::unseen(other.agent, Some(other.name.clone()), other.found.clone())
        });
    }
    gathered.into_iter().map(Gathered::into_agent).collect()
}

fn place(gathered: &mut Vec<Gathered>, agent: u64, new: impl FnOnce() -> Gathered) -> usize {
    if let Some(known) = gathered.iter().position(|known| known.agent == agent) {
        return known;
    }
    gathered.push(new());
    gathered.len() - 1
}

fn note(list: &mut Vec<u64>, number: u64) {
    if number != 0 && !list.contains(&number) {
        list.push(number);
    }
}

impl Gathered {
    fn new(speaker: &Speaker) -> Self {
        let kind = match speaker.agent {
            UNKNOWN => AgentKind::Unknown,
            FRAMEWORK => AgentKind::Framework,
            _ => AgentKind::Agent,
        };
        Self { kind, ..Self::unseen(speaker.agent, speaker.name.clone(), reasons::found("none", 0)) }
    }

    fn unseen(agent: u64, name: Option<String>, found: Found) -> Self {
        Self {
            agent,
            name,
            found,
            framework: String::new(),
            fingerprints: Vec::new(),
            prompts: Vec::new(),
            conversations: Vec::new(),
            by: Vec::new(),
            sum: Sum::default(),
            internals: BTreeMap::new(),
            times: Vec::new(),
            kind: AgentKind::Absent,
        }
    }

    fn add(&mut self, call: &RunCall, speaker: &Speaker) {
        self.sum.add(Sum::of(call));
        self.times.push((call.started_at_us, call.started_at_us.saturating_add_unsigned(call.duration_us)));
        if self.framework.is_empty() {
            self.framework.clone_from(&call.framework);
        }
        if speaker.serves.is_some() {
            self.internals.entry(call.internal.clone()).or_default().add(Sum::of(call));
            return;
        }
        if speaker.found.confidence > self.found.confidence || self.found.rule == "none" {
            self.found = speaker.found.clone();
            self.name.clone_from(&speaker.name);
        }
        note(&mut self.fingerprints, speaker.fingerprint);
        note(&mut self.prompts, call.prompt_fingerprint);
        note(&mut self.conversations, call.conversation);
        for id in &speaker.by {
            if !self.by.contains(id) {
                self.by.push(*id);
            }
        }
    }

    /// Time in which at least one of its calls was running.
    fn busy_us(&mut self) -> u64 {
        self.times.sort_unstable();
        let mut busy = 0;
        let mut until = i64::MIN;
        for (start, end) in &self.times {
            busy += (end - (*start).max(until)).max(0);
            until = until.max(*end);
        }
        u64::try_from(busy).unwrap_or_default()
    }

    fn into_agent(mut self) -> RunAgent {
        let busy_us = self.busy_us();
        let internals = self.internals.into_iter().map(|(kind, sum)| {
            let Totals { calls, cost, unknown_cost_calls, .. } = sum.into();
            InternalCalls { kind, calls, cost, unknown_cost_calls }
        });
        let hexes = |numbers: Vec<u64>| numbers.into_iter().map(hex).collect();
        RunAgent {
            agent: hex(self.agent),
            name: self.name,
            kind: self.kind,
            found: self.found,
            framework: Some(self.framework).filter(|framework| !framework.is_empty()),
            fingerprints: hexes(self.fingerprints),
            prompts: hexes(self.prompts),
            conversations: hexes(self.conversations),
            correction_ids: self.by.into_iter().map(|id| id.0).collect(),
            totals: self.sum.into(),
            internals: internals.collect(),
            started_at: self.times.iter().map(|(start, _)| *start).min().map(from_us),
            ended_at: self.times.iter().map(|(_, end)| *end).max().map(from_us),
            busy_us,
        }
    }
}
