//! Who handed over to whom: what was found, with the one who then took over, and what callers stated.

use std::collections::{HashMap, HashSet};

use aop_clickhouse::runs::{Handover as Stored, RunCall};
use aop_domain::correction::Caller;
use aop_identity::{canonical, named_fingerprint};

use super::agents::Absent;
use super::speakers::Speaker;
use super::{Records, reasons};
use crate::wire::time::from_us;
use crate::wire::tree::{Found, Handover, Passing, hex, hex_or_none};

/// Hand-overs, and the agents in them that never called.
#[derive(Debug, Default)]
pub(super) struct Handed {
    pub(super) handovers: Vec<Handover>,
    pub(super) absent: Vec<Absent>,
}

struct Resolver<'r> {
    records: &'r Records<'r>,
    calls: &'r [RunCall],
    speakers: &'r [Speaker],
    by_span: HashMap<u64, usize>,
    /// Spelling of a name, as found or as corrected, to its agent.
    by_name: HashMap<String, u64>,
    /// Conversations that were found to have been given the work of a hand-over.
    taken: HashSet<u64>,
    /// Who is known to have handed over to whom.
    pairs: HashSet<(u64, u64)>,
    handed: Handed,
}

pub(super) fn resolve(records: &Records<'_>, speakers: &[Speaker]) -> Handed {
    let calls = records.calls;
    let own = || calls.iter().zip(speakers).filter(|(_, speaker)| speaker.serves.is_none());
    let mut by_name = HashMap::new();
    for (call, speaker) in own() {
        let names = [speaker.name.as_deref().unwrap_or_default(), &call.found_agent, &call.agent];
        for name in names.into_iter().map(canonical).filter(|name| !name.is_empty()) {
            by_name.entry(name).or_insert(speaker.agent);
        }
    }
    let mut resolver = Resolver {
        records,
        calls,
        speakers,
        by_span: calls.iter().enumerate().map(|(at, call)| (call.span, at)).collect(),
        by_name,
        taken: HashSet::new(),
        pairs: HashSet::new(),
        handed: Handed::default(),
    };
    let known = |row: &&Stored| row.to_span != 0;
    let (known, announced): (Vec<&Stored>, Vec<&Stored>) = records.handovers.iter().partition(known);
    for row in &known {
        resolver.add(row);
    }
    let told = |row: &Stored| (row.from_span, canonical(&row.target));
    let appeared: HashSet<(u64, String)> = known.iter().map(|row| told(row)).collect();
    for row in announced {
        // What a tool announced counts by the one who then appeared.
        if row.from_span == 0 || !appeared.contains(&told(row)) {
            resolver.add(row);
        }
    }
    resolver.add_stated();
    resolver.handed.handovers.sort_by_key(|handover| handover.at);
    resolver.handed
}

