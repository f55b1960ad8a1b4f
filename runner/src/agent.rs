//! One agent at one task: it is asked, it calls tools, it is asked again, until it answers or has used its turns.

use std::collections::HashMap;

use aop_domain::crew::{Agent, Task};
use aop_domain::id::SpanId;
use aop_domain::run_event::RunEvent;
use aop_store::execution_open_spans;
use aop_store::executions::claim::Claim;
use prost::Message;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::gateway::ToolCall;
use crate::halt::{Failure, Halt};
use crate::journal::Journal;
use crate::prompt;
use crate::spans::{Begin, Spans, Whose, clipped};

/// The same tool with the same arguments and the same result so often is a loop.
const MOST_REPEATS: u32 = 5;

pub(crate) struct Agency<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) claim: &'a Claim,
    pub(crate) spans: &'a Spans,
    pub(crate) journal: &'a mut Journal,
    pub(crate) agent: &'a Agent,
    pub(crate) task: &'a Task,
    pub(crate) parent_agent: &'a str,
    /// The agent's span: model calls and tools hang under it.
    pub(crate) span: SpanId,
    /// Model calls so far, retries included.
    pub(crate) calls: u32,
    pub(crate) tokens: u64,
}

/// What an agent gave for a task.
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) tokens: u64,
}

impl Agency<'_> {
    pub(crate) async fn answer(&mut self, context: &str) -> Result<Answered, Halt> {
        let mut messages = prompt::opening(self.agent, self.task, context);
        let mut repeats: HashMap<(String, String, String), u32> = HashMap::new();
        for _ in 0..self.agent.max_iter {
            let reply = self.model_turn(&messages, &self.task.tools).await?;
            if reply.tool_calls.is_empty() {
                return self.answered(reply.text);
            }
            messages.push(reply.message());
            for call in &reply.tool_calls {
                let result = self.use_tool(call).await?;
                let seen =
                    repeats.entry((call.name.clone(), call.arguments.clone(), result.clone())).or_default();
                *seen += 1;
                if *seen == MOST_REPEATS {
                    let message = format!(
                        "The agent called {} {MOST_REPEATS} times alike and got the same result.",
                        call.name
                    );
                    return Err(Halt::Failed(Failure::new("tool_loop", message)));
                }
                messages.push(
                    json!({ "role": "tool", "tool_call_id": call.id, "name": call.name, "content": result }),
                );
            }
        }
        messages.push(json!({ "role": "user", "content": prompt::FINAL_ANSWER }));
        let reply = self.model_turn(&messages, &[]).await?;
        self.answered(reply.text)
    }

    fn answered(&self, text: String) -> Result<Answered, Halt> {
        if text.trim().is_empty() {
            let message = format!("The model {} gave an empty answer.", self.agent.llm.model);
            return Err(Halt::Failed(Failure::new("empty_answer", message)));
        }
        Ok(Answered { text, tokens: self.tokens })
    }

    /// The text the model reads.
    async fn use_tool(&mut self, call: &ToolCall) -> Result<String, Halt> {
        let inputs =
            serde_json::from_str(&call.arguments).unwrap_or_else(|_| Value::from(call.arguments.as_str()));
        // The model's own id alone may repeat between turns.
        let id =
            self.spans.id(&format!("tool {} {} {} {}", self.span, self.claim.attempt, self.calls, call.id));
        let begin = Begin {
            id,
            parent: self.span,
            span_type: "tool",
            name: &call.name,
            whose: Whose { task: &self.task.name, agent: &self.agent.role, parent_agent: self.parent_agent },
            inputs: json!(clipped(&call.arguments)),
            started_at_us: self.engine.clock.now_us(),
        };
        // Its id is known to nobody else: when this runner dies, the next one ends the span from this.
        let (store, claim) = (&self.engine.store, self.claim);
        let record = self.spans.record(&begin).encode_to_vec();
        execution_open_spans::begin(store, claim.id, claim.attempt, id, &record).await?;
        self.spans.begin(&begin);
        let began = tokio::time::Instant::now();
        let outcome = self.engine.toolbox.run(&self.task.tools, &call.name, &call.arguments).await;
        let (status, error) =
            if outcome.failed { ("failed", outcome.text.as_str()) } else { ("completed", "") };
        self.spans.end(id, status, &json!(clipped(&outcome.text)), error);
        execution_open_spans::end(store, claim.id, id).await?;
        let event = RunEvent::ToolCall {
            tool_name: call.name.clone(),
            inputs,
            outputs: json!(outcome.text),
            duration: began.elapsed().as_secs_f64(),
            agent_name: self.agent.role.clone(),
            task_name: self.task.name.clone(),
            failed: outcome.failed,
        };
        self.journal.write([event]).await?;
        Ok(outcome.text)
    }
}
