//! What a run tells its watchers, event by event: the names and shapes of the server-sent events of
//! `GET /api/executions/{id}/stream`. The runner writes them, Postgres keeps them, the API streams them.
//!
//! Durations are seconds. Money is a decimal text in dollars, `null` when it is unknown (which is not 0). Times are RFC 3339.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use crate::id::{CrewId, ExecutionId, TraceId};

/// One event. As JSON: `{"event": "<name>", "data": {…}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum RunEvent {
    ExecutionStarted {
        execution_id: ExecutionId,
        crew_id: Option<CrewId>,
        #[serde(with = "time::serde::rfc3339")]
        started_at: OffsetDateTime,
    },
    TaskStarted {
        task_name: String,
        agent_name: String,
        trace_id: TraceId,
        /// The first time it began, when the run was interrupted since.
        #[serde(with = "time::serde::rfc3339")]
        started_at: OffsetDateTime,
    },
    AgentStarted {
        agent_name: String,
        task_name: String,
        trace_id: TraceId,
    },
    /// The work goes from one agent to the next.
    Handover {
        from_agent: String,
        to_agent: String,
        task_name: String,
    },
    /// A model call begins. Every one is followed by an `llm_call`, unless the run was interrupted.
    LlmStarted {
        agent_name: String,
        task_name: String,
        model: String,
        call: u32,
    },
    /// Streamed text of the running agent. `call` numbers the model calls of a task from 1: a call that is tried again has a
    /// new number, and the text of the failed one is void.
    Token {
        agent_name: String,
        task_name: String,
        call: u32,
        text: String,
    },
    LlmCall {
        model: String,
        input_tokens: u64,
        output_tokens: u64,
        duration: f64,
        cost: Option<Decimal>,
        agent_name: String,
        task_name: String,
        call: u32,
        /// Id of the call in the ledger (`GET /api/calls/{id}`).
        call_id: Option<String>,
        error: Option<String>,
    },
    ToolCall {
        tool_name: String,
        inputs: Value,
        outputs: Value,
        duration: f64,
        agent_name: String,
        task_name: String,
        failed: bool,
    },
    AgentCompleted {
        agent_name: String,
        output: String,
        duration: f64,
        tokens: u64,
        task_name: String,
    },
    TaskCompleted {
        task_name: String,
        output: String,
        duration: f64,
        agent_name: String,
    },
    Log {
        /// `debug`, `info`, `warning`, `error`.
        level: String,
        message: String,
        #[serde(with = "time::serde::rfc3339")]
        timestamp: OffsetDateTime,
        trace_id: TraceId,
    },
    Error {
        /// Stable, for programs: `model_not_found`, `budget_exceeded`, `timeout`, ...
        error_type: String,
        message: String,
        trace_id: TraceId,
        /// Where it happened, outermost first, one line each.
        stack_trace: String,
    },
    /// Always the last.
    ExecutionCompleted {
        execution_id: ExecutionId,
        /// `completed`, `failed`, `cancelled`.
        status: String,
        /// The last task's output as `raw` and every task's in `tasks`; `null` unless completed.
        outputs: Option<Value>,
        total_duration: f64,
        total_cost: Option<Decimal>,
        input_tokens: u64,
        output_tokens: u64,
    },
}

impl RunEvent {
    /// The name on the wire (`event:`).
    pub fn name(&self) -> &'static str {
        match self {
            Self::ExecutionStarted { .. } => "execution_started",
            Self::TaskStarted { .. } => "task_started",
            Self::AgentStarted { .. } => "agent_started",
            Self::Handover { .. } => "handover",
            Self::LlmStarted { .. } => "llm_started",
            Self::Token { .. } => "token",
            Self::LlmCall { .. } => "llm_call",
            Self::ToolCall { .. } => "tool_call",
            Self::AgentCompleted { .. } => "agent_completed",
            Self::TaskCompleted { .. } => "task_completed",
            Self::Log { .. } => "log",
            Self::Error { .. } => "error",
            Self::ExecutionCompleted { .. } => LAST_EVENT,
        }
    }

    /// The object on the wire (`data:`).
    pub fn data(&self) -> Value {
        // Every field is a text, a number or a JSON value, so this cannot fail; a null would be seen at once.
        serde_json::to_value(self)
            .ok()
            .and_then(|mut whole| whole.get_mut("data").map(Value::take))
            .unwrap_or(Value::Null)
    }
}

/// After this event a run says nothing more.
pub const LAST_EVENT: &str = "execution_completed";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_name_and_the_data_are_what_serde_writes() {
        let event = RunEvent::LlmCall {
            model: "m".into(),
            input_tokens: 1,
            output_tokens: 2,
            duration: 0.5,
            cost: Some("0.000412".parse().unwrap()),
            agent_name: "a".into(),
            task_name: "t".into(),
            call: 1,
            call_id: None,
            error: None,
        };
        let whole = serde_json::to_value(&event).unwrap();
        assert_eq!(whole["event"], event.name());
        assert_eq!(whole["data"], event.data());
        assert_eq!(event.data()["cost"], json!("0.000412"), "money is text, never a float");
        assert_eq!(serde_json::from_value::<RunEvent>(whole).unwrap(), event);
    }

    #[test]
    fn an_unknown_cost_is_null() {
        let event = RunEvent::ExecutionCompleted {
            execution_id: ExecutionId::NIL,
            status: "failed".into(),
            outputs: None,
            total_duration: 1.0,
            total_cost: None,
            input_tokens: 0,
            output_tokens: 0,
        };
        assert_eq!(event.name(), "execution_completed");
        assert_eq!(event.data()["total_cost"], Value::Null);
    }
}
