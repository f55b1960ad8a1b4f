//! Agents of a definition: a list of objects, or an object of them by name.

use serde_json::{Map, Value};

use super::fields::{AGENT, LLM_PARAMS, Problems, join};
use super::parse::tools;
use super::{Agent, DEFAULT_MAX_ITER, LONGEST_NAME_BYTES, Llm, MOST_AGENTS};

const MOST_ITERATIONS: u64 = 200;
const LONGEST_TASK_S: u64 = 24 * 3600;

pub(super) fn agents(crew: &Map<String, Value>, problems: &mut Problems) -> Vec<Agent> {
    let agents: Vec<Agent> = match crew.get("agents") {
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(at, item)| agent(&format!("agents[{at}]"), None, item, problems))
            .collect(),
        Some(Value::Object(by_name)) => by_name
            .iter()
            .map(|(name, item)| agent(&format!("agents.{name}"), Some(name), item, problems))
            .collect(),
        Some(_) => {
            problems.add("agents", "must be a list of agents, or an object of agents by name");
            return Vec::new();
        }
        None => Vec::new(),
    };
    if agents.is_empty() {
        problems.add("agents", "a crew needs at least one agent");
    }
    if agents.len() > MOST_AGENTS {
        problems.add("agents", format!("has {} agents; at most {MOST_AGENTS} are allowed", agents.len()));
    }
    for (position, agent) in agents.iter().enumerate() {
        if !agent.name.is_empty() && agents[..position].iter().any(|earlier| earlier.name == agent.name) {
            problems.add(
                format!("agents[{position}].name"),
                format!("'{}' is already the name of another agent", agent.name),
            );
        }
    }
    agents
}

fn agent(at: &str, key: Option<&str>, item: &Value, problems: &mut Problems) -> Agent {
    let empty = Map::new();
    let object = item.as_object().unwrap_or_else(|| {
        problems.add(at, "must be an object with role, goal, backstory and llm");
        &empty
    });
    problems.check_fields(at, object, &AGENT);
    let role = problems.text(at, object, "role", LONGEST_NAME_BYTES);
    let name = problems
        .optional_name(at, object, "name")
        .or_else(|| key.map(str::to_owned))
        .unwrap_or_else(|| role.clone());
    Agent {
        name,
        role,
        goal: problems.prompt(at, object, "goal"),
        backstory: problems.prompt(at, object, "backstory"),
        llm: llm(at, object, problems),
        tools: tools(at, object, problems),
        max_iter: problems
            .whole_number(at, object, "max_iter", 1..=MOST_ITERATIONS)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(DEFAULT_MAX_ITER),
        max_execution_time_s: problems.whole_number(at, object, "max_execution_time", 1..=LONGEST_TASK_S),
    }
}

/// `llm` (CrewAI's name) or `model`: a model name, or an object of a model and its request fields.
fn llm(at: &str, object: &Map<String, Value>, problems: &mut Problems) -> Llm {
    let name = if object.contains_key("llm") { "llm" } else { "model" };
    if name == "llm" && object.contains_key("model") {
        problems.add(join(at, "model"), "says the same as `llm`; keep one of the two");
    }
    match object.get(name) {
        Some(Value::Object(fields)) => llm_object(&join(at, name), fields, problems),
        Some(Value::String(_)) => {
            Llm { model: problems.text(at, object, name, LONGEST_NAME_BYTES), params: Map::new() }
        }
        None => {
            problems.add(join(at, "llm"), "is required: the name of a model of this gateway");
            Llm { model: String::new(), params: Map::new() }
        }
        Some(_) => {
            problems.add(join(at, name), "must be a model name, or an object with `model`");
            Llm { model: String::new(), params: Map::new() }
        }
    }
}

fn llm_object(at: &str, fields: &Map<String, Value>, problems: &mut Problems) -> Llm {
    let mut params = Map::new();
    for (name, value) in fields {
        match name.as_str() {
            "model" => {}
            "base_url" | "api_base" | "api_key" | "default_headers" | "extra_headers" => {
                problems.add(
                    join(at, name),
                    "is not allowed: every model call of a run goes through the gateway with its own key",
                );
            }
            known if LLM_PARAMS.contains(&known) && value.is_null() => {}
            known if LLM_PARAMS.contains(&known) => {
                params.insert(name.clone(), value.clone());
            }
            _ => problems.add(
                join(at, name),
                format!("is not supported; a model may have: {}", LLM_PARAMS.join(", ")),
            ),
        }
    }
    Llm { model: problems.text(at, fields, "model", LONGEST_NAME_BYTES), params }
}
