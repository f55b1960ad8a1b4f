//! Settling: several engines have each seen some of the calls of a key, and each took what it could not see for something
//! new. One that hears of all calls afterwards says which of their runs, and which of their conversations, are one.
//!
//! What one engine told apart by itself stays apart: it knew more of these calls (their connection, their retries) than is
//! known afterwards.

mod kept;
mod trails;

use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::engine::{Arrival, Edge, Engine, Learned, Limits, View};
use crate::naming::UNNAMED;

pub use trails::Followed;
use trails::Owner;

/// Runs, and conversations, that are remembered; half of them at least.
const REMEMBERED: usize = 200_000;
/// What is found afterwards is a little less sure than what is found on the way.
const LESS_SURE: f32 = 0.95;
/// Links that are followed from one run to the one it belongs to.
const LONGEST_WAY: usize = 16;
/// A conversation that goes on elsewhere is known by its history.
const SAME_HISTORY: &str = "same_history";

/// A call as one engine recorded it.
#[derive(Debug)]
pub struct Recorded<'a> {
    /// As it arrived; its fresh trace is the recorded one.
    pub arrival: Arrival<'a>,
    pub answer: &'a Answer,
    /// Which engine it was.
    pub node: u64,
    pub trace: [u8; 16],
    /// 0: none was found.
    pub conversation: u64,
    /// Its engine knew a name of its agent, and not only words of its prompt.
    pub is_named: bool,
}