impl Resolver<'_> {
    fn add(&mut self, row: &Stored) {
        let from_call = self.by_span.get(&row.from_span).copied();
        let in_conversation = || {
            let first = self.calls.iter().position(|call| call.conversation == row.from_conversation)?;
            (row.from_conversation != 0).then_some(first)
        };
        let Some(from) = from_call.or_else(in_conversation).map(|at| self.speakers[at].agent) else { return };
        let at_us = from_call.map_or(row.shown_at_us, |at| self.calls[at].started_at_us);
        let found = reasons::found(&row.rule, row.confidence);
        let to_call = self.taker(row, from, at_us);
        let to = match to_call {
            Some(at) => self.speakers[at].agent,
            None => self.named(&row.target).unwrap_or_else(|| self.absent(&row.target, &found)),
        };
        if let Some(at) = to_call {
            self.taken.insert(self.calls[at].conversation);
        }
        let passing = if row.passing == "transfer" { Passing::Transfer } else { Passing::Delegate };
        self.push(Edge { from, to, from_call, to_call, at_us, passing, found }, &row.target);
    }

    /// The first call of whoever took over: known, or by name, or the one conversation that goes on from this one.
    fn taker(&self, row: &Stored, from: u64, at_us: i64) -> Option<usize> {
        if let Some(at) = self.by_span.get(&row.to_span).copied().filter(|_| row.to_span != 0) {
            return Some(at);
        }
        let after = |at: &usize| self.calls[*at].started_at_us > at_us && self.speakers[*at].serves.is_none();
        if let Some(agent) = self.named(&row.target) {
            return (0..self.calls.len()).filter(after).find(|at| self.speakers[*at].agent == agent);
        }
        // Others may call an agent by another name than its own.
        let child = |at: &usize| {
            let call = &self.calls[*at];
            row.from_conversation != 0
                && call.parent_conversation == row.from_conversation
                && !self.taken.contains(&call.conversation)
                && self.speakers[*at].agent != from
        };
        (0..self.calls.len()).filter(after).find(child)
    }

    /// The agent of this run that is called so. A framework may number its tools.
    fn named(&self, target: &str) -> Option<u64> {
        let short = target.trim_end_matches(|c: char| c.is_ascii_digit());
        let short = short.strip_suffix('_').unwrap_or(target);
        [target, short].into_iter().find_map(|name| self.by_name.get(&canonical(name)).copied())
    }

    fn absent(&mut self, name: &str, found: &Found) -> u64 {
        let agent = named_fingerprint(name);
        let corrected = self.records.corrections.apply(Caller { agent, ..Caller::default() });
        let (agent, name) =
            corrected.map_or_else(|| (agent, name.to_owned()), |known| (known.agent, known.name.to_owned()));
        if !self.handed.absent.iter().any(|known| known.agent == agent) {
            self.handed.absent.push(Absent { agent, name, found: found.clone() });
        }
        agent
    }

    /// Parents that were stated, where nothing was found between the two.
    fn add_stated(&mut self) {
        let calls = self.calls;
        for (at, call) in calls.iter().enumerate() {
            let stated = !matches!(call.parent_agent_source.as_str(), "" | "inferred" | "corrected" | "none");
            if !stated || self.speakers[at].serves.is_some() {
                continue;
            }
            let found = Found { source: call.parent_agent_source.clone(), ..reasons::found("stated", 100) };
            let from = self.named(&call.parent_agent);
            let from = from.unwrap_or_else(|| self.absent(&call.parent_agent, &found));
            let to = self.speakers[at].agent;
            if self.pairs.contains(&(from, to)) {
                continue;
            }
            let before = |at: &usize| self.speakers[*at].agent == from && self.speakers[*at].serves.is_none();
            let from_call = (0..at).rev().find(before);
            let name = self.speakers[at].name.clone().unwrap_or_default();
            let edge = Edge {
                from,
                to,
                from_call,
                to_call: Some(at),
                at_us: call.started_at_us,
                passing: Passing::Stated,
                found,
            };
            self.push(edge, &name);
        }
    }

    /// Work that an agent passes to itself is no hand-over.
    fn push(&mut self, edge: Edge, to_name: &str) {
        if edge.from == edge.to {
            return;
        }
        self.pairs.insert((edge.from, edge.to));
        let call_id = |at: Option<usize>| self.calls[at?].call_id.parse().ok();
        let span_id = |at: Option<usize>| hex_or_none(self.calls[at?].span);
        self.handed.handovers.push(Handover {
            from: hex(edge.from),
            to: hex(edge.to),
            to_name: to_name.to_owned(),
            passing: edge.passing,
            at: from_us(edge.at_us),
            from_call_id: call_id(edge.from_call),
            from_span_id: span_id(edge.from_call),
            to_call_id: call_id(edge.to_call),
            to_span_id: span_id(edge.to_call),
            found: edge.found,
        });
    }
}

struct Edge {
    from: u64,
    to: u64,
    from_call: Option<usize>,
    to_call: Option<usize>,
    at_us: i64,
    passing: Passing,
    found: Found,
}
