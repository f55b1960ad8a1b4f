//! What a crew is: agents, tasks and the process that joins them, as CrewAI means them (R1, R2).
//!
//! A crew is stored as the JSON its author wrote; `parse` turns that into the checked types below or into the full list of
//! what is wrong, each problem naming its field. A field this version cannot honour is refused, never ignored.
//! `Crew::interpolate` fills `{placeholder}`s from the inputs of one run.

use serde_json::{Map, Value};

mod demo;
mod fields;
mod interpolate;
mod parse;
mod parse_agent;
mod parse_task;

pub use demo::{Demo, demo};
pub use parse::parse;

/// LLM turns an agent may take for one task before it is made to answer.
pub const DEFAULT_MAX_ITER: u32 = 25;
pub const MOST_AGENTS: usize = 50;
pub const MOST_TASKS: usize = 100;
/// Bounds of a name (agent, task, model), in bytes.
pub const LONGEST_NAME_BYTES: usize = 200;
/// Bounds of a prompt text (goal, backstory, description, expected output), in bytes.
pub const LONGEST_TEXT_BYTES: usize = 64 * 1024;

/// A crew that may run: every reference is resolved, every text is within its bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Crew {
    /// The name inside the definition, when its author put one there.
    pub name: Option<String>,
    pub agents: Vec<Agent>,
    /// In the order they run.
    pub tasks: Vec<Task>,
    /// Defaults; a run's own inputs win.
    pub inputs: Map<String, Value>,
    /// Seconds for the whole run; `None` takes the runner's own limit.
    pub max_execution_time_s: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// What tasks call it by; the role when its author gave none.
    pub name: String,
    pub role: String,
    pub goal: String,
    pub backstory: String,
    pub llm: Llm,
    pub tools: Vec<Tool>,
    pub max_iter: u32,
    /// Seconds for one task of this agent.
    pub max_execution_time_s: Option<u64>,
}

/// The model an agent calls (by the gateway's route name) and the request fields that go with it, such as `temperature`.
#[derive(Debug, Clone, PartialEq)]
pub struct Llm {
    pub model: String,
    pub params: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Unique in the crew; `task_<n>` when its author gave none.
    pub name: String,
    pub description: String,
    pub expected_output: String,
    /// Position in `Crew::agents`.
    pub agent: usize,
    pub context: Context,
    /// The agent's tools when the task names none.
    pub tools: Vec<Tool>,
}

/// Which earlier outputs a task is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// `context` was not written: all outputs so far.
    AllEarlier,
    /// These tasks (positions in `Crew::tasks`), possibly none.
    Only(Vec<usize>),
}

/// The built-in tools of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    Calculator,
    HttpRequest,
}

impl Tool {
    pub const ALL: [Self; 2] = [Self::Calculator, Self::HttpRequest];

    /// The name in a crew's definition and on the wire to the model.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calculator => "calculator",
            Self::HttpRequest => "http_request",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }
}

impl Crew {
    /// The agent that does this task.
    pub fn agent_of(&self, task: &Task) -> Option<&Agent> {
        self.agents.get(task.agent)
    }
}

/// One thing wrong with a crew or its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, e.g. `tasks[1].context[0]`.
    pub field: String,
    /// What is wrong and what to do, one sentence.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}
