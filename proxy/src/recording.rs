//! How much of a call is kept: everything, everything without secrets and personal data, or nothing that was said. Decided
//! and done before the record reaches the spool; what is taken out here is on no disk.

use std::borrow::Cow;

use aop_domain::guard::{Detectors, RecordingLevel};
use aop_domain::record::{CallRecord, ProvenToken};
use aop_guard::redact::Redactor;
use bytes::Bytes;

use crate::call::Call;
use crate::phases::record::Ending;

/// Errors of these codes carry what a provider wrote, which may be what it was asked.
const TOLD_BY_PROVIDERS: &str = "upstream_";

/// The bodies as they are kept.
pub(crate) struct Bodies<'a> {
    request: Cow<'a, [u8]>,
    answer: Cow<'a, [Bytes]>,
}

/// Makes the record what its team and key want kept. A call of nobody known has no body, and is kept as it is.
pub(crate) fn keep<'a>(call: &'a Call, record: &mut CallRecord, ending: &'a Ending) -> Bodies<'a> {
    // Files that were sent are not kept: what they were is.
    let described = call.request.as_ref().and_then(|request| Some(request.upload.as_ref()?.described()));
    let request = match described {
        Some(described) => Cow::Owned(described.to_vec()),
        None => Cow::Borrowed(call.request.as_ref().map_or(&b""[..], |request| &request.body[..])),
    };
    let level = level(call);
    record.recording = level as i32;
    match level {
        RecordingLevel::Full => Bodies { request, answer: Cow::Borrowed(&ending.answer.body) },
        RecordingLevel::Redacted => redacted(request, record, ending),
        RecordingLevel::Metadata => {
            let mut redactor = Redactor::new(Detectors::of_recording());
            redactor.record(record);
            silence(record);
            record.redactions = redactor.taken;
            Bodies { request: Cow::Borrowed(&b""[..]), answer: Cow::Borrowed(&[]) }
        }
    }
}

/// The token that a call was made with, as it may be shown while the call runs: like in its record.
pub(crate) fn shown_token(call: &Call) -> Option<ProvenToken> {
    let token = call.caller.as_ref()?.token.as_ref()?;
    if level(call) == RecordingLevel::Full {
        return Some(token.clone());
    }
    let mut redactor = Redactor::new(Detectors::of_recording());
    let subject = redactor.text(&token.subject).unwrap_or_else(|| token.subject.clone());
    Some(ProvenToken { issuer: token.issuer.clone(), subject })
}

pub(crate) fn level(call: &Call) -> RecordingLevel {
    let (Some(caller), Some(index)) = (&call.caller, &call.index) else { return RecordingLevel::Full };
    index.snapshot.guard.recording(caller.team_id, caller.key_id)
}

fn redacted<'a>(request: Cow<'a, [u8]>, record: &mut CallRecord, ending: &'a Ending) -> Bodies<'a> {
    let mut redactor = Redactor::new(Detectors::of_recording());
    redactor.record(record);
    let clean = redactor.body(&request);
    let request = clean.map_or(request, Cow::Owned);
    let whole: Cow<'_, [u8]> = match ending.answer.body.as_slice() {
        [one] => Cow::Borrowed(one),
        pieces => Cow::Owned(pieces.concat()),
    };
    let clean = if ending.answer.is_sse { redactor.stream(&whole) } else { redactor.body(&whole) };
    let answer = match clean {
        Some(clean) => Cow::Owned(vec![Bytes::from(clean)]),
        None => Cow::Borrowed(ending.answer.body.as_slice()),
    };
    record.redactions = redactor.taken;
    Bodies { request, answer }
}

fn silence(record: &mut CallRecord) {
    let is_told = |code: &str| code.starts_with(TOLD_BY_PROVIDERS);
    if is_told(&record.error_code) {
        record.error_message.clear();
    }
    for attempt in &mut record.attempts {
        if is_told(&attempt.error_code) {
            attempt.error_message.clear();
        }
    }
}

impl Bodies<'_> {
    /// Up to `limit` bytes of each: the request, the pieces of the answer, and whether anything is missing.
    pub(crate) fn up_to(&self, limit: usize) -> (&[u8], Vec<&[u8]>, bool) {
        let request = &self.request[..self.request.len().min(limit)];
        let mut room = limit;
        let mut answer = Vec::with_capacity(self.answer.len());
        let mut is_cut = request.len() < self.request.len();
        for piece in self.answer.iter() {
            let kept = &piece[..piece.len().min(room)];
            room -= kept.len();
            is_cut |= kept.len() < piece.len();
            if !kept.is_empty() {
                answer.push(kept);
            }
        }
        (request, answer, is_cut)
    }
}
