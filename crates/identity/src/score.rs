//! Replays captured calls through the engine and compares what it found with the truth.

mod apart;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::engine::{Arrival, CallNumber, Edge, Engine, Limits, View, scope};
use crate::naming::canonical;
use crate::request::{Fields, Operation};

pub use apart::{Apart, apart};

/// `NNN.headers.json` of a capture.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    pub seq: u64,
    /// Seconds.
    pub ts: f64,
    /// When the answer was there, in seconds. None: the capture does not say.
    #[serde(default)]
    pub ended: Option<f64>,
    #[serde(default)]
    pub method: String,
    pub path: String,
    /// The client's port.
    #[serde(default)]
    pub client: u64,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// One captured call.
#[derive(Debug, Clone)]
pub struct Captured {
    pub head: Head,
    pub body: Vec<u8>,
    pub response: Option<Response>,
}

#[derive(Debug, Clone)]
pub enum Response {
    Json(Vec<u8>),
    Events(Vec<u8>),
}

/// `labels.json` of a folder.
#[derive(Debug, Clone, Deserialize)]
pub struct Labels {
    pub calls: Vec<Label>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Label {
    pub seq: u64,
    pub agent: String,
    #[serde(default)]
    pub session: Option<String>,
    #[serde(default)]
    pub run: Option<String>,
    #[serde(default)]
    pub handoff_to: Option<Names>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub on_behalf_of: Option<String>,
}

impl Label {
    fn is_internal(&self) -> bool {
        self.agent.starts_with('<')
    }
}

/// One name or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    fn list(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// What the engine found about one call, when all calls of the folder were seen.
#[derive(Debug, Clone)]
pub struct Found {
    pub seq: u64,
    pub conversation: u32,
    pub view: Option<View>,
    /// Hand-overs this call made: target, and the agent's number when it is known.
    pub edges: Vec<(String, Option<u32>)>,
}

/// Runs every call through an engine, each answered when the capture says it was, or before the next one arrives when it
/// does not say.
pub fn replay(calls: &[Captured]) -> Vec<Found> {
    let mut engine = Engine::new(Limits::default());
    let mut placed: Vec<(u64, CallNumber, u32, u64)> = Vec::new();
    let mut edges: Vec<Edge> = Vec::new();
    for step in steps(calls) {
        match step {
            Step::Arrives(captured) => {
                let arrival = arrival(captured);
                let found = engine.arrive(&arrival);
                edges.extend(found.edges);
                placed.push((captured.head.seq, found.call, found.conversation, arrival.scope));
            }
            Step::Ends(at, captured) => {
                let (_, call, conversation, _) = placed[at];
                edges.extend(engine.answered(call, conversation, &answer(captured)));
            }
        }
    }
    let settled = |(seq, call, conversation, scope): &(u64, CallNumber, u32, u64)| Found {
        seq: *seq,
        conversation: *conversation,
        view: engine.view(*conversation),
        edges: edges_from(&engine, &edges, *call, *scope),
    };
    placed.iter().map(settled).collect()
}

/// What happens to calls: the one with this place arrives, or is answered.
enum Step<'a> {
    Arrives(&'a Captured),
    Ends(usize, &'a Captured),
}

/// Arrivals and answers in the order in which they happened.
fn steps(calls: &[Captured]) -> Vec<Step<'_>> {
    let mut steps: Vec<(f64, Step<'_>)> = Vec::new();
    for (at, captured) in calls.iter().enumerate() {
        steps.push((captured.head.ts, Step::Arrives(captured)));
        steps.push((captured.head.ended.unwrap_or(captured.head.ts), Step::Ends(at, captured)));
    }
    // Of what happened at one time an arrival stands before its own answer.
    steps.sort_by(|one, other| one.0.total_cmp(&other.0));
    steps.into_iter().map(|(_, step)| step).collect()
}

fn arrival(captured: &Captured) -> Arrival<'_> {
    let header = |name: &str| {
        let mut headers = captured.head.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let key = header("authorization").or_else(|| header("x-api-key")).unwrap_or_default();
    Arrival {
        scope: scope(b"capture", key.trim_start_matches("Bearer ").as_bytes()),
        id: captured.head.seq + 1,
        at_us: (captured.head.ts * 1e6) as i64,
        connection: captured.head.client,
        operation: Operation::of_path(&captured.head.path),
        user_agent: header("user-agent").unwrap_or_default(),
        retry: header("x-stainless-retry-count").and_then(|count| count.parse().ok()),
        stated_trace: None,
        stated_agent: None,
        stated_user: Fields::of(&captured.body).user_key(),
        sessions: crate::session::sessions(header, Fields::of(&captured.body).session().as_deref()),
        fresh_trace: u128::from(captured.head.seq + 1).to_be_bytes(),
        fields: Fields::of(&captured.body),
    }
}

fn answer(captured: &Captured) -> Answer {
    match &captured.response {
        Some(Response::Json(body)) => Answer::of_json(body),
        Some(Response::Events(body)) => Answer::of_events(&[body]),
        None => Answer::failed(),
    }
}

fn edges_from(engine: &Engine, edges: &[Edge], call: CallNumber, scope: u64) -> Vec<(String, Option<u32>)> {
    let mut found: Vec<(String, Option<u32>)> = Vec::new();
    let mine = || edges.iter().filter(|edge| edge.from == call);
    // What a tool announced counts by the one who then appeared.
    let appeared = |target: &str| mine().any(|edge| edge.conversation.is_some() && edge.target == target);
    for edge in mine().filter(|edge| edge.conversation.is_some() || !appeared(&edge.target)) {
        let view = edge.conversation.and_then(|number| engine.view(number));
        let called = || engine.own_name(scope, &edge.target).unwrap_or_else(|| edge.target.clone());
        let target = view.as_ref().map_or_else(called, |view| view.agent_name.name.clone());
        if !found.iter().any(|(known, _)| canonical(known) == canonical(&target)) {
            found.push((target, view.map(|view| view.agent)));
        }
    }
    found
}

/// Right, found and wanted of one measure.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    right: u64,
    found: u64,
    wanted: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.wanted += other.wanted;
    }

