//! Settling: several engines have each seen some of the calls of a key, and each took what it could not see for something
//! new. One that hears of all calls afterwards says which of their runs, and which of their conversations, are one.
//!
//! What one engine told apart by itself stays apart: it knew more of these calls (their connection, their retries) than is
//! known afterwards.

use std::collections::HashMap;
use std::hash::Hash;

use crate::answer::Answer;
use crate::engine::{Arrival, Engine, Learned, Limits};

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
}

/// Something that no engine could know alone.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The calls of trace `part` belong to trace `whole`.
    OneRun { part: [u8; 16], whole: [u8; 16], rule: &'static str, sure: f32 },
    /// The calls of conversation `part` go on with conversation `whole`.
    OneConversation { part: u64, whole: u64, rule: &'static str, sure: f32 },
}

/// Who recorded calls of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let placed = self.engine.arrive(&recorded.arrival);
        self.engine.answered(placed.call, placed.conversation, recorded.answer);
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
        }
        settled
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
            let recorded = Recorded { arrival, answer: &answer, node: node as u64 + 1, trace, conversation };
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
