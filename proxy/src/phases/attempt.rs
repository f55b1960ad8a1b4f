//! Seventh phase: asks one deployment after the other until one begins to answer. Nothing has gone to the client yet.

mod hedge;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pingora_proxy::Session;

use aop_domain::record::CallStatus;

use super::Stop;
use super::resolve::Plan;
use crate::call::{Attempt, Call, Request};
use crate::in_flight::{Early, early, is_draining, killed};
use crate::refusal::{Code, Refusal};
use crate::routing::{Class, Fallbacks, Leg, Step, Walk};
use crate::shared::Shared;
use crate::snapshot::Target;
use crate::translate::Crossing;
use crate::turns;
use crate::upload::Incoming;
use crate::upstream::exchange::{self, Upstream};
use crate::upstream::failure::{Failure, Retry};
use crate::upstream::outgoing::{Coming, Outgoing};

/// The pause before the same target is tried again doubles from here, and is drawn at random below its bound.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A provider that asks for a longer wait is not waited for: the client is told instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(2);

/// How a try ended that its client waited for.
pub(crate) type Outcome = Result<Upstream, Failure>;

/// Along the route that was asked for, then along those of its fallbacks; with the leg whose deployment answers.
pub(crate) async fn first_byte(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
    first: Leg,
) -> Result<(Upstream, Leg), Stop> {
    let mut fallbacks = Fallbacks::new(&first.entry);
    let mut leg = first;
    loop {
        let failure = match along(call, session, plan, &leg, &fallbacks).await? {
            Ok(upstream) => return Ok((upstream, leg)),
            Err(_) if is_draining(call.flight.as_deref()) => return Err(Stop::ClientGone),
            Err(failure) => failure,
        };
        if is_spent(call) {
            return Err(Stop::UpstreamFailed(Box::new(failure)));
        }
        let Some(next) = fallbacks.next(call, plan.operation, Class::of(&failure)) else {
            return Err(Stop::UpstreamFailed(Box::new(failure)));
        };
        call.route = Some(Arc::clone(&next.entry));
        leg = next;
    }
}

/// The deployments of one route, in order, and again while the route allows it.
async fn along(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
    leg: &Leg,
    fallbacks: &Fallbacks,
) -> Result<Outcome, Stop> {
    let mut walk = Walk::default();
    let Some(first) = walk.step(leg, Instant::now()) else {
        return Err(Refusal::new(Code::Internal, "No upstream try was made.").into());
    };
    let flight = call.flight.clone();
    let mut failure = match first_try(call, session, plan, leg, &mut walk, first).await? {
        Ok(upstream) => return Ok(Ok(upstream)),
        Err(failure) => failure,
    };
    while !is_spent(call) && goes_on(&walk, leg, &failure) {
        if is_draining(flight.as_deref()) {
            return Err(Stop::ClientGone);
        }
        if !walk.has_untried(leg) {
            if fallbacks.names(Class::of(&failure)) {
                break;
            }
            let Some(pause) = pause(walk.rounds(leg), &failure) else { break };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                early = early(session, flight.as_deref()) => return Err(early.into()),
            }
        }
        let Some(step) = walk.step(leg, Instant::now()) else { break };
        let tried = Try::begin(call, leg, step, false);
        failure = match attempt(call, session, plan, tried).await? {
            Ok(upstream) => return Ok(Ok(upstream)),
            Err(failure) => failure,
        };
    }
    Ok(Err(failure))
}

async fn first_try(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
    leg: &Leg,
    walk: &mut Walk,
    step: Step,
) -> Result<Outcome, Stop> {
    let tried = Try::begin(call, leg, step, true);
    let streams_up = call.request.as_ref().is_some_and(is_coming);
    match leg.hedge_after.filter(|_| !streams_up) {
        None => attempt(call, session, plan, tried).await,
        // Seldom, and large: it must not make every call's future larger.
        Some(after) => Box::pin(hedge::race(call, session, plan, leg, walk, tried, after)).await,
    }
}

