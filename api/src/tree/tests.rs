//! Runs as they are recorded, and the trees that are made of them.
#![allow(clippy::unwrap_used)]

use aop_clickhouse::runs::{AgentLink, Handover as Stored, Parts, RunCall, Shape};
use aop_clickhouse::traces::{Span, Trace, TraceSummary};
use aop_domain::correction::{Condition, CorrectionKind, Corrections, Rule};
use aop_domain::id::{CallId, CorrectionId};
use aop_identity::named_fingerprint;
use uuid::Uuid;

use super::{Records, Run, build, diff};
use crate::wire::diff::TraceDiff;
use crate::wire::tree::{AgentKind, NodeKind, Passing, hex};

mod compared;

const SECOND_US: i64 = 1_000_000;

/// What is recorded of a run, with a call a second.
#[derive(Default)]
struct World {
    calls: Vec<RunCall>,
    spans: Vec<Span>,
    handovers: Vec<Stored>,
    links: Vec<AgentLink>,
    shapes: Vec<Shape>,
    rules: Vec<Rule<CorrectionId>>,
}

impl World {
    /// A call by an agent that was found by its prompt, in a conversation.
    fn call(&mut self, agent: &str, conversation: u64) -> &mut RunCall {
        let number = self.calls.len() as u64 + 1;
        self.calls.push(RunCall {
            call_id: Uuid::from_u128(u128::from(number)).to_string(),
            started_at_us: number as i64 * SECOND_US,
            duration_us: 500_000,
            span: number,
            agent: agent.to_owned(),
            conversation,
            agent_fingerprint: named_fingerprint(agent),
            prompt_fingerprint: 7,
            found_agent: agent.to_owned(),
            found_rule: "prompt:crewai_role".to_owned(),
            found_confidence: 97,
            run_rule: "same_history".to_owned(),
            run_confidence: 80,
            trace_source: "inferred".to_owned(),
            model: "sim".to_owned(),
            status: "ok".to_owned(),
            input_tokens: 100,
            output_tokens: 10,
            cost: 1_000_000_000,
            cost_known: true,
            input_preview: format!("ask {number}"),
            ..RunCall::default()
        });
        self.calls.last_mut().unwrap()
    }

    fn internal(&mut self, kind: &str) -> &mut RunCall {
        let call = self.call(&format!("<{kind}>"), 900 + self.calls.len() as u64);
        kind.clone_into(&mut call.internal);
        call
    }

    fn corrected(&mut self, kind: CorrectionKind, agent: u64, to_agent: u64, name: &str) {
        let id = CorrectionId(Uuid::from_u128(self.rules.len() as u128 + 1));
        self.rules.push(Rule { id, kind, agent, condition: None, to_agent, name: name.to_owned() });
    }

    fn handover(&mut self, from: u64, target: &str) -> &mut Stored {
        let from_call = &self.calls[from as usize - 1];
        self.handovers.push(Stored {
            shown_at_us: from_call.started_at_us,
            from_span: from,
            from_conversation: from_call.conversation,
            from_agent: from_call.agent_fingerprint,
            target: target.to_owned(),
            passing: "delegate".to_owned(),
            rule: "tool".to_owned(),
            confidence: 95,
            ..Stored::default()
        });
        self.handovers.last_mut().unwrap()
    }

    fn step(&mut self, id: u64, parent: u64, span_type: &str, name: &str) -> &mut Span {
        self.spans.push(Span {
            span_id: hex(id),
            parent_span_id: if parent == 0 { String::new() } else { hex(parent) },
            span_type: span_type.to_owned(),
            name: name.to_owned(),
            status: "completed".to_owned(),
            started_at_us: SECOND_US / 2,
            ended_at_us: 90 * SECOND_US,
            ..span()
        });
        self.spans.last_mut().unwrap()
    }

    fn run(&self) -> Run {
        self.with_records(build)
    }

