//! One run from its claim to its end: the crew's tasks one after another, until they are done, one fails, or somebody
//! says stop.

use std::time::Duration;

use aop_domain::crew::{self, Crew, Problem};
use aop_domain::run_event::RunEvent;
use aop_store::executions::claim::{self, Claim, Ending};
use aop_store::{Error as StoreError, execution_events, execution_open_spans};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::engine::Engine;
use crate::gateway::RUN_KILLED;
use crate::halt::{Failure, Halt};
use crate::journal::Journal;
use crate::spans::{Begin, Spans, Whose};
use crate::stop::{Reason, Stop};
use crate::task::Tasks;

/// A run that was taken over so often takes its runner down each time.
const MOST_ATTEMPTS: i32 = 20;

enum Outcome {
    /// The run's outputs.
    Completed(Value),
    Failed(Failure),
    Cancelled,
    HandedBack,
    Abandoned,
}

/// Runs a claim to its end, or until `stop` is told.
pub(crate) async fn run(engine: &Engine, claim: Claim, stop: &Stop) {
    let spans = Spans::new(std::sync::Arc::clone(&engine.spool), engine.clock.clone(), claim.clone());
    let outcome = outcome(engine, &claim, &spans, stop).await;
    if let Err(error) = settle(engine, &claim, &spans, outcome).await {
        tracing::warn!(execution = %claim.id, %error, "the run's end was not written; the next claim goes on with it");
    }
}

async fn outcome(engine: &Engine, claim: &Claim, spans: &Spans, stop: &Stop) -> Outcome {
    if claim.cancel_requested {
        stop.tell(Reason::Cancelled);
    }
    tokio::select! {
        biased;
        reason = stop.told() => match reason {
            Reason::Cancelled => Outcome::Cancelled,
            Reason::Lost => Outcome::Abandoned,
            Reason::Shutdown => Outcome::HandedBack,
        },
        done = work(engine, claim, spans) => match done {
            Ok(outputs) => Outcome::Completed(outputs),
            // Somebody ended it at the gateway: the same wish as a cancel.
            Err(Halt::Failed(failure)) if failure.error_type == RUN_KILLED => Outcome::Cancelled,
            Err(Halt::Failed(failure)) => Outcome::Failed(failure),
            Err(Halt::Abandoned(error)) => {
                tracing::warn!(execution = %claim.id, %error, "the run was given up; the next claim goes on with it");
                Outcome::Abandoned
            }
        },
    }
}

async fn work(engine: &Engine, claim: &Claim, spans: &Spans) -> Result<Value, Halt> {
    let mut journal = Journal::new(engine.store.clone(), claim.id, claim.attempt);
    if claim.attempt == 1 {
        let (execution_id, crew_id, started_at) = (claim.id, claim.crew_id, claim.started_at);
        journal.write([RunEvent::ExecutionStarted { execution_id, crew_id, started_at }]).await?;
    }
    spans.begin(&Begin {
        id: spans.id("crew"),
        parent: aop_domain::id::SpanId::NIL,
        span_type: "crew",
        name: &claim.crew_name,
        whose: Whose::default(),
        inputs: claim.inputs.clone(),
        started_at_us: micros(claim.started_at),
    });
    if claim.attempt > MOST_ATTEMPTS {
        let message = format!("The run was interrupted {MOST_ATTEMPTS} times and is not tried again.");
        return Err(Halt::Failed(Failure::new("interrupted_too_often", message)));
    }
    end_left_open(engine, claim, spans).await?;
    let crew = crew_of(claim).map_err(Halt::Failed)?;
    let limit = crew.max_execution_time_s.map_or(engine.run_timeout, Duration::from_secs);
    let left = limit.saturating_sub(elapsed(engine, claim));
    let tasks = Tasks { engine, claim, crew: &crew, spans, journal };
    tokio::time::timeout(left, tasks.run()).await.unwrap_or_else(|_| {
        let message = format!("The run took longer than its limit of {} s.", limit.as_secs());
        Err(Halt::Failed(Failure::new("timeout", message)))
    })
}

