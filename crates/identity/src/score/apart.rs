//! The same calls, but sent to several proxies in turn: how well runs are known by what each proxy records, and how well once
//! that is settled.

use std::collections::HashMap;

use serde::Serialize;

use super::{Captured, Count, Labels, answer, arrival, pairs};
use crate::engine::{Arrival, Engine, Learned, Limits};
use crate::hash;
use crate::settle::{Recorded, Settled, Settler};

/// Counts of one folder, which add up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Apart {
    recorded: Count,
    settled: Count,
    conversations: u64,
    joined: u64,
}

/// As it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ApartScore {
    pub recorded_run_pair_precision: f64,
    pub recorded_run_pair_recall: f64,
    pub settled_run_pair_precision: f64,
    pub settled_run_pair_recall: f64,
    /// As recorded, and how many of them were joined to another.
    pub conversations: u64,
    pub joined_conversations: u64,
}

impl Apart {
    pub fn add(&mut self, other: &Self) {
        self.recorded.add(other.recorded);
        self.settled.add(other.settled);
        self.conversations += other.conversations;
        self.joined += other.joined;
    }

    pub fn score(&self) -> ApartScore {
        ApartScore {
            recorded_run_pair_precision: self.recorded.precision(),
            recorded_run_pair_recall: self.recorded.recall(),
            settled_run_pair_precision: self.settled.precision(),
            settled_run_pair_recall: self.settled.recall(),
            conversations: self.conversations,
            joined_conversations: self.joined,
        }
    }
}

/// Traces, and which of them are one.
#[derive(Default)]
struct Traces(HashMap<[u8; 16], [u8; 16]>);

impl Traces {
    fn whole(&self, mut trace: [u8; 16]) -> [u8; 16] {
        while let Some(whole) = self.0.get(&trace) {
            trace = *whole;
        }
        trace
    }

    fn join(&mut self, part: [u8; 16], whole: [u8; 16]) {
        let (part, whole) = (self.whole(part), self.whole(whole));
        if part != whole {
            self.0.insert(part, whole);
        }
    }
}

/// Sends each call to the next of so many proxies.
pub fn apart(calls: &[Captured], labels: &Labels, proxies: usize) -> Apart {
    let proxies = proxies.max(1);
    let mut engines: Vec<Engine> = (0..proxies).map(|_| Engine::new(Limits::default())).collect();
    let mut settler = Settler::default();
    let (mut recorded, mut settled) = (Traces::default(), Traces::default());
    let mut traces: Vec<(u64, [u8; 16])> = Vec::new();
    let mut conversations = std::collections::HashSet::new();
    let mut joined = 0;
    for (at, captured) in calls.iter().enumerate() {
        let node = at % proxies;
        // A client has a connection to each proxy.
        let connection = hash::join(captured.head.client, node as u64);
        let arrival = Arrival { connection, ..arrival(captured) };
        let answer = answer(captured);
        let engine = &mut engines[node];
        let placed = engine.arrive(&arrival);
        engine.answered(placed.call, placed.conversation, &answer);
        let Some(view) = engine.view(placed.conversation) else { continue };
        for learned in placed.learned {
            if let Learned::OneRun { part, whole, .. } = learned {
                recorded.join(part, whole);
                settled.join(part, whole);
                settler.know(part, whole);
            }
        }
        traces.push((captured.head.seq, view.trace));
        conversations.insert(view.conversation);
        let heard = Recorded {
            // What is recorded of a call says nothing of its client's program and of its retries.
            arrival: Arrival { fresh_trace: view.trace, user_agent: "", retry: None, ..arrival },
            answer: &answer,
            node: node as u64 + 1,
            trace: view.trace,
            conversation: view.conversation,
            is_named: view.agent_name.rule != "prompt",
        };
        for known in settler.hear(&heard) {
            match known {
                Settled::OneRun { part, whole, .. } => settled.join(part, whole),
                Settled::OneConversation { .. } => joined += 1,
                Settled::Speaker { .. } | Settled::Handover(_) => {}
            }
        }
    }
    let truth: HashMap<u64, &str> =
        labels.calls.iter().filter_map(|label| Some((label.seq, label.run.as_deref()?))).collect();
    let count = |known: &Traces| {
        let mut numbers: HashMap<[u8; 16], u32> = HashMap::new();
        pairs(traces.iter().filter_map(|(seq, trace)| {
            let next = numbers.len() as u32;
            let number = *numbers.entry(known.whole(*trace)).or_insert(next);
            Some((number, (*truth.get(seq)?).to_owned()))
        }))
    };
    let conversations = conversations.len() as u64;
    Apart { recorded: count(&recorded), settled: count(&settled), conversations, joined }
}