    fn with_records<T>(&self, read: impl FnOnce(&Records<'_>) -> T) -> T {
        let parts = Parts { traces: vec![[1; 16]], rule: String::new(), confidence: 0 };
        let trace = Trace { summary: summary(), parts, spans: self.spans.clone(), truncated: false };
        read(&Records {
            trace: &trace,
            calls: &self.calls,
            handovers: &self.handovers,
            links: &self.links,
            shapes: &self.shapes,
            corrections: &Corrections::new(self.rules.clone()),
        })
    }

    fn diff(&self, other: &Self) -> TraceDiff {
        self.diff_knowing(other, &[])
    }

    fn diff_knowing(&self, other: &Self, known: &[(CallId, CallId)]) -> TraceDiff {
        self.with_records(|one| other.with_records(|other| diff(one, other, known)))
    }
}

fn summary() -> TraceSummary {
    let nothing = String::new;
    TraceSummary {
        trace_id: "01".repeat(16),
        started_at_us: SECOND_US,
        last_seen_us: 99 * SECOND_US,
        name: "sim".to_owned(),
        root_type: "llm_call".to_owned(),
        status: "completed".to_owned(),
        spans: 0,
        errors: 0,
        calls: 0,
        input_tokens: 0,
        output_tokens: 0,
        cost: nothing(),
        cost_known_calls: 0,
        agents: Vec::new(),
        models: Vec::new(),
        session_id: nothing(),
        execution_id: nothing(),
        crew: nothing(),
    }
}

fn span() -> Span {
    let nothing = String::new;
    Span {
        span_id: nothing(),
        parent_span_id: nothing(),
        span_type: nothing(),
        name: nothing(),
        status: nothing(),
        source: "runner".to_owned(),
        started_at_us: 0,
        ended_at_us: 0,
        session_id: nothing(),
        execution_id: nothing(),
        crew: nothing(),
        task: nothing(),
        agent: nothing(),
        parent_agent: nothing(),
        call_id: nothing(),
        provider: nothing(),
        model: nothing(),
        input_tokens: 0,
        output_tokens: 0,
        cost: None,
        first_token_us: 0,
        inputs: nothing(),
        outputs: nothing(),
        error_code: nothing(),
        error_message: nothing(),
        attributes: std::collections::BTreeMap::new(),
    }
}

/// The tree as indented lines: kind, name.
fn drawn(run: &Run) -> Vec<String> {
    let line = |node: &crate::wire::tree::Node| {
        let kind = format!("{:?}", node.kind).to_lowercase();
        let name = node.name.as_deref().unwrap_or("-");
        format!("{}{kind} {name}", "  ".repeat(node.depth as usize))
    };
    run.nodes.iter().map(line).collect()
}

#[test]
fn a_run_that_stated_nothing_is_a_tree_of_agents_their_tasks_and_their_calls() {
    let mut world = World::default();
    world.call("Researcher", 10);
    world.call("Writer", 20);
    world.call("Researcher", 10).status = "upstream_error".to_owned();
    world.call("Researcher", 11).cost_known = false;
    let run = world.run();
    assert_eq!(
        drawn(&run),
        [
            "run sim",
            "  agent Researcher",
            "    task ask 1",
            "      call sim",
            "      call sim",
            "    task ask 4",
            "      call sim",
            "  agent Writer",
            "    task ask 2",
            "      call sim",
        ]
    );
    let totals = &run.nodes[0].totals;
    assert_eq!((totals.calls, totals.errors, totals.input_tokens), (4, 1, 400));
    assert_eq!((totals.cost.as_str(), totals.unknown_cost_calls), ("0.003", 1));
    let researcher = &run.nodes[1];
    assert_eq!((researcher.totals.calls, researcher.totals.cost.as_str()), (3, "0.002"));
    let task = &run.nodes[2];
    assert_eq!((task.status.as_str(), task.duration_us), ("failed", Some(2_500_000)));
    let why = task.found.run.as_ref().unwrap();
    assert_eq!((why.rule.as_str(), why.confidence, why.source.as_str()), ("same_history", 0.8, "inferred"));
    let how = researcher.found.agent.as_ref().unwrap();
    assert_eq!((how.rule.as_str(), how.confidence), ("prompt:crewai_role", 0.97));
    for node in &run.nodes[1..] {
        assert!(run.nodes.iter().any(|other| Some(&other.id) == node.parent.as_ref()), "{}", node.id);
    }
}

#[test]
fn steps_that_were_stated_keep_the_place_they_stated() {
    let mut world = World::default();
    world.step(100, 0, "crew", "News crew");
    world.step(101, 100, "task", "Find");
    world.step(102, 101, "agent", "Researcher");
    world.step(103, 102, "tool", "search").status = "failed".to_owned();
    world.call("Researcher", 0).parent_span = 102;
    world.call("Auditor", 30).parent_span = 100;
    world.call("Stranger", 40);
    let run = world.run();
    assert_eq!(
        drawn(&run),
        [
            "run sim",
            "  span News crew",
            "    task Find",
            "      agent Researcher",
            "        span search",
            "        call sim",
            "    agent Auditor",
            "      task ask 2",
            "        call sim",
            "  agent Stranger",
            "    task ask 3",
            "      call sim",
        ]
    );
    assert_eq!((run.nodes[0].totals.calls, run.nodes[0].totals.errors), (3, 1));
    let names: Vec<_> = run.agents.iter().map(|agent| agent.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Researcher", "Auditor", "Stranger"]);
    assert_eq!(run.nodes[3].agent.as_deref(), Some(run.agents[0].agent.as_str()));
}

#[test]
fn steps_that_state_each_other_as_parents_are_shown_once_each() {
    let mut world = World::default();
    world.step(100, 101, "crew", "one");
    world.step(101, 100, "crew", "other");
    world.step(102, 102, "crew", "itself");
    world.call("A", 1).parent_span = 101;
    let run = world.run();
    assert_eq!(run.nodes.len(), 1 + 3 + 3);
    assert_eq!(run.nodes[0].totals.calls, 1);
}

#[test]
fn a_frameworks_own_call_hangs_under_the_agent_it_serves_and_costs_it() {
    let mut world = World::default();
    world.call("Researcher", 10);
    world.internal("memory");
    world.internal("selector");
    world.internal("count_tokens");
    world.call("Writer", 20);
    world.internal("guardrail").parent_conversation = 10;
    let run = world.run();
    assert_eq!(
        drawn(&run),
        [
            "run sim",
            "  agent Researcher",
            "    task ask 1",
            "      call sim",
            "    task memory",
            "      call sim",
            "    task guardrail",
            "      call sim",
            "  agent -",
            "    task selector",
            "      call sim",
            "  agent Writer",
            "    task count_tokens",
            "      call sim",
            "    task ask 5",
            "      call sim",
        ]
    );
    let researcher = &run.agents[0];
    assert_eq!((researcher.totals.calls, researcher.totals.internal_calls), (3, 2));
    assert_eq!(researcher.totals.cost, "0.003");
    let kinds: Vec<_> = researcher.internals.iter().map(|one| (one.kind.as_str(), one.calls)).collect();
    assert_eq!(kinds, [("guardrail", 1), ("memory", 1)]);
    assert_eq!(run.agents[1].kind, AgentKind::Framework);
    let serves = |name: &str| {
        let node = run.nodes.iter().find(|node| node.internal.as_deref() == Some(name)).unwrap();
        node.found.serves.as_ref().unwrap().rule.clone()
    };
    assert_eq!(serves("memory"), "last_spoke");
    assert_eq!(serves("guardrail"), "same_run_parent");
    assert_eq!(serves("count_tokens"), "next_to_speak");
}

#[test]
fn an_agent_that_became_known_later_is_one_agent_all_along() {
    let mut world = World::default();
    let unnamed = world.call("", 10);
    unnamed.agent_fingerprint = 555;
    unnamed.found_rule = String::new();
    unnamed.found_confidence = 0;
    world.call("Bob", 10);
    let other_key = world.call("", 30);
    other_key.agent_fingerprint = 555;
    other_key.key_id = [9; 16];
    world.links.push(AgentLink {
        until_us: 2 * SECOND_US,
        was: 555,
        is: named_fingerprint("Bob"),
        name: "Bob".to_owned(),
        rule: "message_name".to_owned(),
        confidence: 96,
        ..AgentLink::default()
    });
    let run = world.run();
    assert_eq!(run.agents.len(), 2, "another key's agent of this fingerprint is not Bob");
    assert_eq!((run.agents[0].name.as_deref(), run.agents[0].totals.calls), (Some("Bob"), 2));
    assert_eq!(run.nodes[3].found.agent.as_ref().unwrap().rule, "united");
    assert_eq!(run.agents[1].name, None);
}

#[test]
fn a_hand_over_leads_to_the_first_call_of_whoever_took_over() {
    let mut world = World::default();
    world.call("Triage", 10);
    world.call("Order Agent", 20);
    world.handover(1, "order_agent").passing = "transfer".to_owned();
    world.handover(1, "nobody");
    world.call("Triage", 10);
    world.handover(3, "order_agent").passing = "transfer".to_owned();
    world.call("Order Agent", 20);
    let run = world.run();
    let told: Vec<_> = run
        .handovers
        .iter()
        .map(|one| (one.to_name.as_str(), one.passing, one.to_span_id.as_deref().map(|id| id.to_owned())))
        .collect();
    assert_eq!(
        told,
        [
            ("order_agent", Passing::Transfer, Some(hex(2))),
            ("nobody", Passing::Delegate, None),
            ("order_agent", Passing::Transfer, Some(hex(4))),
        ]
    );
    let edges = super::edges(&run.handovers);
    assert_eq!(edges.iter().map(|edge| edge.count).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((edges[0].confidence, edges[0].found[0].rule.as_str()), (0.95, "tool"));
    let absent = run.agents.last().unwrap();
    assert_eq!((absent.name.as_deref(), absent.kind), (Some("nobody"), AgentKind::Absent));
    assert!(run.handovers.iter().all(|one| run.agents.iter().any(|agent| agent.agent == one.to)));
}

#[test]
fn what_a_tool_announced_counts_by_the_one_who_then_appeared() {
    let mut world = World::default();
    world.call("Lead", 10);
    world.call("Web Worker", 20).parent_conversation = 10;
    world.handover(1, "web");
    let shown = world.handover(1, "web");
    (shown.to_span, shown.to_conversation, shown.rule) = (2, 20, "task_text".to_owned());
    // Called by a name that is not its own: the conversation that goes on from this one took over.
    world.call("Lead", 10);
    world.call("Tax Expert", 30).parent_conversation = 10;
    world.handover(3, "member_7");
    let run = world.run();
    let told: Vec<_> =
        run.handovers.iter().map(|one| (one.found.rule.as_str(), one.to_span_id.clone().unwrap())).collect();
    assert_eq!(told, [("task_text", hex(2)), ("tool", hex(4))]);
    assert!(run.agents.iter().all(|agent| agent.kind == AgentKind::Agent));
}

#[test]
fn a_parent_that_a_caller_stated_is_a_hand_over_when_none_was_found() {
    let mut world = World::default();
    world.call("Boss", 0);
    for _ in 0..2 {
        let call = world.call("Helper", 0);
        call.parent_agent = "Boss".to_owned();
        call.parent_agent_source = "aop_header".to_owned();
    }
    let run = world.run();
    assert_eq!(run.handovers.len(), 1);
    let one = &run.handovers[0];
    assert_eq!(
        (one.passing, one.found.source.as_str(), one.found.confidence),
        (Passing::Stated, "aop_header", 1.0)
    );
    assert_eq!(
        (one.from_span_id.as_deref(), one.to_span_id.as_deref()),
        (Some(hex(1).as_str()), Some(hex(2).as_str()))
    );
}

#[test]
fn corrections_rename_merge_and_split_and_nothing_else_changes() {
    let mut world = World::default();
    world.call("researcher", 10);
    world.call("worker", 20);
    let other = world.call("researcher", 30);
    other.prompt_fingerprint = 8;
    world.handover(1, "worker");
    let before = world.run();
    let (researcher, worker) = (named_fingerprint("researcher"), named_fingerprint("worker"));
    world.corrected(CorrectionKind::Rename, researcher, researcher, "Head of Research");
    world.corrected(CorrectionKind::Split, researcher, named_fingerprint("Reader"), "Reader");
    world.rules[1].condition = Some(Condition::Prompt(8));
    let run = world.run();
    let names: Vec<_> = run.agents.iter().map(|agent| agent.name.clone().unwrap()).collect();
    assert_eq!(names, ["Head of Research", "worker", "Reader"]);
    assert_eq!(run.agents[0].agent, before.agents[0].agent, "a rename keeps the agent's key");
    assert_eq!(run.agents[0].fingerprints, [hex(researcher)]);
    assert_eq!((run.agents[0].found.rule.as_str(), run.agents[0].found.confidence), ("corrected", 1.0));
    assert_eq!(run.agents[2].fingerprints, [hex(researcher)]);
    assert_eq!(run.handovers.len(), 1);
    assert_eq!(run.nodes[0].totals, before.nodes[0].totals);

    world.corrected(CorrectionKind::Merge, worker, researcher, "researcher");
    let run = world.run();
    let names: Vec<_> = run.agents.iter().map(|agent| agent.name.clone().unwrap()).collect();
    assert_eq!(names, ["Head of Research", "Reader"]);
    assert_eq!(run.agents[0].correction_ids.len(), 2);
    assert!(run.handovers.is_empty(), "work that an agent passes to itself is no hand-over");
}

#[test]
fn the_kinds_of_lines_are_those_of_the_contract() {
    let mut world = World::default();
    world.call("", 0).agent_fingerprint = 0;
    world.calls[0].run_rule = String::new();
    let run = world.run();
    let kinds: Vec<_> = run.nodes.iter().map(|node| node.kind).collect();
    assert_eq!(kinds, [NodeKind::Run, NodeKind::Agent, NodeKind::Call]);
    assert_eq!((run.agents[0].kind, run.agents[0].agent.as_str()), (AgentKind::Unknown, "0000000000000000"));
    assert!(run.agents[0].fingerprints.is_empty());
    assert_eq!(run.found.source, "generated");
}
