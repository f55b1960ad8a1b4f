//! The way of a model call, one file a phase, in order. A phase either fills in its part of the call or stops it.

pub(crate) mod accept;
pub(crate) mod admit;
pub(crate) mod attempt;
pub(crate) mod authenticate;
pub(crate) mod cached;
pub(crate) mod form;
pub(crate) mod identify;
pub(crate) mod parse;
pub(crate) mod passthrough;
pub(crate) mod record;
pub(crate) mod reply;
pub(crate) mod reserve;
pub(crate) mod resolve;

use pingora_proxy::Session;

use crate::call::Call;
use crate::continuation::Onward;
use crate::count_tokens;
use crate::endpoint::{Gateway, Operation};
use crate::guardrails;
use crate::hooks;
use crate::in_flight::{self, Early};
use crate::kills;
use crate::limits;
use crate::models;
use crate::refusal::Refusal;
use crate::room::{self, Scarce};
use crate::runaway;
use crate::upstream::failure::Failure;

/// Why a call ended before its answer was whole.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nothing was sent yet: the gateway answers with its own error.
    Refused(Refusal),
    /// Nothing was sent yet, and no provider gave an answer: its error is passed on, or ours is sent.
    UpstreamFailed(Box<Failure>),
    /// The client went away. The provider has been told by closing its connection.
    ClientGone,
    /// Nothing was sent yet, and somebody ended the call. The provider has been told by closing its connection.
    Ended(Refusal),
    /// The answer was already on its way: it ends as an error, and the connection is closed. Recorded already.
    Cut,
}

impl From<Early> for Stop {
    fn from(early: Early) -> Self {
        match early {
            Early::ClientGone => Self::ClientGone,
            Early::Ended(why) => Self::Ended(why),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) async fn run(
    call: &mut Call,
    session: &mut Session,
    gateway: &Gateway<'_>,
    turned_away: Option<Scarce>,
) -> Result<(), Stop> {
    accept::limits(call, session.req_header())?;
    authenticate::caller(call, session.req_header()).await?;
    room::admit(call, turned_away)?;
    match accept::operation(gateway)? {
        Operation::Models | Operation::Model => return models::answer(call, session).await,
        Operation::Quota => return limits::answer_quota(call, session).await,
        // Seldom, and large: they must not make every call's future larger.
        Operation::Passthrough => Box::pin(passthrough::request(call, session)).await?,
        operation if operation.takes_form() => Box::pin(form::request(call, session)).await?,
        _ => parse::request(call, session).await?,
    }
    identify::claims(call, &session.req_header().headers)?;
    in_flight::enter(call);
    kills::check(call)?;
    admit::call(call)?;
    hooks::before(call)?;
    guardrails::before(call).await?;
    let (plan, leg) = match call.operation {
        Some(Operation::Passthrough) => passthrough::plan(call, session.req_header())?,
        _ => resolve::plan(call, session.req_header())?,
    };
    in_flight::follow_route(call);
    if let Some(model) = plan.counted_here(&leg) {
        return count_tokens::answer(call, session, model).await;
    }
    runaway::judge(call, session).await?;
    if cached::answer(call, session, &leg).await? {
        return Ok(());
    }
    reserve::limits(call, &leg).await?;
    let (upstream, leg) = attempt::first_byte(call, session, &plan, leg).await?;
    let onward = Onward::of(call, &plan, leg);
    reply::relay(call, session, upstream, onward).await
}
