//! A crew's definition is accepted or refused for a stated reason, by CrewAI's rules and this version's limits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aop_domain::crew::{Context, DEFAULT_MAX_ITER, Tool, parse};
use serde_json::{Map, Value, json};

fn two_tasks() -> Value {
    json!({
        "agents": [
            {"name": "a", "role": "Reader of {topic}", "goal": "g", "backstory": "b", "llm": "m", "tools": ["calculator", "http_request", "calculator"]},
            {"role": "Writer", "goal": "g", "backstory": "b", "llm": {"model": "n", "temperature": 0.2, "seed": null}, "max_iter": 3}
        ],
        "tasks": [
            {"description": "read {topic}", "expected_output": "e", "agent": "a"},
            {"name": "write", "description": "d", "expected_output": "e", "agent": "Writer"}
        ]
    })
}

/// The definition with the value at a JSON pointer replaced (or added).
fn with(pointer: &str, value: Value) -> Value {
    let mut definition = two_tasks();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    definition.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
    definition
}

fn only_problem(definition: &Value) -> String {
    let problems = parse(definition).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

#[test]
fn a_plain_crew_is_read_with_crewais_defaults() {
    let crew = parse(&two_tasks()).unwrap();
    assert_eq!(crew.agents[0].max_iter, DEFAULT_MAX_ITER);
    assert_eq!(crew.agents[0].tools, [Tool::Calculator, Tool::HttpRequest]);
    assert_eq!(crew.agents[1].name, "Writer");
    assert_eq!(crew.agents[1].llm.params, json!({"temperature": 0.2}).as_object().unwrap().clone());
    assert_eq!(crew.tasks[0].name, "task_1");
    assert_eq!(
        crew.tasks[0].tools,
        [Tool::Calculator, Tool::HttpRequest],
        "a task without tools has its agent's"
    );
    assert_eq!(crew.tasks[1].context, Context::AllEarlier);
    assert_eq!(crew.tasks[1].agent, 1);
}

#[test]
fn agents_may_be_written_by_name_as_crewai_does() {
    let mut definition = two_tasks();
    let agents = definition["agents"].as_array().unwrap().clone();
    definition["agents"] = json!({"a": agents[0], "second": agents[1]});
    definition["tasks"][1]["agent"] = json!("second");
    let crew = parse(&definition).unwrap();
    assert_eq!(crew.agents[1].name, "second");
    assert_eq!(crew.tasks[1].agent, 1);
}

#[test]
fn an_unwritten_context_is_everything_and_an_empty_one_is_nothing() {
    assert_eq!(parse(&with("/tasks/1/context", json!([]))).unwrap().tasks[1].context, Context::Only(vec![]));
    assert_eq!(
        parse(&with("/tasks/1/context", Value::Null)).unwrap().tasks[1].context,
        Context::Only(vec![])
    );
    assert_eq!(
        parse(&with("/tasks/1/context", json!(["task_1"]))).unwrap().tasks[1].context,
        Context::Only(vec![0])
    );
    assert!(
        only_problem(&with("/tasks/1/context", json!(["write"]))).starts_with("tasks[1].context[0]: "),
        "a task is not earlier than itself"
    );
}

#[test]
fn what_is_not_supported_is_refused_by_name_unless_it_is_off() {
    for (pointer, on, field) in [
        ("/process", json!("hierarchical"), "process"),
        ("/memory", json!(true), "memory"),
        ("/manager_llm", json!("gpt"), "manager_llm"),
        ("/agents/0/allow_delegation", json!(true), "agents[0].allow_delegation"),
        ("/agents/1/max_rpm", json!(3), "agents[1].max_rpm"),
        ("/tasks/0/async_execution", json!(true), "tasks[0].async_execution"),
        ("/tasks/1/human_input", json!(true), "tasks[1].human_input"),
        ("/tasks/1/guardrail", json!("be nice"), "tasks[1].guardrail"),
    ] {
        let problem = only_problem(&with(pointer, on));
        assert!(problem.starts_with(&format!("{field}: ")) && problem.contains("not supported"), "{problem}");
    }
    for (pointer, off) in [
        ("/memory", json!(false)),
        ("/agents/0/allow_delegation", json!(false)),
        ("/tasks/0/async_execution", json!(false)),
        ("/tasks/0/guardrail", Value::Null),
        ("/agents/0/verbose", json!(true)),
    ] {
        parse(&with(pointer, off)).unwrap();
    }
}

#[test]
fn mistakes_are_named_by_field() {
    for (pointer, value, start) in [
        ("/agnets", json!([]), "agnets: is not a field"),
        ("/agents/0/rolle", json!("x"), "agents[0].rolle: is not a field"),
        ("/agents/0/role", json!("  "), "agents[0].role: must not be empty"),
        ("/agents/0/goal", json!(7), "agents[0].goal: must be a text"),
        ("/agents/0/max_iter", json!(0), "agents[0].max_iter: must be a whole number"),
        ("/agents/0/tools", json!(["shell"]), "agents[0].tools[0]: is not a tool"),
        ("/agents/1/name", json!("a"), "agents[1].name: 'a' is already"),
        (
            "/agents/1/llm",
            json!({"model": "m", "base_url": "http://x"}),
            "agents[1].llm.base_url: is not allowed",
        ),
        ("/tasks/0/agent", json!("nobody"), "tasks[0].agent: 'nobody' is not an agent"),
        ("/tasks/0/name", json!("write"), "tasks[1].name: 'write' is already"),
        ("/tasks/0/description", json!("x".repeat(70_000)), "tasks[0].description: is 70000 bytes"),
        ("/tasks", json!([]), "tasks: a crew needs at least one task"),
        ("/inputs", json!([1]), "inputs: must be an object"),
    ] {
        let problem = only_problem(&with(pointer, value));
        assert!(problem.starts_with(start), "{problem}");
    }
    let problems = parse(&json!({"agents": [], "tasks": "none"})).unwrap_err();
    assert_eq!(problems.len(), 2, "all problems at once: {problems:?}");
    assert!(parse(&json!(3)).is_err());
}

#[test]
fn every_agent_says_its_model() {
    let mut definition = two_tasks();
    definition["agents"][0].as_object_mut().unwrap().remove("llm");
    assert!(only_problem(&definition).starts_with("agents[0].llm: is required"));
}

#[test]
fn inputs_of_a_run_win_over_defaults_and_a_missing_one_is_named() {
    let crew = parse(&with("/inputs", json!({"topic": "sun"}))).unwrap();
    assert_eq!(crew.interpolate(&Map::new()).unwrap().agents[0].role, "Reader of sun");
    let wind = json!({"topic": "wind"}).as_object().unwrap().clone();
    assert_eq!(crew.interpolate(&wind).unwrap().tasks[0].description, "read wind");

    let bare = parse(&two_tasks()).unwrap();
    assert_eq!(
        bare.interpolate(&Map::new()).unwrap().tasks[0].description,
        "read {topic}",
        "no inputs at all: nothing is replaced"
    );
    let other = json!({"year": 2026}).as_object().unwrap().clone();
    let problems = bare.interpolate(&other).unwrap_err();
    assert_eq!(problems[0].field, "inputs.topic");
}