/// Tools that ran when the runner before died have failed: nobody knows what became of them.
async fn end_left_open(engine: &Engine, claim: &Claim, spans: &Spans) -> Result<(), Halt> {
    if claim.attempt == 1 {
        return Ok(());
    }
    let left = execution_open_spans::list(&engine.store, claim.id).await?;
    for record in &left {
        spans.end_left_open(record, "The runner ended while this tool ran; what became of it is not known.");
    }
    if !left.is_empty() {
        execution_open_spans::clear(&engine.store, claim.id).await?;
    }
    Ok(())
}

/// The definition was checked when the run was queued; a runner of another version may still see it differently.
fn crew_of(claim: &Claim) -> Result<Crew, Failure> {
    let refused = |problems: Vec<Problem>| {
        let text: Vec<String> = problems.iter().map(Problem::to_string).collect();
        Failure::new("crew_invalid", text.join("; "))
    };
    let inputs: Map<String, Value> = claim.inputs.as_object().cloned().unwrap_or_default();
    crew::parse(&claim.config).map_err(refused)?.interpolate(&inputs).map_err(refused)
}

/// Writes how the run ended.
async fn settle(engine: &Engine, claim: &Claim, spans: &Spans, outcome: Outcome) -> Result<(), StoreError> {
    let (status, outputs, failure) = match outcome {
        // The spans stay open: whoever takes the run over writes the same ones on.
        Outcome::Abandoned => return Ok(()),
        Outcome::HandedBack => return claim::hand_back(&engine.store, claim.id, claim.attempt).await,
        Outcome::Completed(outputs) => ("completed", Some(outputs), None),
        Outcome::Failed(failure) => ("failed", None, Some(failure)),
        Outcome::Cancelled => ("cancelled", None, None),
    };
    let totals = execution_events::totals_of(&engine.store, claim.id).await?;
    let error_message = failure.as_ref().map(|failure| failure.message.clone());
    let mut events = Vec::with_capacity(2);
    if let Some(failure) = &failure {
        events.push(RunEvent::Error {
            error_type: failure.error_type.to_owned(),
            message: failure.message.clone(),
            trace_id: claim.trace_id,
            stack_trace: failure.trail.join("\n"),
        });
    }
    events.push(RunEvent::ExecutionCompleted {
        execution_id: claim.id,
        status: status.to_owned(),
        outputs: outputs.clone(),
        total_duration: elapsed(engine, claim).as_secs_f64(),
        total_cost: totals.cost,
        input_tokens: totals.input_tokens,
        output_tokens: totals.output_tokens,
    });
    let ending = Ending {
        status,
        outputs: outputs.clone(),
        error_message,
        input_tokens: totals.input_tokens,
        output_tokens: totals.output_tokens,
        total_cost: totals.cost,
    };
    end_spans(spans, status, outputs.as_ref(), failure.as_ref());
    claim::finish(&engine.store, claim.id, claim.attempt, &ending, &events).await?;
    tracing::info!(execution = %claim.id, status, "run ended");
    Ok(())
}

fn end_spans(spans: &Spans, status: &str, outputs: Option<&Value>, failure: Option<&Failure>) {
    let crew_span = spans.id("crew");
    if let Some(failure) = failure {
        spans.log("error", &failure.message, "", crew_span);
    }
    if let Some(outputs) = outputs {
        spans.end(crew_span, status, outputs, "");
    }
    spans.end_all(status, failure.map_or("", |failure| failure.message.as_str()));
}

fn elapsed(engine: &Engine, claim: &Claim) -> Duration {
    let us = engine.clock.now_us().saturating_sub(micros(claim.started_at));
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}

/// Microseconds since the Unix epoch.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

/// The other way round.
pub(crate) fn instant(at_us: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_us) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
