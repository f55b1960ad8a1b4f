//! The tasks of a run, in order. A finished one is kept at once, with its last events; a run that is taken over starts at
//! the first that is not kept.

use std::collections::HashMap;
use std::time::Duration;

use aop_domain::crew::{Agent, Context, Crew, Task};
use aop_domain::id::SpanId;
use aop_domain::run_event::RunEvent;
use aop_store::execution_events;
use aop_store::execution_tasks::{self, FinishedTask};
use aop_store::executions::claim::Claim;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::agent::{Agency, Answered};
use crate::engine::Engine;
use crate::halt::{Failure, Halt};
use crate::journal::Journal;
use crate::prompt;
use crate::run::{instant, micros};
use crate::spans::{Begin, Spans, Whose, clipped};

pub(crate) struct Tasks<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) claim: &'a Claim,
    pub(crate) crew: &'a Crew,
    pub(crate) spans: &'a Spans,
    pub(crate) journal: Journal,
}

/// A task about to be done.
struct Turn<'a> {
    index: usize,
    task: &'a Task,
    agent: &'a Agent,
    /// The role of the agent before, when it is another.
    handed_over_by: &'a str,
    context: String,
    started_at: OffsetDateTime,
    task_span: SpanId,
    agent_span: SpanId,
}

impl Turn<'_> {
    fn whose(&self) -> Whose<'_> {
        Whose { task: &self.task.name, agent: &self.agent.role, parent_agent: self.handed_over_by }
    }
}

impl<'a> Tasks<'a> {
    /// Does what is not done yet. The answer is the run's outputs.
    pub(crate) async fn run(mut self) -> Result<Value, Halt> {
        let mut done = execution_tasks::list(&self.engine.store, self.claim.id).await?;
        let starts = self.earlier_starts(done.len()).await?;
        for index in done.len()..self.crew.tasks.len() {
            let outputs: Vec<&str> = done.iter().map(|task| task.raw.as_str()).collect();
            let turn = self.turn(index, &outputs, &starts)?;
            let finished = self
                .do_task(&turn)
                .await
                .map_err(|halt| halt.inside(|| format!("task {}", turn.task.name)))?;
            done.push(finished);
        }
        let raw = done.last().map(|task| task.raw.clone()).unwrap_or_default();
        let tasks: Vec<Value> = done
            .iter()
            .map(|task| json!({ "name": task.name, "agent": task.agent, "raw": task.raw }))
            .collect();
        Ok(json!({ "raw": raw, "tasks": tasks }))
    }

    /// Says where a run that was taken over goes on, and when its open task first began: its span keeps that time.
    async fn earlier_starts(&mut self, done: usize) -> Result<HashMap<String, OffsetDateTime>, Halt> {
        if self.claim.attempt == 1 {
            return Ok(HashMap::new());
        }
        let total = self.crew.tasks.len();
        let message =
            format!("The run goes on after an interruption: {done} of {total} tasks were done before.");
        self.spans.log("warning", &message, "", self.spans.id("crew"));
        let log = RunEvent::Log {
            level: "warning".to_owned(),
            message,
            timestamp: instant(self.engine.clock.now_us()),
            trace_id: self.claim.trace_id,
        };
        self.journal.write([log]).await?;
        Ok(execution_events::task_starts(&self.engine.store, self.claim.id).await?)
    }

