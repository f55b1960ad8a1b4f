//! Two deployments at once, when the route allows it: the second is asked when the first has been silent for a while.
//! Whoever begins to answer first has the call; the other's connection is closed. Both stand in the record.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pingora_proxy::Session;

use aop_domain::record::CallStatus;

use super::{Outcome, Stop, Try, outgoing};
use crate::call::Call;
use crate::in_flight::{Early, Flight, early};
use crate::phases::resolve::Plan;
use crate::routing::{Leg, Walk};
use crate::shared::Shared;
use crate::upstream::exchange;
use crate::upstream::failure::{Failure, Retry};

/// What each of the two came to; `None`: it was given up.
#[derive(Default)]
struct Race {
    first: Option<Outcome>,
    second: Option<Outcome>,
    /// The call itself was.
    early: Option<Early>,
}

/// The outer error: the call was given up meanwhile.
pub(super) async fn race(
    call: &mut Call,
    session: &mut Session,
    plan: &Plan,
    leg: &Leg,
    walk: &mut Walk,
    mut first: Try,
    after: Duration,
) -> Result<Outcome, Stop> {
    let shared = Arc::clone(&call.shared);
    let flight = call.flight.clone();
    let flight = flight.as_deref();
    let mut second = None;
    let race = {
        let mut one = pin!(send(&shared, plan, &mut first));
        match within(after, one.as_mut(), session, flight).await {
            Some(race) => race,
            None => match next(call, leg, walk) {
                None => alone(one, session, flight).await,
                Some(tried) => {
                    let two = pin!(send(&shared, plan, second.insert(tried)));
                    both(one, two, session, flight).await
                }
            },
        }
    };
    finish(call, race, first, second)
}

/// A second deployment that works and was not asked yet.
fn next(call: &Call, leg: &Leg, walk: &mut Walk) -> Option<Try> {
    let mut step = walk.untried(leg, Instant::now())?;
    step.reason = "hedge";
    Some(Try::begin(call, leg, step, false))
}

/// The translation of the request is kept with the try: the winner's reads the answer.
async fn send(shared: &Shared, plan: &Plan, tried: &mut Try) -> Outcome {
    let mut outgoing = outgoing(shared, plan, &tried.target).map_err(|refusal| {
        let mut failure = Failure::new(refusal.code, refusal.message);
        failure.retry = Retry::Elsewhere;
        failure
    })?;
    tried.crossing = outgoing.crossing.take().map(Arc::new);
    tried.dropped = std::mem::take(&mut outgoing.dropped);
    let Try { target, turn, attempt, .. } = tried;
    exchange::send(&shared.providers, &shared.limits, &outgoing, target, *turn, attempt, None).await
}

/// `None`: it was silent for so long.
async fn within(
    after: Duration,
    one: Pin<&mut impl Future<Output = Outcome>>,
    session: &mut Session,
    flight: Option<&Flight>,
) -> Option<Race> {
    tokio::select! {
        biased;
        outcome = one => Some(Race { first: Some(outcome), ..Race::default() }),
        early = early(session, flight) => Some(Race { early: Some(early), ..Race::default() }),
        () = tokio::time::sleep(after) => None,
    }
}

async fn alone(
    one: Pin<&mut impl Future<Output = Outcome>>,
    session: &mut Session,
    flight: Option<&Flight>,
) -> Race {
    tokio::select! {
        biased;
        outcome = one => Race { first: Some(outcome), ..Race::default() },
        early = early(session, flight) => Race { early: Some(early), ..Race::default() },
    }
}

/// Until one has begun to answer or both have failed.
async fn both(
    mut one: Pin<&mut impl Future<Output = Outcome>>,
    mut two: Pin<&mut impl Future<Output = Outcome>>,
    session: &mut Session,
    flight: Option<&Flight>,
) -> Race {
    let mut race = Race::default();
    loop {
        tokio::select! {
            biased;
            outcome = &mut one, if race.first.is_none() => race.first = Some(outcome),
            outcome = &mut two, if race.second.is_none() => race.second = Some(outcome),
            early = early(session, flight) => race.early = Some(early),
        }
        let won = |outcome: &Option<Outcome>| matches!(outcome, Some(Ok(_)));
        let is_over = race.first.is_some() && race.second.is_some();
        if race.early.is_some() || is_over || won(&race.first) || won(&race.second) {
            return race;
        }
    }
}

fn finish(call: &mut Call, race: Race, first: Try, second: Option<Try>) -> Result<Outcome, Stop> {
    let Race { first: one, second: two, early } = race;
    let second_won = matches!(two, Some(Ok(_)));
    let Some(second) = second else {
        // Only a call that was given up leaves a try alone without an outcome.
        let outcome = one.ok_or_else(|| early.unwrap_or(Early::ClientGone));
        first.end(call, outcome.as_ref());
        return outcome.map_err(Stop::from);
    };
    let (first_target, first_crossing) = (Arc::clone(&first.target), first.crossing.clone());
    let first_dropped = first.dropped.clone();
    end(call, first, one.as_ref(), early.as_ref());
    end(call, second, two.as_ref(), early.as_ref());
    if let Some(early) = early {
        return Err(early.into());
    }
    match (one, two) {
        (Some(first), _) if !second_won => {
            call.target = Some(first_target);
            call.crossing = first_crossing;
            call.dropped = first_dropped;
            Ok(first)
        }
        (_, Some(second)) => Ok(second),
        (first, None) => first.ok_or(Stop::ClientGone),
    }
}

fn end(call: &mut Call, mut tried: Try, outcome: Option<&Outcome>, early: Option<&Early>) {
    let outcome = outcome.map(Ok).or(early.map(Err));
    let Some(outcome) = outcome else {
        let attempt = &mut tried.attempt;
        attempt.end(CallStatus::Cancelled, "hedge_lost", "Another deployment began to answer first.");
        call.attempts.push(tried.attempt);
        call.target = Some(tried.target);
        call.crossing = tried.crossing;
        call.dropped = tried.dropped;
        return;
    };
    tried.end(call, outcome);
}