/// Something that no engine could know alone.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The calls of trace `part` belong to trace `whole`.
    OneRun { part: [u8; 16], whole: [u8; 16], rule: &'static str, sure: f32 },
    /// The calls of conversation `part` go on with conversation `whole`.
    OneConversation { part: u64, whole: u64, rule: &'static str, sure: f32 },
    /// The calls of the conversation so far are those of the agent `is`.
    Speaker { conversation: u64, is: u64, name: String, rule: &'static str, sure: f32 },
    /// Work that a call of another engine passed on to this call, the first of its conversation to show it.
    Handover(Edge),
}

/// Who recorded calls of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Nodes {
    One(u64),
    Several,
}

impl Nodes {
    fn and(self, node: u64) -> Self {
        if self == Self::One(node) { self } else { Self::Several }
    }

    /// Whether one engine has seen both, and told them apart.
    fn is_one(self, other: Self) -> bool {
        self == other && self != Self::Several
    }
}

/// A map that forgets: two generations, the older of which is dropped when the younger is full.
#[derive(Debug)]
struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq, V: Copy> Recent<K, V> {
    fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&self, key: &K) -> Option<V> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    fn put(&mut self, key: K, value: V) {
        if self.young.len() >= REMEMBERED / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

/// Hears of every call once, in the order they ended.
pub struct Settler {
    engine: Engine,
    nodes: Recent<[u8; 16], Nodes>,
    /// Trace to the one it is known to be part of.
    wholes: Recent<[u8; 16], [u8; 16]>,
    /// A conversation of this engine that has calls of the trace. None: they are of several runs, which one engine has
    /// mixed up: what goes on from it says nothing about either.
    runs: Recent<[u8; 16], Option<u32>>,
    /// A conversation of this engine, and as what it was recorded first.
    talks: Recent<u64, (u64, Nodes)>,
    /// Conversations that were told to go on with another.
    told: Recent<u64, u64>,
    /// Which engine recorded a call, by the call's id.
    calls: Recent<u64, u64>,
    /// Keys that calls left of which only a trail was recorded. None: two runs left the same.
    trails: Recent<u64, Option<Owner>>,
    /// When the last call of each engine ended: its owner keeps it, and it is kept with the rest.
    pub gateways: HashMap<u64, i64>,
}

impl Default for Settler {
    fn default() -> Self {
        Self {
            engine: Engine::new(Limits::default()),
            nodes: Recent::new(),
            wholes: Recent::new(),
            runs: Recent::new(),
            talks: Recent::new(),
            told: Recent::new(),
            calls: Recent::new(),
            trails: Recent::new(),
            gateways: HashMap::new(),
        }
    }
}

impl Settler {
    /// What the engines told themselves: `part` is of `whole`.
    pub fn know(&mut self, part: [u8; 16], whole: [u8; 16]) {
        let (part, whole) = (self.whole_of(part), self.whole_of(whole));
        if part != whole {
            self.wholes.put(part, whole);
        }
    }

    /// What became known with this call.
    pub fn hear(&mut self, recorded: &Recorded<'_>) -> Vec<Settled> {
        let seen = self.nodes.get(&recorded.trace);
        self.nodes
            .put(recorded.trace, seen.map_or(Nodes::One(recorded.node), |nodes| nodes.and(recorded.node)));
        self.calls.put(recorded.arrival.id, recorded.node);
        let mut placed = self.engine.arrive(&recorded.arrival);
        placed.edges.extend(self.engine.answered(placed.call, placed.conversation, recorded.answer));
        let Some(view) = self.engine.view(placed.conversation) else { return Vec::new() };
        self.note_run(recorded.trace, placed.conversation, view.run);
        let mut settled = Vec::new();
        for learned in placed.learned {
            if let Learned::OneRun { part, whole, rule, sure } = learned {
                settled.extend(self.one_run(part, whole, rule, sure));
            }
        }
        settled.extend(self.one_run(recorded.trace, view.trace, view.run_rule, view.run_sure));
        if recorded.conversation != 0 {
            settled.extend(self.one_conversation(view.conversation, recorded));
            settled.extend(self.speaker(&view, recorded));
        }
        let taken = |edge: &Edge| edge.conversation == Some(placed.conversation);
        let edges = placed.edges.into_iter().filter(taken);
        settled.extend(edges.filter_map(|edge| self.handover(edge, recorded)));
        settled
    }

    /// A name that only another engine's calls could give.
    fn speaker(&self, view: &View, recorded: &Recorded<'_>) -> Option<Settled> {
        let (here, whole) = (self.nodes.get(&recorded.trace)?, self.nodes.get(&view.trace)?);
        let named = &view.agent_name;
        let is_made = matches!(named.rule, "prompt" | "internal" | "stated") || named.name == UNNAMED;
        if recorded.is_named || is_made || view.internal.is_some() || here.is_one(whole) {
            return None;
        }
        Some(Settled::Speaker {
            conversation: recorded.conversation,
            is: view.fingerprint,
            name: named.name.clone(),
            rule: named.rule,
            sure: named.sure * LESS_SURE,
        })
    }

    /// What one engine saw of both sides, it has recorded itself.
    fn handover(&self, mut edge: Edge, recorded: &Recorded<'_>) -> Option<Settled> {
        self.calls.get(&edge.giver.call).filter(|node| *node != recorded.node)?;
        if let Some((conversation, _)) = self.talks.get(&edge.giver.conversation) {
            edge.giver.conversation = conversation;
        }
        edge.sure *= LESS_SURE;
        Some(Settled::Handover(edge))
    }

    fn note_run(&mut self, trace: [u8; 16], conversation: u32, run: u32) {
        let is_same = |before: u32| self.engine.view(before).is_none_or(|view| view.run == run);
        let known = match self.runs.get(&trace) {
            None => Some(conversation),
            Some(before) => before.filter(|before| is_same(*before)),
        };
        self.runs.put(trace, known);
    }

    fn is_mixed(&self, trace: &[u8; 16]) -> bool {
        self.runs.get(trace).is_some_and(|run| run.is_none())
    }

    fn one_run(&mut self, part: [u8; 16], whole: [u8; 16], rule: &'static str, sure: f32) -> Option<Settled> {
        let (nodes, others) = (self.nodes.get(&part)?, self.nodes.get(&whole)?);
        if self.is_mixed(&part) || self.is_mixed(&whole) {
            return None;
        }
        let (part, whole) = (self.whole_of(part), self.whole_of(whole));
        if part == whole || nodes.is_one(others) {
            return None;
        }
        self.wholes.put(part, whole);
        Some(Settled::OneRun { part, whole, rule, sure: sure * LESS_SURE })
    }

    /// The end of the way of what is known about a trace.
    fn whole_of(&self, trace: [u8; 16]) -> [u8; 16] {
        let next = |trace: &[u8; 16]| self.wholes.get(trace);
        std::iter::successors(Some(trace), next).take(LONGEST_WAY).last().unwrap_or(trace)
    }

    fn one_conversation(&mut self, known_as: u64, recorded: &Recorded<'_>) -> Option<Settled> {
        let part = recorded.conversation;
        let Some((whole, nodes)) = self.talks.get(&known_as) else {
            self.talks.put(known_as, (part, Nodes::One(recorded.node)));
            return None;
        };
        if part == whole || nodes.is_one(Nodes::One(recorded.node)) || self.told.get(&part).is_some() {
            return None;
        }
        self.told.put(part, whole);
        Some(Settled::OneConversation { part, whole, rule: SAME_HISTORY, sure: LESS_SURE })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::scope;
    use crate::request::{Fields, Operation};

    /// Engines that each see some calls, and one that hears of all.
    struct World {
        engines: Vec<Engine>,
        settler: Settler,
        calls: u64,
        settled: Vec<Settled>,
    }

    impl World {
        fn new() -> Self {
            let engines = (0..2).map(|_| Engine::new(Limits::default())).collect();
            Self { engines, settler: Settler::default(), calls: 0, settled: Vec::new() }
        }

        /// One call at one engine: the trace and conversation it was recorded under.
        fn call(&mut self, node: usize, body: &str, answer: &str) -> ([u8; 16], u64) {
            self.calls += 1;
            let arrival = Arrival {
                scope: scope(b"team", b"key"),
                id: self.calls,
                at_us: self.calls as i64 * 1_000_000,
                operation: Operation::Generate,
                fresh_trace: u128::from(self.calls).to_be_bytes(),
                fields: Fields::of(body.as_bytes()),
                ..Arrival::default()
            };
            let answer = Answer::of_json(answer.as_bytes());
            let engine = &mut self.engines[node];
            let placed = engine.arrive(&arrival);
            engine.answered(placed.call, placed.conversation, &answer);
            let view = engine.view(placed.conversation).unwrap();
            let arrival = Arrival { fresh_trace: view.trace, ..arrival };
            let (trace, conversation) = (view.trace, view.conversation);
            let is_named = view.agent_name.rule != "prompt";
            let node = node as u64 + 1;
            let recorded = Recorded { arrival, answer: &answer, node, trace, conversation, is_named };
            self.settled.extend(self.settler.hear(&recorded));
            (trace, conversation)
        }
    }

    fn body(messages: &[(&str, &str)]) -> String {
        let messages: Vec<String> = messages
            .iter()
            .map(|(role, content)| format!(r#"{{"role":"{role}","content":"{content}"}}"#))
            .collect();
        format!(r#"{{"model":"m","messages":[{}]}}"#, messages.join(","))
    }

    fn says(text: &str) -> String {
        format!(r#"{{"choices":[{{"message":{{"role":"assistant","content":"{text}"}}}}]}}"#)
    }

    const TALK: [(&str, &str); 7] = [
        ("system", "You plan journeys by train through Korea."),
        ("user", "How do I come from Seoul to Busan on a Sunday?"),
        ("assistant", "Take the KTX at nine from Seoul station."),
        ("user", "And back on Monday in the evening?"),
        ("assistant", "The last one leaves Busan at half past ten."),
        ("user", "What do both cost together?"),
        ("assistant", "About a hundred and twenty thousand won."),
    ];

    #[test]
    fn a_talk_that_goes_to_and_fro_between_two_engines_is_one_run_and_one_conversation() {
        let mut world = World::new();
        let mut recorded = Vec::new();
        for (turn, node) in [(2, 0), (4, 1), (6, 0)] {
            recorded.push(world.call(node, &body(&TALK[..turn]), &says(TALK[turn].1)));
        }
        assert_ne!(recorded[0], recorded[1], "the second engine has not seen how it began");
        assert_eq!(recorded[0], recorded[2], "the first one has");
        let [(whole, first), (part, second), _] = recorded[..] else { unreachable!() };
        assert!(
            matches!(world.settled[..], [
            Settled::OneRun { part: p, whole: w, sure, .. },
            Settled::OneConversation { part: s, whole: f, .. },
        ] if (p, w, s, f) == (part, whole, second, first) && sure > 0.5),
            "{:?}",
            world.settled
        );
    }

    const TASK: &str = "Find the shortest road from Jeonju to the southern sea";

    /// One engine sees how a lead gives a task to a tool, the other a worker that says nothing of who it is.
    fn handed_over(world: &mut World, tool: &str, arguments: &str) -> u64 {
        let arguments = serde_json::to_string(arguments).unwrap();
        let asks = format!(
            r#"{{"id":"c9","choices":[{{"message":{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_abc123def","type":"function","function":{{"name":"{tool}","arguments":{arguments}}}}}]}}}}]}}"#
        );
        world.call(0, &body(&[("system", "You lead."), ("user", "A journey, please.")]), &asks);
        let worker = body(&[("system", "Answer in one line."), ("user", TASK)]);
        world.call(1, &worker, &says("Take the seventeen.")).1
    }

    #[test]
    fn a_name_that_another_engines_call_gives_is_settled() {
        let mut world = World::new();
        let arguments = format!(r#"{{"member_id":"road-finder","task":"{TASK}"}}"#);
        let worker = handed_over(&mut world, "delegate_task_to_member", &arguments);
        let named = world.settled.iter().find_map(|settled| match settled {
            Settled::Speaker { conversation, name, .. } => Some((*conversation, name.as_str())),
            _ => None,
        });
        assert_eq!(named, Some((worker, "road-finder")), "{:?}", world.settled);
    }

    #[test]
    fn work_passed_from_one_engines_call_to_anothers_is_settled() {
        let mut world = World::new();
        handed_over(&mut world, "look_for_roads", &format!(r#"{{"input":"{TASK}"}}"#));
        let handed = world.settled.iter().find_map(|settled| match settled {
            Settled::Handover(edge) => Some((edge.giver.call, edge.giver.conversation)),
            _ => None,
        });
        assert_eq!(handed, Some((1, 1)), "{:?}", world.settled);
    }

    #[test]
    fn a_restart_between_two_calls_changes_nothing() {
        let mut kept = World::new();
        let mut begun_anew = World::new();
        for (turn, node) in [(2, 0), (4, 1), (6, 0)] {
            for world in [&mut kept, &mut begun_anew] {
                world.call(node, &body(&TALK[..turn]), &says(TALK[turn].1));
            }
            begun_anew.settler.gateways.insert(node as u64, turn as i64);
            let mut saved = Vec::new();
            begun_anew.settler.save(&mut saved).unwrap();
            assert!(Settler::load(&saved[..saved.len() - 1]).is_none());
            begun_anew.settler = Settler::load(saved.as_slice()).unwrap();
        }
        assert_eq!(begun_anew.settled, kept.settled);
        assert!(!kept.settled.is_empty());
        assert_eq!(begun_anew.settler.gateways, HashMap::from([(0, 6), (1, 4)]));
    }

    #[test]
    fn what_one_engine_has_told_apart_stays_apart() {
        let mut world = World::new();
        let twice = [(2, 0), (4, 0), (6, 0)];
        twice.iter().for_each(|(turn, node)| {
            world.call(*node, &body(&TALK[..*turn]), &says(TALK[*turn].1));
        });
        world.call(0, &body(&[("system", "You count sheep."), ("user", "Begin.")]), &says("One."));
        assert_eq!(world.settled, []);
    }

    #[test]
    fn two_talks_at_two_engines_that_share_nothing_stay_two() {
        let mut world = World::new();
        world.call(0, &body(&TALK[..2]), &says(TALK[2].1));
        world.call(1, &body(&[("system", "You count sheep."), ("user", "Begin.")]), &says("One."));
        world.call(0, &body(&TALK[..4]), &says(TALK[4].1));
        let counting =
            [("system", "You count sheep."), ("user", "Begin."), ("assistant", "One."), ("user", "Go on.")];
        world.call(1, &body(&counting), &says("Two."));
        assert_eq!(world.settled, []);
    }

    #[test]
    fn links_never_go_in_a_circle() {
        let mut settler = Settler::default();
        settler.nodes.put([1; 16], Nodes::One(1));
        settler.nodes.put([2; 16], Nodes::One(2));
        settler.know([1; 16], [2; 16]);
        settler.know([2; 16], [1; 16]);
        assert_eq!(settler.one_run([2; 16], [1; 16], "x", 1.0), None);
        assert_eq!(settler.whole_of([1; 16]), settler.whole_of([2; 16]));
    }
}
