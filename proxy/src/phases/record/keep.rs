//! Into the spool: a record is encoded once, and its bodies are not copied.

use prost::Message;

use aop_domain::guard::RecordingLevel;
use aop_domain::record::{CallRecord, RecordKind};
use aop_spool::{AppendError, Staged};

use super::Ending;
use crate::call::Call;
use crate::config::WhenFull;
use crate::recording;
use crate::refusal::{Code, Refusal};

/// Tags of the bodies in `CallRecord`: they are not copied into the encoded record, but follow it.
const REQUEST_BODY_TAG: u32 = 34;
const RESPONSE_BODY_TAG: u32 = 35;

/// Writes the record.
pub(super) fn append(call: &Call, record: CallRecord, ending: &Ending) -> Result<(), Refusal> {
    let (record, appended) =
        put(call, record, ending, |parts| call.shared.spool.append(RecordKind::Call, parts));
    appended.or_else(|error| or_shed(call, Some(record), &error))
}

/// Takes the record in, to be written together with others.
pub(super) fn stage(call: &Call, record: CallRecord, ending: &Ending) -> Result<Kept, Refusal> {
    let (record, staged) =
        put(call, record, ending, |parts| call.shared.spool.stage(RecordKind::Call, parts));
    match staged {
        Ok(staged) => {
            let sheds = call.shared.when_full == WhenFull::ShedBodies;
            Ok(Kept { staged: Some(staged), record: sheds.then(|| Box::new(record)) })
        }
        Err(error) => {
            or_shed(call, Some(record), &error)?;
            Ok(Kept { staged: None, record: None })
        }
    }
}

/// A record that was taken in.
pub(super) struct Kept {
    staged: Option<Staged>,
    /// To be tried without its bodies.
    record: Option<Box<CallRecord>>,
}

impl Kept {
    /// When it returns, the record is written. The client may have the end of its answer.
    pub(super) fn commit(self, call: &Call) -> Result<(), Refusal> {
        let committed = self.staged.map_or(Ok(()), Staged::commit);
        committed.or_else(|error| or_shed(call, self.record.map(|record| *record), &error))
    }
}

/// Gives the encoded record, in parts, to the spool.
fn put<T>(
    call: &Call,
    mut record: CallRecord,
    ending: &Ending,
    into: impl FnOnce(&[&[u8]]) -> T,
) -> (CallRecord, T) {
    let bodies = recording::keep(call, &mut record, ending);
    let (kept, answer, is_cut) = bodies.up_to(call.shared.limits.recorded_body_max_bytes);
    let is_kept = record.recording != RecordingLevel::Metadata as i32;
    record.body_truncated = is_kept && (ending.answer.truncated || is_cut);
    let answer_bytes: usize = answer.iter().map(|piece| piece.len()).sum();

    let mut head = Vec::with_capacity(512 + 256 * record.attempts.len());
    // A vector grows: encoding into it cannot fail.
    let _ = record.encode(&mut head);
    body_key(REQUEST_BODY_TAG, kept.len(), &mut head);
    let mut answer_key = Vec::with_capacity(12);
    body_key(RESPONSE_BODY_TAG, answer_bytes, &mut answer_key);
    let mut parts: Vec<&[u8]> = vec![&head, kept];
    if answer_bytes > 0 {
        parts.push(&answer_key);
        parts.extend(answer);
    }
    let result = into(&parts);
    (record, result)
}

/// The spool did not take the record: without its bodies it may, from its reserve.
fn or_shed(call: &Call, record: Option<CallRecord>, error: &AppendError) -> Result<(), Refusal> {
    let is_too_much = matches!(error, AppendError::Full { .. } | AppendError::TooLarge { .. });
    match record {
        Some(mut record) if is_too_much && call.shared.when_full == WhenFull::ShedBodies => {
            record.body_truncated = true;
            call.shared.metrics.records_shed.inc();
            let result = call.shared.spool.append_ledger(RecordKind::Call, &[&record.encode_to_vec()]);
            result.map_err(|error| not_recorded(call, &error))
        }
        _ => Err(not_recorded(call, error)),
    }
}

fn not_recorded(call: &Call, error: &AppendError) -> Refusal {
    call.shared.metrics.records_refused.inc();
    tracing::error!(call = %call.id, %error, "a call could not be recorded");
    Refusal::new(
        Code::SpoolFull,
        "The gateway could not record this call, so it is not answered. Try again in a moment.",
    )
}

/// The key and length of a bytes field; its content follows.
fn body_key(tag: u32, length: usize, into: &mut Vec<u8>) {
    if length > 0 {
        prost::encoding::encode_key(tag, prost::encoding::WireType::LengthDelimited, into);
        prost::encoding::encode_varint(length as u64, into);
    }
}
