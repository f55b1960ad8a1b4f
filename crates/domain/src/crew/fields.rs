//! Which fields a definition may carry. Three kinds: those read here, those of CrewAI that this version cannot honour
//! (accepted only while they are switched off), and all others, which are mistakes.

use serde_json::{Map, Value};

use super::{LONGEST_NAME_BYTES, LONGEST_TEXT_BYTES, Problem};

/// The fields of one kind of object.
pub(super) struct Known {
    pub(super) read: &'static [&'static str],
    /// Fields with no effect on what a run does (console output).
    pub(super) harmless: &'static [&'static str],
    /// Fields of CrewAI that may only be off: absent, `null`, `false`, `[]` or `{}`.
    pub(super) not_supported: &'static [&'static str],
}

pub(super) const CREW: Known = Known {
    read: &["name", "agents", "tasks", "process", "inputs", "max_execution_time"],
    harmless: &["verbose"],
    not_supported: &[
        "manager_llm",
        "manager_agent",
        "memory",
        "cache",
        "max_rpm",
        "stream",
        "planning",
        "planning_llm",
        "chat_llm",
        "function_calling_llm",
        "before_kickoff_callbacks",
        "after_kickoff_callbacks",
        "step_callback",
        "task_callback",
        "output_log_file",
        "prompt_file",
        "knowledge_sources",
        "knowledge",
        "embedder",
        "skills",
        "trained_agents_file",
        "checkpoint",
        "tracing",
        "share_crew",
        "tool_failure_policy",
        "config",
        "security_config",
    ],
};

pub(super) const AGENT: Known = Known {
    read: &["name", "role", "goal", "backstory", "llm", "model", "tools", "max_iter", "max_execution_time"],
    harmless: &["verbose"],
    not_supported: &[
        "max_rpm",
        "max_retry_limit",
        "allow_delegation",
        "cache",
        "memory",
        "system_template",
        "prompt_template",
        "response_template",
        "inject_date",
        "date_format",
        "reasoning",
        "max_reasoning_attempts",
        "planning",
        "planning_config",
        "guardrail",
        "guardrail_max_retries",
        "respect_context_window",
        "use_better_compaction",
        "step_callback",
        "callbacks",
        "embedder",
        "knowledge_sources",
        "knowledge_config",
        "security_config",
        "from_repository",
        "a2a",
        "checkpoint",
        "tool_failure_policy",
        "multimodal",
        "allow_code_execution",
        "code_execution_mode",
        "function_calling_llm",
        "mcps",
        "apps",
        "skills",
        "settings",
        "max_tokens",
        "type",
    ],
};

pub(super) const TASK: Known = Known {
    read: &["name", "description", "expected_output", "agent", "context", "tools"],
    harmless: &[],
    not_supported: &[
        "async_execution",
        "human_input",
        "markdown",
        "callback",
        "output_json",
        "output_pydantic",
        "response_model",
        "output_file",
        "create_directory",
        "guardrail",
        "guardrails",
        "guardrail_max_retries",
        "input_files",
        "allow_crewai_trigger_context",
        "converter_cls",
        "security_config",
        "tool_failure_policy",
        "condition",
        "type",
    ],
};

/// Fields of an `llm` object that become fields of the model request.
pub(super) const LLM_PARAMS: &[&str] = &[
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "stop",
    "reasoning_effort",
];

/// Collects what is wrong while a definition is walked.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { field: field.into(), message: message.into() });
    }

    /// Names every field of `object` that is unknown or not supported yet. `at` is the path of the object, empty at the top.
    pub(super) fn check_fields(&mut self, at: &str, object: &Map<String, Value>, known: &Known) {
        for (name, value) in object {
            let name = name.as_str();
            if known.read.contains(&name) || known.harmless.contains(&name) {
                continue;
            }
            if !known.not_supported.contains(&name) {
                self.add(join(at, name), "is not a field AOP knows; remove it or correct its name");
            } else if !is_off(value) {
                self.add(join(at, name), "is not supported by the runner yet; remove it or switch it off");
            }
        }
    }

    /// A required text of at most `longest` bytes; an empty one is a problem.
    pub(super) fn text(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        longest: usize,
    ) -> String {
        match object.get(name) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.add(join(at, name), "must not be empty")
            }
            Some(Value::String(text)) if text.len() > longest => {
                self.add(join(at, name), too_long(text.len(), longest))
            }
            Some(Value::String(text)) => return text.clone(),
            Some(_) => self.add(join(at, name), "must be a text"),
            None => self.add(join(at, name), "is required"),
        }
        String::new()
    }

    pub(super) fn prompt(&mut self, at: &str, object: &Map<String, Value>, name: &str) -> String {
        self.text(at, object, name, LONGEST_TEXT_BYTES)
    }

    /// An optional name; `null` is the same as none.
    pub(super) fn optional_name(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
    ) -> Option<String> {
        match object.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => Some(self.text(at, object, name, LONGEST_NAME_BYTES)),
        }
    }

    /// An optional whole number within a range; `null` is the same as none.
    pub(super) fn whole_number(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let value = object.get(name).filter(|value| !value.is_null())?;
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            self.add(
                join(at, name),
                format!("must be a whole number from {} to {}", range.start(), range.end()),
            );
        }
        number
    }
}

pub(super) fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn too_long(bytes: usize, longest: usize) -> String {
    format!("is {bytes} bytes long; the longest allowed is {longest}")
}

fn is_off(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
