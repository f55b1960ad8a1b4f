//! What a streamed call cost, told to the runner at the end of its stream in one comment, which every reader of
//! server-sent events passes over:
//!
//! ```text
//! : aop {"call_id":"…","cost":"0.000412","input_tokens":12,"output_tokens":34}
//! ```
//!
//! The figures are those of the record. `cost` is decimal text in dollars, `null` when it is unknown. Only a run
//! credential is told: for everybody else bytes stay as the provider sent them.

use bytes::{Bytes, BytesMut};
use rust_decimal::Decimal;
use serde_json::json;

use aop_domain::record::CallRecord;

use crate::call::Call;

/// The comment of a call made by a run; `None` for every other call.
pub(crate) fn comment(call: &Call, record: &CallRecord) -> Option<Bytes> {
    call.caller.as_ref()?.run.as_ref()?;
    let usage = record.usage.unwrap_or_default();
    let told = json!({
        "call_id": call.id,
        "cost": cost(record),
        "input_tokens": usage.input(),
        "output_tokens": usage.output(),
    });
    Some(Bytes::from(format!(": aop {told}\n\n")))
}

fn cost(record: &CallRecord) -> Option<Decimal> {
    let parts = [&record.cost_input, &record.cost_cache, &record.cost_output];
    record
        .cost_known
        .then(|| parts.iter().filter_map(|part| part.parse::<Decimal>().ok()).sum::<Decimal>().normalize())
}

/// The stream's last bytes with the comment of the call after them, if it has one.
pub(super) fn appended(call: &Call, last: Bytes, between_events: bool) -> Bytes {
    let Some(comment) = &call.meter else { return last };
    let ended = if last.is_empty() { between_events } else { super::stream::ends_event(&last) };
    let mut all = BytesMut::from(last);
    if !ended {
        all.extend_from_slice(b"\n\n");
    }
    all.extend_from_slice(comment);
    all.freeze()
}
