//! Seventh phase: tries the targets until one begins to answer. Nothing has gone to the client yet.

use std::sync::Arc;
use std::time::Duration;

use pingora_proxy::Session;

use aop_domain::record::CallStatus;

use super::Stop;
use super::resolve::Plan;
use crate::call::{Attempt, Call};
use crate::client;
use crate::refusal::{Code, Refusal};
use crate::snapshot::Target;
use crate::upstream::exchange::{self, Upstream};
use crate::upstream::failure::{Failure, Retry};

/// The pause before the same target is tried again doubles from here, and is drawn at random below its bound.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A provider that asks for a longer wait is not waited for: the client is told instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(2);

pub(crate) async fn first_byte(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
) -> Result<Upstream, Stop> {
    for number in 0..plan.max_attempts {
        let failure = match attempt(call, session, plan, number).await? {
            Ok(upstream) => return Ok(upstream),
            Err(failure) => failure,
        };
        let again = number + 1 < plan.max_attempts
            && match failure.retry {
                Retry::Nowhere => false,
                Retry::Elsewhere => number + 1 < plan.targets.len(),
                Retry::Anywhere => true,
            };
        let Some(pause) = pause(plan, number, &failure).filter(|_| again) else {
            return Err(Stop::UpstreamFailed(Box::new(failure)));
        };
        if !pause.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = client::gone(session) => return Err(Stop::ClientGone),
            }
        }
    }
    Err(Refusal::new(Code::Internal, "No upstream try was made.").into())
}

/// One try. The outer error: the client went away meanwhile.
async fn attempt(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
    number: usize,
) -> Result<Result<Upstream, Failure>, Stop> {
    let target = &plan.targets[number % plan.targets.len()];
    let shared = &call.shared;
    let mut attempt = Attempt::begin(target, shared.clock.now_us(), reason(plan, number));
    let turn = number / plan.targets.len();
    let mut outgoing = match plan.outgoing(target) {
        Ok(outgoing) => outgoing,
        Err(refusal) => return Ok(Err(not_asked(call, target, attempt, refusal))),
    };
    if !outgoing.sign(target, shared.clock.now_us().div_euclid(1_000_000)) {
        let refusal = Refusal::new(Code::UpstreamRefusedCredential, "The request could not be signed.");
        return Ok(Err(not_asked(call, target, attempt, refusal)));
    }
    call.crossing = outgoing.crossing.take().map(Arc::new);
    let shared = &call.shared;
    let outcome = tokio::select! {
        biased;
        outcome = exchange::send(&shared.providers, &shared.limits, &outgoing, target, turn, &mut attempt) => Some(outcome),
        () = client::gone(session) => None,
    };
    match &outcome {
        None => attempt.end(CallStatus::Cancelled, Code::ClientGone.as_str(), "The client went away."),
        Some(Ok(_)) => {}
        Some(Err(failure)) => attempt.end(status(failure), failure.code.as_str(), &failure.message),
    }
    call.attempts.push(attempt);
    call.target = Some(Arc::clone(target));
    outcome.ok_or(Stop::ClientGone)
}

/// A target that cannot be asked this: another one may.
fn not_asked(call: &mut Call, target: &Arc<Target>, mut attempt: Attempt, refusal: Refusal) -> Failure {
    attempt.end(refusal.code.call_status(), refusal.code.as_str(), &refusal.message);
    call.attempts.push(attempt);
    call.target = Some(Arc::clone(target));
    let mut failure = Failure::new(refusal.code, refusal.message);
    failure.retry = Retry::Elsewhere;
    failure
}

/// How a provider's failure stands in the record.
pub(crate) fn status(failure: &Failure) -> CallStatus {
    match failure.answer.as_ref().map(|answer| answer.header.status.as_u16()) {
        Some(429) => CallStatus::RateLimited,
        _ => failure.code.call_status(),
    }
}

fn reason(plan: &Plan, number: usize) -> &'static str {
    match number {
        0 => "route:first",
        _ if number < plan.targets.len() => "fallback",
        _ => "retry",
    }
}

/// How long to wait before the next try; `None`: the provider asks for more patience than we have.
fn pause(plan: &Plan, number: usize, failure: &Failure) -> Option<Duration> {
    if number + 1 < plan.targets.len() {
        // Another target has nothing to do with this one's trouble.
        return Some(Duration::ZERO);
    }
    let round = u32::try_from((number + 1) / plan.targets.len()).unwrap_or(u32::MAX);
    let bound = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(round.saturating_sub(1))).min(LONGEST_PAUSE);
    let drawn = bound.mul_f64(rand::random_range(0.5..1.0));
    match failure.retry_after {
        Some(asked) if asked > LONGEST_RETRY_AFTER => None,
        Some(asked) => Some(asked.max(drawn)),
        None => Some(drawn),
    }
}
