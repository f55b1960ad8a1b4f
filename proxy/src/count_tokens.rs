//! `POST /v1/messages/count_tokens` for a model whose provider counts none: an estimate, marked as one.

use bytes::Bytes;
use http::header;
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde_json::json;

use aop_domain::usage::{Usage, UsageSource};

use crate::call::Call;
use crate::estimate;
use crate::phases::Stop;
use crate::phases::record::{self, Answer, Ending};
use crate::refusal::{Code, Refusal};

pub(crate) async fn answer(call: &mut Call, session: &mut Session, model: String) -> Result<(), Stop> {
    let counted = count(call, model).await.ok_or_else(|| {
        Refusal::new(Code::Internal, "The tokens could not be counted; this is the gateway's fault.")
    })?;
    let body = Bytes::from(json!({"input_tokens": counted}).to_string());
    // Nothing was asked of a provider: nothing was used.
    let told = Answer {
        bytes: body.len() as u64,
        body: vec![body.clone()],
        usage: Some(Usage::default()),
        usage_source: UsageSource::Estimated,
        ..Answer::default()
    };
    record::write(call, &Ending::ok(200, told))?;
    send(call, session, body).await.map_err(|_| Stop::ClientGone)
}

async fn count(call: &Call, model: String) -> Option<u64> {
    let body = call.request.as_ref()?.body.clone();
    let counting = tokio::task::spawn_blocking(move || estimate::of_request(&model, &body).input());
    counting.await.ok()
}

async fn send(call: &Call, session: &mut Session, body: Bytes) -> pingora_core::Result<()> {
    let mut answer = ResponseHeader::build(200, Some(6))?;
    answer.insert_header(header::CONTENT_TYPE, "application/json")?;
    answer.insert_header(header::CONTENT_LENGTH, body.len().to_string())?;
    answer.insert_header("x-request-id", call.id.to_string())?;
    answer.insert_header("x-aop-call-id", call.id.to_string())?;
    answer.insert_header("x-aop-usage-source", "estimated")?;
    session.write_response_header(Box::new(answer), false).await?;
    session.write_response_body(Some(body), true).await
}