    fn precision(self) -> f64 {
        share(self.right, self.found)
    }

    fn recall(self) -> f64 {
        share(self.right, self.wanted)
    }
}

/// Of nothing, all is right.
fn share(right: u64, all: u64) -> f64 {
    if all == 0 { 1.0 } else { right as f64 / all as f64 }
}

/// Counts of one folder, which add up.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    calls: u64,
    agents: Count,
    runs: Count,
    handovers: Count,
    named: Count,
    internal: Count,
}

impl Counts {
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.agents.add(other.agents);
        self.runs.add(other.runs);
        self.handovers.add(other.handovers);
        self.named.add(other.named);
        self.internal.add(other.internal);
    }
}

/// The score as it is printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    pub calls: u64,
    pub agent_pair_precision: f64,
    pub agent_pair_recall: f64,
    pub run_pair_precision: f64,
    pub run_pair_recall: f64,
    pub handover_precision: f64,
    pub handover_recall: f64,
    pub agent_named: f64,
    pub internal_recognised: f64,
}

impl From<&Counts> for Score {
    fn from(counts: &Counts) -> Self {
        Self {
            calls: counts.calls,
            agent_pair_precision: counts.agents.precision(),
            agent_pair_recall: counts.agents.recall(),
            run_pair_precision: counts.runs.precision(),
            run_pair_recall: counts.runs.recall(),
            handover_precision: counts.handovers.precision(),
            handover_recall: counts.handovers.recall(),
            agent_named: counts.named.recall(),
            internal_recognised: counts.internal.recall(),
        }
    }
}

/// Compares what was found with the labels of the folder.
pub fn compare(calls: &[Captured], found: &[Found], labels: &Labels) -> Counts {
    let truth: HashMap<u64, &Label> = labels.calls.iter().map(|label| (label.seq, label)).collect();
    let both: Vec<(&Found, &Label)> =
        found.iter().filter_map(|found| Some((found, *truth.get(&found.seq)?))).collect();
    let wire: HashMap<u64, String> =
        calls.iter().map(|call| (call.head.seq, canonical(&String::from_utf8_lossy(&call.body)))).collect();
    let authors: Vec<_> = both.iter().filter(|(_, label)| !label.is_internal()).copied().collect();
    let mut counts = Counts { calls: found.len() as u64, ..Counts::default() };
    counts.agents = pairs(
        authors
            .iter()
            .map(|(found, label)| (found.view.as_ref().map_or(0, |view| view.agent), label.agent.clone())),
    );
    counts.runs = pairs(both.iter().filter_map(|(found, label)| {
        Some((found.view.as_ref().map_or(0, |view| view.run), label.run.clone()?))
    }));
    for (found, label) in &authors {
        let name = canonical(&label.agent);
        if wire.get(&found.seq).is_some_and(|text| text.contains(&name)) {
            counts.named.wanted += 1;
            let called = found.view.as_ref().map(|view| canonical(&view.agent_name.name));
            counts.named.right += u64::from(called.as_ref() == Some(&name));
        }
    }
    for (found, _) in both.iter().filter(|(_, label)| label.is_internal()) {
        counts.internal.wanted += 1;
        counts.internal.right += u64::from(found.view.as_ref().is_some_and(|view| view.internal.is_some()));
    }
    counts.handovers = handovers(&both, &clusters(&authors));
    counts
}

