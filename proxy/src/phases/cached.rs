//! Between route and limits: an answer that is kept is given again. No provider is asked, so nothing is reserved.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aop_domain::record::CacheOutcome;
use http::header;
use pingora_proxy::Session;

use super::Stop;
use super::record::{self, Answer, Ending};
use super::reply;
use crate::cache::{Control, Entry, Filling, Question, Turn};
use crate::call::{Call, micros};
use crate::client;
use crate::routing::Leg;

/// True: the call is answered.
pub(crate) async fn answer(call: &mut Call, session: &mut Session, leg: &Leg) -> Result<bool, Stop> {
    let request = session.req_header();
    let Some(question) = Question::of(call, &leg.entry.route, request.uri.query(), &request.headers) else {
        return Ok(false);
    };
    let control = Control::of(&request.headers);
    let ttl = Duration::from_secs(question.policy.ttl_s.into());
    let Some(key) = question.key().filter(|_| !control.no_store) else {
        call.cache = CacheOutcome::Bypass;
        call.shared.metrics.cache.bypasses.inc();
        return Ok(false);
    };
    call.cache = CacheOutcome::Miss;
    if control.wants_new() {
        call.filling = Some(Filling::new(key, ttl, None));
        call.shared.metrics.cache.misses.inc();
        return Ok(false);
    }
    let longest_age = ttl.min(control.longest_age);
    let found = match call.shared.cache.turn(key, longest_age, Instant::now()) {
        Turn::Take(entry) => Some(entry),
        Turn::Go(lead) => {
            let now_ms = call.shared.clock.now_us() / 1_000;
            // Seldom, and large: it must not make every call's future larger.
            let found = Box::pin(call.shared.cache.find_elsewhere(key, longest_age, now_ms)).await;
            match &found {
                Some(entry) => lead.land(Arc::clone(entry)),
                None => call.filling = Some(Filling::new(key, ttl, Some(lead))),
            }
            found
        }
        Turn::Wait(waiting) => {
            call.shared.metrics.cache.waits.inc();
            let landed = tokio::select! {
                landed = waiting.landed() => landed,
                () = client::gone(session) => return Err(Stop::ClientGone),
            };
            call.filling = Some(Filling::new(key, ttl, None));
            // What came from elsewhere may be new enough for who went first, and not for this one.
            landed.filter(|entry| entry.age(Instant::now()) <= longest_age)
        }
    };
    let Some(entry) = found else {
        call.shared.metrics.cache.misses.inc();
        return Ok(false);
    };
    call.filling = None;
    call.cache = CacheOutcome::Hit;
    call.cost_saved = entry.cost;
    call.shared.metrics.cache.hits.inc();
    replay(call, session, &entry).await.map(|()| true)
}

async fn replay(call: &mut Call, session: &mut Session, entry: &Entry) -> Result<(), Stop> {
    let told = Answer {
        body: vec![entry.body.clone()],
        is_sse: entry.is_sse,
        model: entry.model.clone(),
        id: entry.id.clone(),
        finish_reason: entry.finish_reason.clone(),
        first_token_us: micros(call.started.elapsed()),
        ..Answer::default()
    };
    call.dropped.clone_from(&entry.dropped);
    record::write_with_others(call, Ending::ok(200, told)).await?;
    let mut answer = reply::answer_header(call, 200, None).map_err(|_| Stop::ClientGone)?;
    let age_s = entry.age(Instant::now()).as_secs().to_string();
    answer.insert_header(header::AGE, age_s).map_err(|_| Stop::ClientGone)?;
    reply::again(call, session, answer, entry.body.clone(), entry.is_sse).await.map_err(|_| Stop::ClientGone)
}
