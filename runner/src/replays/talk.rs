//! One replay: its calls one after another through the front door, the new answers in the history of those that follow.

use std::collections::HashSet;
use std::time::Duration;

use aop_domain::id::{CallId, ExecutionId, KeyId, SpanId, UserId};
use aop_domain::replay::{self, LONGEST_S, Parted, Plan, PlannedCall, Sent, Turn};
use aop_service::run_credential::{self, RunClaims};
use aop_store::Error as StoreError;
use aop_store::replays::claim::{self, Became, Claim, Ending};
use rust_decimal::Decimal;

use crate::engine::Engine;
use crate::gateway::{ModelError, RUN_KILLED, Whole};
use crate::stop::{Reason, Stop};

/// Tries of one call after the first.
const MOST_RETRIES: u32 = 2;
const CREDENTIAL_LIFE_S: i64 = 300;

/// Replays until the end, or until `stop` is told.
pub(crate) async fn run(engine: &Engine, claim: Claim, stop: &Stop) {
    let work = async {
        let limit = Duration::from_secs(LONGEST_S);
        let too_long = |_| {
            let message = format!("It took longer than {} minutes.", LONGEST_S / 60);
            Ok(ending("stopped", "too_long", message))
        };
        tokio::time::timeout(limit, talk(engine, &claim)).await.unwrap_or_else(too_long)
    };
    let ended = tokio::select! {
        biased;
        reason = stop.told() => match reason {
            Reason::Cancelled => Ok(Ending { status: "cancelled", reason: Some("cancelled".into()), message: None }),
            Reason::Shutdown => {
                Ok(ending("failed", "interrupted", "Its runner was stopped in the middle of it. Start it again."))
            }
            Reason::Lost => return,
        },
        ended = work => ended,
    };
    let written = match ended {
        Ok(ending) => {
            tracing::info!(replay = %claim.id, status = ending.status, reason = ending.reason, "replay ended");
            claim::finish(&engine.store, &engine.name, claim.id, &ending).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        tracing::warn!(replay = %claim.id, %error, "the replay's end was not written; it counts as interrupted");
    }
}

fn ending(status: &'static str, reason: &str, message: impl Into<String>) -> Ending {
    Ending { status, reason: Some(reason.to_owned()), message: Some(message.into()) }
}

async fn talk(engine: &Engine, claim: &Claim) -> Result<Ending, StoreError> {
    let Ok(plan) = serde_json::from_slice::<Plan>(&claim.plan) else {
        return Ok(ending("failed", "internal", "What was to be sent cannot be read by this version."));
    };
    let mut talk = Talk {
        engine,
        claim,
        plan: &plan,
        sent: Vec::with_capacity(plan.calls.len()),
        ended: HashSet::new(),
        spent: Decimal::ZERO,
        is_cost_known: true,
        answered: 0,
        first_reason: None,
    };
    for (place, call) in plan.calls.iter().enumerate() {
        if let Some(end) = talk.over_budget() {
            return Ok(end);
        }
        let Some(history) = talk.history(place, call).await? else { continue };
        if let Some(end) = talk.send(place, call, history).await? {
            return Ok(end);
        }
    }
    Ok(talk.end())
}

struct Talk<'r> {
    engine: &'r Engine,
    claim: &'r Claim,
    plan: &'r Plan,
    /// What became of the calls so far, by their place.
    sent: Vec<Sent>,
    /// Conversations that nothing recorded can go on from.
    ended: HashSet<u64>,
    spent: Decimal,
    is_cost_known: bool,
    answered: usize,
    /// Why the first of the calls that were not answered was not.
    first_reason: Option<(String, String)>,
}

