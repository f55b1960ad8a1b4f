//! A stream that breaks goes on elsewhere: another deployment of the model is given what was said so far and its answer is
//! told as the rest of the same stream. Where a route wishes it, and only where it can be done truthfully; otherwise the
//! stream ends with an error as every other.

mod follow;
mod request;
mod said;
mod seam;

pub(crate) use follow::Follow;
pub(crate) use request::{Asked, Question};
pub(crate) use said::Said;
pub(crate) use seam::Seam;

use std::time::Instant;

use aop_dialects::{Dialect, StreamReader, providers};
use aop_domain::record::CallStatus;
use aop_domain::usage::Usage;
use pingora_proxy::Session;

use crate::call::Call;
use crate::endpoint::Operation;
use crate::in_flight::{Early, is_draining};
use crate::limits;
use crate::phases::Stop;
use crate::phases::attempt;
use crate::phases::resolve::Plan;
use crate::refusal::{Code, Refusal};
use crate::routing::{Leg, Step};
use crate::upstream::exchange::Upstream;

/// Why a try is made, in the record.
const REASON: &str = "continuation";

/// The way a stream may go on.
pub(crate) struct Onward<'a> {
    plan: &'a Plan,
    leg: Leg,
    left: u8,
}

/// A deployment that has begun to go on.
pub(crate) struct Next {
    pub(crate) upstream: Upstream,
    pub(crate) reader: Box<dyn StreamReader>,
    pub(crate) seam: Seam,
}

impl<'a> Onward<'a> {
    /// `None`: the route does not wish it, or it is no stream of a conversation.
    pub(crate) fn of(call: &Call, plan: &'a Plan, leg: Leg) -> Option<Box<Self>> {
        let left = leg.entry.route.policy.continuations;
        let streams = call.request.as_ref().is_some_and(|request| request.stream);
        let talks = call.operation.is_some_and(|it| it.dialect().is_some() && it != Operation::CountTokens);
        (left > 0 && streams && talks).then(|| Box::new(Self { plan, leg, left }))
    }

    /// Asks the other deployments of the route, one after the other, each once. `used`: what the answer that broke has
    /// used; `why` it broke. `None`: nobody can go on.
    pub(crate) async fn next(
        &mut self,
        call: &mut Call,
        session: &mut Session,
        said: &Said,
        used: Option<Usage>,
        why: &Refusal,
    ) -> Result<Option<Next>, Early> {
        if self.left == 0 || !said.can_be_continued() || is_draining(call.flight.as_deref()) {
            return Ok(None);
        }
        let (target, crossing, at) = (call.target.clone(), call.crossing.clone(), call.attempts.len());
        let dropped = call.dropped.clone();
        let asked = self.ask(call, session, said, used, why).await;
        if !matches!(asked, Ok(Some(_))) {
            // What was said stays the answer.
            (call.target, call.crossing) = (target, crossing);
            call.dropped = dropped;
            if let Some(answering) = at.checked_sub(1).and_then(|at| call.attempts.get_mut(at)) {
                answering.part = None;
            }
        }
        asked
    }

    async fn ask(
        &mut self,
        call: &mut Call,
        session: &mut Session,
        said: &Said,
        used: Option<Usage>,
        why: &Refusal,
    ) -> Result<Option<Next>, Early> {
        for target in self.leg.order.targets.clone() {
            let id = target.deployment.id;
            if call.attempts.iter().any(|attempt| attempt.deployment.id == id) {
                continue;
            }
            let now_s = call.shared.clock.now_us().div_euclid(1_000_000);
            let Some(asked) = self.plan.continuing(&target, said, now_s) else { continue };
            let Some(ticket) = target.health.enter(Instant::now()) else { continue };
            end_broken(call, used, why);
            let dialect = match &asked.outgoing.crossing {
                None => call.operation.and_then(Operation::dialect),
                Some(_) => None,
            };
            let provider = target.provider;
            let step = Step { target, ticket, turn: 0, reason: REASON };
            let upstream = match attempt::go_on(call, session, &self.leg, step, asked.outgoing).await {
                Ok(Ok(upstream)) if upstream.is_event_stream => upstream,
                Ok(Ok(_)) => {
                    end_unfit(call);
                    continue;
                }
                Ok(Err(_)) => continue,
                Err(Stop::Ended(why)) => return Err(Early::Ended(why)),
                Err(_) => return Err(Early::ClientGone),
            };
            let reader = dialect.and_then(reader_of).unwrap_or_else(|| provider.stream_reader());
            let before = call.attempts.iter().filter_map(|attempt| attempt.part);
            let used = before.fold(Usage::default(), |sum, used| sum.plus(&used));
            self.left -= 1;
            limits::asked_again(call);
            // It is not what this question is answered with.
            call.filling = None;
            return Ok(Some(Next { upstream, reader, seam: Seam::new(said, asked.echoes, used) }));
        }
        Ok(None)
    }
}

/// What reads a client dialect that passes as it is.
fn reader_of(dialect: Dialect) -> Option<Box<dyn StreamReader>> {
    let kind = match dialect {
        Dialect::Chat => "openai_chat",
        Dialect::Messages => "anthropic",
        Dialect::Responses => "openai_responses",
        _ => return None,
    };
    providers::find(kind).map(|provider| provider.stream_reader())
}

/// The try whose answer broke is over, with a part of the answer to its name.
fn end_broken(call: &mut Call, used: Option<Usage>, why: &Refusal) {
    if let Some(attempt) = call.attempts.last_mut().filter(|attempt| attempt.open) {
        attempt.part = used;
        attempt.answers = true;
        attempt.end(why.code.call_status(), why.code.as_str(), &why.message);
    }
}

/// It answered with something that is no stream.
fn end_unfit(call: &mut Call) {
    if let Some(attempt) = call.attempts.last_mut() {
        let message = "The provider was asked for a stream and answered with something else.";
        attempt.end(CallStatus::UpstreamError, Code::UpstreamBadAnswer.as_str(), message);
    }
}
