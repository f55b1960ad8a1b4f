//! A translated answer that is no stream.

use aop_dialects::form;
use aop_domain::usage::{Usage, UsageSource};
use bytes::Bytes;
use http::header;
use pingora_proxy::Session;

use crate::body::scan;
use crate::call::{Call, micros};
use crate::guardrails;
use crate::in_flight::{early, is_draining};
use crate::metering;
use crate::phases::Stop;
use crate::phases::record::{self, Answer, Ending};
use crate::phases::reply::{answer_header, json, meter, send_whole};
use crate::refusal::{Code, Refusal};
use crate::translate::Crossing;
use crate::upstream::exchange::Upstream;

pub(super) async fn relay(
    call: &mut Call,
    session: &mut Session,
    mut upstream: Upstream,
    crossing: &Crossing,
) -> Result<(), Stop> {
    let mut reservation = call.shared.body_budget.reserve();
    let read = tokio::select! {
        biased;
        read = json::read_whole(call, &mut upstream, &mut reservation) => read,
        early = early(session, call.flight.as_deref()) => {
            drop(upstream);
            return Err(early.into());
        }
    };
    if read.is_err() && is_draining(call.flight.as_deref()) {
        return Err(Stop::ClientGone);
    }
    let theirs = read?;
    let status = upstream.header.status.as_u16();
    let first_token_us = micros(call.started.elapsed());
    let mut header = answer_header(call, status, Some(&upstream.header)).map_err(|_| Stop::ClientGone)?;
    header.insert_header(header::CONTENT_TYPE, "application/json").map_err(|_| Stop::ClientGone)?;
    upstream.release(&call.shared.providers);
    if !scan::is_json(&theirs, json::DEEPEST_ANSWER) {
        return Err(Refusal::new(Code::UpstreamBadAnswer, "The provider's answer is not valid JSON.").into());
    }
    let (ours, usage) = translated(crossing, &theirs)?;
    // Names and reasons as the client sees them; figures as the provider told them.
    let mut answer = metering::whole(call, &ours).await;
    answer.first_token_us = first_token_us;
    answer.bytes = theirs.len() as u64;
    told_usage(&mut answer, usage);
    let ours = match guardrails::answer(call, &ours).await {
        Ok(ours) => ours,
        Err(refusal) => return Err(json::blocked(call, &refusal, answer)),
    };
    answer.body = vec![ours.clone()];
    if is_draining(call.flight.as_deref()) {
        // Nobody is left to be told that there was no room; the spool counts it.
        let _ = record::write(call, &Ending::client_gone(answer));
        return Err(Stop::ClientGone);
    }
    record::write_with_others(call, Ending::ok(status, answer)).await?;
    meter::priced(call, &mut header).map_err(|_| Stop::ClientGone)?;
    send_whole(call, session, header, ours).await.map_err(|_| Stop::ClientGone)
}

fn translated(crossing: &Crossing, body: &[u8]) -> Result<(Bytes, Option<Usage>), Refusal> {
    let bad = |error: aop_dialects::AnswerError| {
        Refusal::new(Code::UpstreamBadAnswer, format!("The answer cannot be translated: {error}."))
    };
    let response: form::Response = crossing.provider.read_response(body).map_err(bad)?;
    let ours = crossing.client.write_response(&response, &crossing.answering).map_err(bad)?;
    Ok((ours, response.usage))
}

/// What the provider told wins over what the client is shown, which some dialects say more coarsely.
fn told_usage(answer: &mut Answer, told: Option<Usage>) {
    if told.is_some() {
        answer.usage = told;
        answer.usage_source = UsageSource::Provider;
    }
}
