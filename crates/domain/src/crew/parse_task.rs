//! Tasks of a definition, in the order they run.

use serde_json::{Map, Value};

use super::fields::{Problems, TASK, join};
use super::parse::tools;
use super::{Agent, Context, MOST_TASKS, Task};

pub(super) fn tasks(crew: &Map<String, Value>, agents: &[Agent], problems: &mut Problems) -> Vec<Task> {
    let items = match crew.get("tasks") {
        Some(Value::Array(items)) => items.as_slice(),
        Some(_) => {
            problems.add("tasks", "must be a list of tasks, in the order they run");
            return Vec::new();
        }
        None => &[],
    };
    if items.is_empty() {
        problems.add("tasks", "a crew needs at least one task");
    }
    if items.len() > MOST_TASKS {
        problems.add("tasks", format!("has {} tasks; at most {MOST_TASKS} are allowed", items.len()));
        return Vec::new();
    }
    let mut tasks: Vec<Task> = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let task = task(position, item, agents, &tasks, problems);
        if tasks.iter().any(|earlier| earlier.name == task.name) {
            problems.add(
                format!("tasks[{position}].name"),
                format!("'{}' is already the name of another task", task.name),
            );
        }
        tasks.push(task);
    }
    tasks
}

fn task(position: usize, item: &Value, agents: &[Agent], earlier: &[Task], problems: &mut Problems) -> Task {
    let at = format!("tasks[{position}]");
    let empty = Map::new();
    let object = item.as_object().unwrap_or_else(|| {
        problems.add(&at, "must be an object with description, expected_output and agent");
        &empty
    });
    problems.check_fields(&at, object, &TASK);
    let agent = agent(&at, object, agents, problems);
    let own_tools = tools(&at, object, problems);
    Task {
        name: problems.optional_name(&at, object, "name").unwrap_or_else(|| format!("task_{}", position + 1)),
        description: problems.prompt(&at, object, "description"),
        expected_output: problems.prompt(&at, object, "expected_output"),
        context: context(&at, object, earlier, problems),
        tools: if own_tools.is_empty() {
            agents.get(agent).map(|agent| agent.tools.clone()).unwrap_or_default()
        } else {
            own_tools
        },
        agent,
    }
}

/// An agent is called by its name; its role is understood too.
fn agent(at: &str, object: &Map<String, Value>, agents: &[Agent], problems: &mut Problems) -> usize {
    let field = join(at, "agent");
    let Some(name) = object.get("agent").and_then(Value::as_str) else {
        problems.add(field, "is required: in a sequential crew every task names its agent");
        return 0;
    };
    let by_name = agents.iter().position(|agent| agent.name == name);
    by_name.or_else(|| agents.iter().position(|agent| agent.role == name)).unwrap_or_else(|| {
        problems.add(field, format!("'{name}' is not an agent of this crew"));
        0
    })
}

/// CrewAI's rule: not written means all outputs so far; `null` and `[]` mean none.
fn context(at: &str, object: &Map<String, Value>, earlier: &[Task], problems: &mut Problems) -> Context {
    let field = join(at, "context");
    let items = match object.get("context") {
        None => return Context::AllEarlier,
        Some(Value::Null) => return Context::Only(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => {
            problems.add(field, "must be a list of names of earlier tasks");
            return Context::AllEarlier;
        }
    };
    let mut positions = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        match item.as_str().and_then(|name| earlier.iter().position(|task| task.name == name)) {
            Some(position) => positions.push(position),
            None => problems.add(format!("{field}[{number}]"), "is not the name of an earlier task"),
        }
    }
    Context::Only(positions)
}