impl Talk<'_> {
    fn over_budget(&self) -> Option<Ending> {
        let most = self.plan.max_cost?;
        if !self.is_cost_known {
            let message = "A call's cost is not known, so that the most it may cost cannot be kept to.";
            return Some(ending("stopped", "cost_unknown", message));
        }
        (self.spent >= most).then(|| {
            let message = format!("It has cost {} dollars; the most it may cost is {most}.", self.spent);
            ending("stopped", "cost_reached", message)
        })
    }

    /// The messages a call is told. `None`: it is not sent.
    async fn history(
        &mut self,
        place: usize,
        call: &PlannedCall,
    ) -> Result<Option<(Vec<serde_json::Value>, Vec<String>)>, StoreError> {
        let message = if call.conversation != 0 && self.ended.contains(&call.conversation) {
            "Its conversation took another way before.".to_owned()
        } else {
            match replay::history(self.plan, call, &self.sent) {
                Ok(told) => {
                    let earlier = self.plan.calls[..place]
                        .iter()
                        .any(|before| before.conversation != 0 && before.conversation == call.conversation);
                    let notes = (earlier && told.replaced == 0).then(|| "as_recorded".to_owned());
                    return Ok(Some((told.history, notes.into_iter().collect())));
                }
                Err(which) => {
                    format!("It goes on from call {}, which has no answer that could stand in it.", which + 1)
                }
            }
        };
        self.not_sent(place, call, "not_followed", message).await?;
        Ok(None)
    }

    async fn not_sent(
        &mut self,
        place: usize,
        call: &PlannedCall,
        reason: &str,
        message: String,
    ) -> Result<(), StoreError> {
        let became = Became {
            status: "not_sent",
            reason: Some(reason.to_owned()),
            message: Some(message.clone()),
            ..Became::default()
        };
        self.missing(call, reason, message);
        claim::write(&self.engine.store, &self.engine.name, self.claim.id, place, &became).await
    }

    fn missing(&mut self, call: &PlannedCall, reason: &str, message: String) {
        self.first_reason.get_or_insert_with(|| (reason.to_owned(), message));
        self.ended.insert(call.conversation);
        self.sent.push(Sent::Missing);
    }

    /// Sends one call and writes down what became of it. An ending: no other call is sent.
    async fn send(
        &mut self,
        place: usize,
        call: &PlannedCall,
        (history, mut notes): (Vec<serde_json::Value>, Vec<String>),
    ) -> Result<Option<Ending>, StoreError> {
        let (store, runner, id) = (&self.engine.store, &self.engine.name, self.claim.id);
        claim::write(store, runner, id, place, &Became { status: "sending", ..Became::default() }).await?;
        let request = replay::body(self.plan, call, history);
        let whole = self.ask(call, &request).await;
        if let Some(left_out) = whole.left_out {
            notes.push(format!("left_out: {left_out}"));
        }
        let mut became =
            Became { call: whole.call_id.map(CallId), notes, cost: whole.cost, ..Became::default() };
        self.spent += whole.cost.unwrap_or_default();
        let end = match whole.answer {
            Ok(answer) => {
                became.status = "answered";
                self.is_cost_known &= whole.cost.is_some();
                self.answered(call, &replay::messages(call.dialect, &answer), &mut became);
                None
            }
            Err(error) => {
                became.status = "failed";
                (became.reason, became.message) =
                    (Some(error.error_type().to_owned()), Some(error.to_string()));
                self.missing(call, error.error_type(), error.to_string());
                self.last(&error)
            }
        };
        claim::write(store, runner, id, place, &became).await?;
        Ok(end)
    }

    fn answered(&mut self, call: &PlannedCall, messages: &[serde_json::Value], became: &mut Became) {
        self.answered += 1;
        let recorded = replay::turn(self.plan.recorded_answer(call));
        // What was not answered has nothing that could come back.
        if recorded == Turn::default() {
            self.sent.push(Sent::Answered(messages.to_vec()));
            return;
        }
        match replay::follow(&recorded, messages, self.plan.other_arguments) {
            Ok((messages, is_other)) => {
                if is_other {
                    became.notes.push("other_arguments".to_owned());
                }
                self.sent.push(Sent::Answered(messages));
            }
            Err(parted) => self.parted(call, parted, became),
        }
    }

    fn parted(&mut self, call: &PlannedCall, parted: Parted, became: &mut Became) {
        // It matters only where something was to follow.
        let later = self.plan.calls.iter().skip(self.sent.len() + 1);
        if later.into_iter().any(|later| later.conversation == call.conversation) {
            became.reason = Some(parted.code().to_owned());
            became.message = Some(parted.to_string());
            self.ended.insert(call.conversation);
        }
        self.sent.push(Sent::Parted(parted));
    }

    /// Whether no other call would fare better.
    fn last(&self, error: &ModelError) -> Option<Ending> {
        let (reason, message) = (error.error_type(), error.to_string());
        if reason == RUN_KILLED {
            return Some(ending("cancelled", reason, message));
        }
        let is_for_all = matches!(error, ModelError::Refused { status: 401..=404, .. });
        let status = if self.answered == 0 { "failed" } else { "stopped" };
        is_for_all.then(|| ending(status, reason, message))
    }

    async fn ask(&self, call: &PlannedCall, request: &serde_json::Value) -> Whole {
        let mut tried = 1;
        loop {
            let whole = match self.credential() {
                Ok(credential) => {
                    let gateway = &self.engine.gateway;
                    gateway.whole(call.dialect.path(), &credential, &call.stated, request).await
                }
                Err(error) => {
                    let answer = Err(ModelError::Malformed(error.to_string()));
                    Whole { call_id: None, cost: None, left_out: None, answer }
                }
            };
            let wait = whole.answer.as_ref().err().and_then(|error| error.wait_before_retry(tried));
            let Some(wait) = wait.filter(|_| tried <= MOST_RETRIES) else { return whole };
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    /// Whose call it is, signed; who it says it is stands in headers, as it did when it was recorded.
    fn credential(&self) -> Result<String, run_credential::RunCredentialError> {
        let claims = RunClaims {
            team_id: self.claim.team,
            user_id: self.claim.user.unwrap_or(UserId::NIL),
            key_id: self.claim.key.unwrap_or(KeyId::NIL),
            execution_id: ExecutionId::NIL,
            trace_id: self.claim.trace,
            parent_span_id: SpanId::NIL,
            crew: String::new(),
            task: String::new(),
            agent: String::new(),
            parent_agent: String::new(),
            expires_at_s: self.engine.clock.now_s() + CREDENTIAL_LIFE_S,
        };
        run_credential::sign(&claims, &self.engine.credential_key)
    }

    fn end(self) -> Ending {
        let status = match self.answered {
            all if all == self.plan.calls.len() => "completed",
            0 => "failed",
            _ => "stopped",
        };
        let parted = self.sent.iter().find_map(|sent| match sent {
            Sent::Parted(parted) => Some((parted.code().to_owned(), parted.to_string())),
            _ => None,
        });
        let (reason, message) =
            (status != "completed").then(|| parted.or(self.first_reason)).flatten().unzip();
        Ending { status, reason, message }
    }
}
