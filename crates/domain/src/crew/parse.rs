//! From the JSON an author wrote to a crew that may run.

use serde_json::{Map, Value};

use super::fields::{CREW, Problems, join};
use super::parse_agent::agents;
use super::parse_task::tasks;
use super::{Crew, Problem, Tool};

/// Longest run, in seconds: one week.
const LONGEST_RUN_S: u64 = 7 * 24 * 3600;

/// Checks a definition against CrewAI's rules and what this version supports. All problems are returned, not only the first.
pub fn parse(definition: &Value) -> Result<Crew, Vec<Problem>> {
    let mut problems = Problems::default();
    let Value::Object(object) = definition else {
        problems.add("config", "must be an object with `agents` and `tasks`");
        return Err(problems.0);
    };
    problems.check_fields("", object, &CREW);
    check_process(object, &mut problems);
    let agents = agents(object, &mut problems);
    let tasks = tasks(object, &agents, &mut problems);
    let crew = Crew {
        name: problems.optional_name("", object, "name"),
        inputs: inputs(object, &mut problems),
        max_execution_time_s: problems.whole_number("", object, "max_execution_time", 1..=LONGEST_RUN_S),
        agents,
        tasks,
    };
    if problems.0.is_empty() { Ok(crew) } else { Err(problems.0) }
}

fn check_process(object: &Map<String, Value>, problems: &mut Problems) {
    match object.get("process") {
        None | Some(Value::Null) => {}
        Some(Value::String(process)) if process == "sequential" => {}
        Some(Value::String(process)) if process == "hierarchical" => {
            problems.add("process", "`hierarchical` is not supported by the runner yet; use `sequential`");
        }
        Some(_) => problems.add("process", "must be `sequential`"),
    }
}

fn inputs(object: &Map<String, Value>, problems: &mut Problems) -> Map<String, Value> {
    match object.get("inputs") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(inputs)) => inputs.clone(),
        Some(_) => {
            problems.add("inputs", "must be an object of placeholder names and their default values");
            Map::new()
        }
    }
}

/// A list of tool names, at `at.tools`. Each tool once.
pub(super) fn tools(at: &str, object: &Map<String, Value>, problems: &mut Problems) -> Vec<Tool> {
    let field = join(at, "tools");
    let items = match object.get("tools") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            problems.add(field, "must be a list of tool names");
            return Vec::new();
        }
    };
    let mut tools = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        match item.as_str().and_then(Tool::from_name) {
            Some(tool) if tools.contains(&tool) => {}
            Some(tool) => tools.push(tool),
            None => {
                let names: Vec<_> = Tool::ALL.iter().map(|tool| tool.name()).collect();
                problems.add(
                    format!("{field}[{position}]"),
                    format!("is not a tool AOP has; there are: {}", names.join(", ")),
                );
            }
        }
    }
    tools
}