    fn turn(
        &self,
        index: usize,
        outputs: &[&str],
        starts: &HashMap<String, OffsetDateTime>,
    ) -> Result<Turn<'a>, Halt> {
        let missing = || Halt::Failed(Failure::new("crew_invalid", format!("task {index} has no agent")));
        let crew: &'a Crew = self.crew;
        let task = crew.tasks.get(index).ok_or_else(missing)?;
        let agent = crew.agent_of(task).ok_or_else(missing)?;
        let before = index.checked_sub(1).and_then(|before| crew.agent_of(&crew.tasks[before]));
        let chosen: Vec<&str> = match &task.context {
            Context::AllEarlier => outputs.to_vec(),
            Context::Only(positions) => {
                positions.iter().filter_map(|&position| outputs.get(position).copied()).collect()
            }
        };
        Ok(Turn {
            index,
            task,
            agent,
            handed_over_by: before
                .filter(|before| before.name != agent.name)
                .map_or("", |before| before.role.as_str()),
            context: prompt::context(&chosen),
            started_at: starts
                .get(&task.name)
                .copied()
                .unwrap_or_else(|| instant(self.engine.clock.now_us())),
            task_span: self.spans.id(&format!("task {index}")),
            agent_span: self.spans.id(&format!("agent of task {index}")),
        })
    }

    async fn do_task(&mut self, turn: &Turn<'_>) -> Result<FinishedTask, Halt> {
        self.begin(turn).await?;
        let began = tokio::time::Instant::now();
        let answered = self
            .ask_agent(turn)
            .await
            .map_err(|halt| halt.inside(|| format!("agent {}", turn.agent.role)))?;
        let finished = FinishedTask {
            index: turn.index,
            name: turn.task.name.clone(),
            agent: turn.agent.role.clone(),
            raw: answered.text,
            started_at: turn.started_at,
            completed_at: instant(self.engine.clock.now_us()).max(turn.started_at),
        };
        let duration = began.elapsed().as_secs_f64();
        let events = [
            RunEvent::AgentCompleted {
                agent_name: turn.agent.role.clone(),
                output: finished.raw.clone(),
                duration,
                tokens: answered.tokens,
                task_name: turn.task.name.clone(),
            },
            RunEvent::TaskCompleted {
                task_name: turn.task.name.clone(),
                output: finished.raw.clone(),
                duration,
                agent_name: turn.agent.role.clone(),
            },
        ];
        self.journal.write([]).await?;
        // Spans first: a crash in between leaves a task that is done again, never a kept task with an open span.
        let output = json!(clipped(&finished.raw));
        self.spans.end(turn.agent_span, "completed", &output, "");
        self.spans.end(turn.task_span, "completed", &output, "");
        execution_tasks::finish(&self.engine.store, self.claim.id, self.claim.attempt, &finished, &events)
            .await?;
        Ok(finished)
    }

    /// The agent's answer, within its own time limit.
    async fn ask_agent(&mut self, turn: &Turn<'_>) -> Result<Answered, Halt> {
        let mut agency = Agency {
            engine: self.engine,
            claim: self.claim,
            spans: self.spans,
            journal: &mut self.journal,
            agent: turn.agent,
            task: turn.task,
            parent_agent: turn.handed_over_by,
            span: turn.agent_span,
            calls: 0,
            tokens: 0,
        };
        let answering = agency.answer(&turn.context);
        let Some(limit) = turn.agent.max_execution_time_s else { return answering.await };
        tokio::time::timeout(Duration::from_secs(limit), answering).await.unwrap_or_else(|_| {
            let message = format!("The agent took longer than its limit of {limit} s.");
            Err(Halt::Failed(Failure::new("timeout", message)))
        })
    }

    async fn begin(&mut self, turn: &Turn<'_>) -> Result<(), Halt> {
        let started_at_us = micros(turn.started_at);
        self.spans.begin(&Begin {
            id: turn.task_span,
            parent: self.spans.id("crew"),
            span_type: "task",
            name: &turn.task.name,
            whose: Whose { task: &turn.task.name, ..Whose::default() },
            inputs: json!({
                "description": turn.task.description,
                "expected_output": turn.task.expected_output,
                "context": clipped(&turn.context),
            }),
            started_at_us,
        });
        self.spans.begin(&Begin {
            id: turn.agent_span,
            parent: turn.task_span,
            span_type: "agent",
            name: &turn.agent.role,
            whose: turn.whose(),
            inputs: json!({ "goal": turn.agent.goal, "backstory": turn.agent.backstory, "model": turn.agent.llm.model }),
            started_at_us,
        });
        let (agent_name, task_name) = (turn.agent.role.clone(), turn.task.name.clone());
        let trace_id = self.claim.trace_id;
        let handover = (!turn.handed_over_by.is_empty()).then(|| RunEvent::Handover {
            from_agent: turn.handed_over_by.to_owned(),
            to_agent: agent_name.clone(),
            task_name: task_name.clone(),
        });
        let started = [
            RunEvent::TaskStarted {
                task_name: task_name.clone(),
                agent_name: agent_name.clone(),
                trace_id,
                started_at: turn.started_at,
            },
            RunEvent::AgentStarted { agent_name, task_name, trace_id },
        ];
        Ok(self.journal.write(handover.into_iter().chain(started)).await?)
    }
}