/// Some of the request's body is still on its way from the client.
fn is_coming(request: &Request) -> bool {
    request.upload.as_ref().is_some_and(|upload| !upload.is_whole)
}

fn is_spent(call: &Call) -> bool {
    call.request.as_ref().is_some_and(Request::is_spent)
}

fn goes_on(walk: &Walk, leg: &Leg, failure: &Failure) -> bool {
    match failure.retry {
        Retry::Nowhere => false,
        Retry::Elsewhere => walk.has_untried(leg),
        Retry::Anywhere => walk.may_go_on(leg),
    }
}

/// One try, not yet sent.
struct Try {
    target: Arc<Target>,
    turn: usize,
    attempt: Attempt,
    /// How the answer of a provider of another dialect is read.
    crossing: Option<Arc<Crossing>>,
    dropped: Vec<String>,
}

impl Try {
    fn begin(call: &Call, leg: &Leg, step: Step, is_first: bool) -> Self {
        let Step { target, ticket, turn, reason } = step;
        let mut attempt = Attempt::begin(&target, ticket, call.shared.clock.now_us(), reason);
        if let Some(flight) = &call.flight {
            flight.trying(&attempt.record.provider, &attempt.record.deployment);
        }
        if let Some(class) = leg.fallback_from.filter(|_| is_first) {
            attempt.record.reason = format!("model_fallback:{}", class.as_str());
        }
        leg.order.by.clone_into(&mut attempt.record.strategy);
        if is_first {
            attempt.record.considered.clone_from(&leg.order.considered);
        }
        Self { target, turn, attempt, crossing: None, dropped: Vec::new() }
    }

    /// A target that cannot be asked this: another one may. Nothing is known of its health.
    fn not_asked(mut self, call: &mut Call, refusal: Refusal) -> Failure {
        self.attempt.ticket = None;
        self.attempt.end(refusal.code.call_status(), refusal.code.as_str(), &refusal.message);
        call.attempts.push(self.attempt);
        call.target = Some(self.target);
        let mut failure = Failure::new(refusal.code, refusal.message);
        failure.retry = Retry::Elsewhere;
        failure
    }

    /// Notes how it ended, for the deployment and for the record. `Err`: the call was given up meanwhile.
    fn end(mut self, call: &mut Call, outcome: Result<&Outcome, &Early>) {
        let ticket = self.attempt.ticket.as_mut();
        match outcome {
            Err(Early::ClientGone) => {
                self.attempt.end(CallStatus::Cancelled, Code::ClientGone.as_str(), "The client went away.");
            }
            Err(Early::Ended(why)) => {
                self.attempt.end(why.code.call_status(), why.code.as_str(), &why.message);
            }
            Ok(Ok(upstream)) => {
                if let Some(ticket) = ticket {
                    let took_us = Some(self.attempt.record.first_byte_us).filter(|us| *us > 0);
                    ticket.answered(took_us, upstream.is_event_stream, Instant::now());
                }
            }
            Ok(Err(failure)) => {
                if let Some(ticket) = ticket {
                    if Class::of(failure).blames_deployment() {
                        ticket.failed(failure.retry_after, rand::random(), Instant::now());
                    } else {
                        ticket.answered(None, false, Instant::now());
                    }
                }
                self.attempt.ticket = None;
                self.attempt.end(status(failure), failure.code.as_str(), &failure.message);
            }
        }
        call.attempts.push(self.attempt);
        call.target = Some(self.target);
        call.crossing = self.crossing;
        call.dropped = self.dropped;
    }
}

/// One try. The outer error: the call was given up meanwhile.
async fn attempt(call: &mut Call, session: &mut Session, plan: &Plan, tried: Try) -> Result<Outcome, Stop> {
    match outgoing(&call.shared, plan, &tried.target) {
        Ok(outgoing) => send(call, session, outgoing, tried).await,
        Err(refusal) => Ok(Err(tried.not_asked(call, refusal))),
    }
}

/// A try in the middle of a stream, to go on with what another has begun.
pub(crate) async fn go_on(
    call: &mut Call,
    session: &mut Session,
    leg: &Leg,
    step: Step,
    outgoing: Outgoing<'_>,
) -> Result<Outcome, Stop> {
    let tried = Try::begin(call, leg, step, false);
    send(call, session, outgoing, tried).await
}

