//! Answers that are errors: the gateway's own, in the envelope of the client's dialect, or the provider's,
//! as it sent it or translated.

use bytes::Bytes;
use http::header;
use pingora_proxy::Session;

use super::{answer_header, send_whole};
use crate::call::Call;
use crate::limits;
use crate::phases::attempt;
use crate::phases::passthrough::words;
use crate::phases::record::{self, Ending};
use crate::refusal::Refusal;
use crate::translate;
use crate::upstream::failure::Failure;

/// Answers with the gateway's own error. A refused call is recorded too.
pub(crate) async fn refusal(
    call: &mut Call,
    session: &mut Session,
    refusal: &Refusal,
) -> pingora_core::Result<()> {
    let body = words::error_body(call, refusal);
    let ending = Ending::refused(refusal);
    // A refusal that finds no room in the spool is still an answer; the spool counts what it did not take.
    if record::write(call, &ending).is_err() {
        tracing::debug!("a refused call found no room in the spool");
    }
    let mut answer = answer_header(call, refusal.code.http_status(), None)?;
    answer.insert_header(header::CONTENT_TYPE, "application/json")?;
    if let Some(seconds) = refusal.retry_after_s {
        answer.insert_header(header::RETRY_AFTER, seconds.to_string())?;
    }
    if let Some(should_retry) = refusal.should_retry() {
        answer.insert_header("x-should-retry", should_retry)?;
    }
    if let Some(limit) = &refusal.limit {
        limits::put_headers(limit, &mut answer)?;
    }
    if let Some(allow) = refusal.allow {
        answer.insert_header(header::ALLOW, allow)?;
    }
    send_whole(call, session, answer, body).await
}

/// No target answered: the provider's own error when it gave one, ours otherwise.
pub(crate) async fn upstream_failed(
    call: &mut Call,
    session: &mut Session,
    failure: &Failure,
) -> pingora_core::Result<()> {
    let Some(passed) = &failure.answer else { return refusal(call, session, &failure.refusal()).await };
    let status = passed.header.status.as_u16();
    // In the words the client's SDK knows.
    let translated = match &call.crossing {
        Some(crossing) => {
            Some(crossing.client.write_error(&crossing.provider.read_error(status, &passed.body)))
        }
        None => of_its_house(call, status, &passed.body),
    };
    let body = translated.clone().unwrap_or_else(|| passed.body.clone());
    let mut ending = Ending::refused(&failure.refusal());
    ending.http_status = status;
    ending.status = attempt::status(failure);
    ending.answer.bytes = passed.body.len() as u64;
    ending.answer.body = vec![body.clone()];
    if let Err(unrecorded) = record::write(call, &ending) {
        return refusal(call, session, &unrecorded).await;
    }
    let mut answer = answer_header(call, status, Some(&passed.header))?;
    if translated.is_some() {
        answer.insert_header(header::CONTENT_TYPE, "application/json")?;
    }
    send_whole(call, session, answer, body).await
}

/// A provider that answers in the client's dialect may tell errors of its house (credentials, quotas) in another.
fn of_its_house(call: &Call, status: u16, body: &[u8]) -> Option<Bytes> {
    let dialect = call.operation?.dialect()?;
    let provider = call.target.as_ref()?.provider;
    let is_in_another =
        !provider.speaks(dialect) && provider.answers(dialect) && !translate::is_error_of(dialect, body);
    is_in_another.then(|| translate::client(dialect).write_error(&provider.read_error(status, body)))
}