/// Which author's agent an inferred agent mostly stands for.
fn clusters(authors: &[(&Found, &Label)]) -> HashMap<u32, String> {
    let mut votes: HashMap<u32, BTreeMap<&str, u32>> = HashMap::new();
    for (found, label) in authors {
        if let Some(view) = &found.view {
            *votes.entry(view.agent).or_default().entry(&label.agent).or_default() += 1;
        }
    }
    let most = |names: BTreeMap<&str, u32>| {
        names.into_iter().max_by_key(|(_, votes)| *votes).map(|(name, _)| canonical(name))
    };
    votes.into_iter().filter_map(|(agent, names)| Some((agent, most(names)?))).collect()
}

/// An edge is right when the call hands over, and to whom.
fn handovers(both: &[(&Found, &Label)], clusters: &HashMap<u32, String>) -> Count {
    let mut count = Count::default();
    for (found, label) in both {
        let wanted: HashSet<String> =
            label.handoff_to.iter().flat_map(|names| names.list()).map(|name| canonical(name)).collect();
        let predicted: HashSet<String> = found
            .edges
            .iter()
            .map(|(target, agent)| {
                agent.and_then(|agent| clusters.get(&agent).cloned()).unwrap_or_else(|| canonical(target))
            })
            .collect();
        count.wanted += wanted.len() as u64;
        count.found += predicted.len() as u64;
        count.right += wanted.intersection(&predicted).count() as u64;
    }
    count
}

/// Pairs of calls that are together in both groupings, in the found one, in the wanted one.
fn pairs(items: impl Iterator<Item = (u32, String)>) -> Count {
    let mut found: HashMap<u32, u64> = HashMap::new();
    let mut wanted: HashMap<String, u64> = HashMap::new();
    let mut both: HashMap<(u32, String), u64> = HashMap::new();
    for (number, name) in items {
        *found.entry(number).or_default() += 1;
        *wanted.entry(name.clone()).or_default() += 1;
        *both.entry((number, name)).or_default() += 1;
    }
    let of = |n: u64| n * (n - 1) / 2;
    Count {
        right: both.values().copied().map(of).sum(),
        found: found.values().copied().map(of).sum(),
        wanted: wanted.values().copied().map(of).sum(),
    }
}

/// The inferred tree of a folder without labels: run, agent, call.
pub fn tree(found: &[Found]) -> serde_json::Value {
    let mut runs: BTreeMap<u32, BTreeMap<u32, Vec<&Found>>> = BTreeMap::new();
    for found in found {
        if let Some(view) = &found.view {
            runs.entry(view.run).or_default().entry(view.agent).or_default().push(found);
        }
    }
    let agent = |calls: &Vec<&Found>| {
        let view = calls.first().and_then(|found| found.view.as_ref());
        let calls: Vec<_> = calls
            .iter()
            .map(|found| {
                let targets: Vec<&str> = found.edges.iter().map(|(target, _)| target.as_str()).collect();
                let view = found.view.as_ref();
                serde_json::json!({
                    "seq": found.seq,
                    "conversation": found.conversation,
                    "rule": view.map(|view| view.run_rule),
                    "sure": view.map(|view| f64::from((view.run_sure * 100.0).round()) / 100.0),
                    "handoff_to": targets,
                })
            })
            .collect();
        serde_json::json!({
            "agent": view.map(|view| view.agent_name.name.clone()),
            "rule": view.map(|view| view.agent_name.rule),
            "sure": view.map(|view| f64::from((view.agent_name.sure * 100.0).round()) / 100.0),
            "fingerprint": view.map(|view| format!("{:016x}", view.fingerprint)),
            "framework": view.and_then(|view| view.framework).map(|framework| framework.name),
            "internal": view.and_then(|view| view.internal).map(crate::internal::Internal::as_str),
            "on_behalf_of": view.and_then(|view| view.parent_agent.clone()),
            "calls": calls,
        })
    };
    let runs: Vec<_> = runs
        .into_values()
        .map(|agents| serde_json::json!({ "agents": agents.values().map(agent).collect::<Vec<_>>() }))
        .collect();
    serde_json::json!({ "runs": runs })
}