async fn send(
    call: &mut Call,
    session: &mut Session,
    mut outgoing: Outgoing<'_>,
    mut tried: Try,
) -> Result<Outcome, Stop> {
    let shared = Arc::clone(&call.shared);
    if outgoing.coming != Coming::Nothing {
        // Seldom, and large: it must not make every call's future larger.
        return Box::pin(streamed_up(call, session, &outgoing, tried)).await;
    }
    turns::others_first(&shared).await;
    let Try { target, turn, attempt, .. } = &mut tried;
    let outcome = tokio::select! {
        biased;
        outcome = exchange::send(&shared.providers, &shared.limits, &outgoing, target, *turn, attempt, None) => Ok(outcome),
        early = early(session, call.flight.as_deref()) => Err(early),
    };
    tried.crossing = outgoing.crossing.take().map(Arc::new);
    tried.dropped = std::mem::take(&mut outgoing.dropped);
    tried.end(call, outcome.as_ref());
    outcome.map_err(Stop::from)
}

/// One try whose request is still on its way from the client.
async fn streamed_up(
    call: &mut Call,
    session: &mut Session,
    outgoing: &Outgoing<'_>,
    mut tried: Try,
) -> Result<Outcome, Stop> {
    let shared = Arc::clone(&call.shared);
    let Some(mut upload) = call.request.as_mut().and_then(|request| request.upload.take()) else {
        return Err(Refusal::new(Code::Internal, "The rest of the request is not there.").into());
    };
    let mut incoming = Incoming::new(session, &mut upload, &shared.limits);
    let Try { target, turn, attempt, .. } = &mut tried;
    let sending = exchange::send(
        &shared.providers,
        &shared.limits,
        outgoing,
        target,
        *turn,
        attempt,
        Some(&mut incoming),
    );
    let outcome = tokio::select! {
        biased;
        outcome = sending => Ok(outcome),
        why = killed(call.flight.as_deref()) => Err(why),
    };
    let fault = incoming.fault.take();
    if let Some(request) = &mut call.request {
        request.upload = Some(upload);
    }
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(why) => {
            let early = Early::Ended(why);
            tried.end(call, Err(&early));
            return Err(early.into());
        }
    };
    match fault {
        None => {
            tried.end(call, Ok(&outcome));
            Ok(outcome)
        }
        Some(Stop::Refused(refusal)) => {
            tried.not_asked(call, refusal.clone());
            Err(refusal.into())
        }
        Some(stop) => {
            tried.end(call, Err(&Early::ClientGone));
            Err(stop)
        }
    }
}

/// What this target is sent, signed where its provider wants that.
fn outgoing<'a>(shared: &Shared, plan: &'a Plan, target: &Target) -> Result<Outgoing<'a>, Refusal> {
    let mut outgoing = plan.outgoing(target)?;
    if outgoing.sign(target, shared.clock.now_us().div_euclid(1_000_000)) {
        return Ok(outgoing);
    }
    Err(Refusal::new(Code::UpstreamRefusedCredential, "The request could not be signed."))
}

/// How a provider's failure stands in the record.
pub(crate) fn status(failure: &Failure) -> CallStatus {
    match failure.answer.as_ref().map(|answer| answer.header.status.as_u16()) {
        Some(429) => CallStatus::RateLimited,
        _ => failure.code.call_status(),
    }
}

/// How long to wait before the same deployments are asked again; `None`: the provider asks for more patience than we have.
fn pause(rounds: u32, failure: &Failure) -> Option<Duration> {
    let bound = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(rounds.saturating_sub(1))).min(LONGEST_PAUSE);
    let drawn = bound.mul_f64(rand::random_range(0.5..1.0));
    match failure.retry_after {
        Some(asked) if asked > LONGEST_RETRY_AFTER => None,
        Some(asked) => Some(asked.max(drawn)),
        None => Some(drawn),
    }
}
