//! One turn of a model: the call, its streamed text, its cost, and trying again when that can help.

use aop_domain::crew::Tool;
use aop_domain::id::{KeyId, UserId};
use aop_domain::run_event::RunEvent;
use aop_service::run_credential::{self, RunClaims};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::agent::Agency;
use crate::gateway::{self, Meter, ModelError, Reply};
use crate::halt::{Failure, Halt};
use crate::journal::Speaker;
use crate::run::instant;

/// Tries after the first.
const MOST_RETRIES: u32 = 2;
/// A credential is made for each call; this is how long the call may take to reach the gateway.
const CREDENTIAL_LIFE_S: i64 = 300;

impl Agency<'_> {
    /// The model's reply to a conversation.
    pub(crate) async fn model_turn(&mut self, messages: &[Value], tools: &[Tool]) -> Result<Reply, Halt> {
        let request = gateway::request(&self.agent.llm, messages, tools);
        let mut tried = 1;
        loop {
            let error = match self.model_call(&request).await? {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let wait = error.wait_before_retry(tried).filter(|_| tried <= MOST_RETRIES);
            let Some(wait) = wait else {
                let call = self.calls;
                return Err(
                    Halt::from(error).inside(|| format!("model call {call} to {}", self.agent.llm.model))
                );
            };
            self.warn(format!("{error} Trying again in {:.1} s.", wait.as_secs_f64())).await?;
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    /// One call with its events. The outer error ends the run, the inner one may be tried again.
    async fn model_call(&mut self, request: &Value) -> Result<Result<Reply, ModelError>, Halt> {
        self.calls += 1;
        let model = self.agent.llm.model.clone();
        let (agent_name, task_name, call) = (self.agent.role.clone(), self.task.name.clone(), self.calls);
        let speaker = Speaker { agent_name: agent_name.clone(), task_name: task_name.clone(), call };
        let started = RunEvent::LlmStarted {
            agent_name: agent_name.clone(),
            task_name: task_name.clone(),
            model: model.clone(),
            call,
        };
        self.journal.write([started]).await?;
        let began = tokio::time::Instant::now();
        let (result, meter) = self.stream(request, &speaker).await?;
        let model = match &result {
            Ok(reply) if !reply.model.is_empty() => reply.model.clone(),
            _ => model,
        };
        let used = used(&result, meter);
        self.tokens += used.input_tokens + used.output_tokens;
        let ended = RunEvent::LlmCall {
            model,
            input_tokens: used.input_tokens,
            output_tokens: used.output_tokens,
            duration: began.elapsed().as_secs_f64(),
            cost: used.cost,
            agent_name,
            task_name,
            call,
            call_id: used.call_id,
            error: result.as_ref().err().map(ToString::to_string),
        };
        self.journal.write([ended]).await?;
        Ok(result)
    }

    /// Reads the whole answer, its text going to the journal as it comes.
    async fn stream(
        &mut self,
        request: &Value,
        speaker: &Speaker,
    ) -> Result<(Result<Reply, ModelError>, Option<Meter>), Halt> {
        let credential = self.credential()?;
        let mut answer = match self.engine.gateway.call(&credential, request).await {
            Ok(answer) => answer,
            Err(error) => return Ok((Err(error), None)),
        };
        loop {
            let due = self.journal.text_due();
            let next = tokio::select! {
                next = answer.next() => next,
                () = sleep_until(due) => {
                    self.journal.write([]).await?;
                    continue;
                }
            };
            match next {
                Ok(Some(fresh)) => self.journal.text(speaker, &fresh).await?,
                Ok(None) => {
                    let meter = answer.meter();
                    return Ok((answer.finish(), meter));
                }
                Err(error) => return Ok((Err(error), answer.meter())),
            }
        }
    }

    fn credential(&self) -> Result<String, Halt> {
        let claims = RunClaims {
            team_id: self.claim.team_id,
            user_id: self.claim.user_id.unwrap_or(UserId::NIL),
            key_id: self.claim.key_id.unwrap_or(KeyId::NIL),
            execution_id: self.claim.id,
            trace_id: self.claim.trace_id,
            parent_span_id: self.span,
            crew: self.claim.crew_name.clone(),
            task: self.task.name.clone(),
            agent: self.agent.role.clone(),
            parent_agent: self.parent_agent.to_owned(),
            expires_at_s: self.engine.clock.now_s() + CREDENTIAL_LIFE_S,
        };
        run_credential::sign(&claims, &self.engine.credential_key)
            .map_err(|error| Halt::Failed(Failure::new("internal", error.to_string())))
    }

    async fn warn(&mut self, message: String) -> Result<(), Halt> {
        self.spans.log("warning", &message, &self.agent.role, self.span);
        let log = RunEvent::Log {
            level: "warning".to_owned(),
            message,
            timestamp: instant(self.engine.clock.now_us()),
            trace_id: self.claim.trace_id,
        };
        Ok(self.journal.write([log]).await?)
    }
}

/// What the call used. A call that the gateway refused cost nothing; of any other failed call the cost is unknown unless
/// the gateway said it.
fn used(result: &Result<Reply, ModelError>, meter: Option<Meter>) -> Meter {
    let nothing = |cost| Meter { call_id: None, cost, input_tokens: 0, output_tokens: 0 };
    match result {
        Ok(reply) => reply.meter.clone().unwrap_or_else(|| nothing(None)),
        Err(ModelError::Refused { .. }) => nothing(Some(Decimal::ZERO)),
        Err(_) => meter.unwrap_or_else(|| nothing(None)),
    }
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
