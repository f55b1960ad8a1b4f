//! What a call cost, told with its answer to whoever asked: `x-aop-include-cost: true`, and every run. A stream ends in
//! one comment, which every reader of server-sent events passes over:
//!
//! ```text
//! : aop {"call_id":"…","cost":"0.000412","input_tokens":12,"output_tokens":34}
//! ```
//!
//! A whole answer carries the header `x-aop-cost`. The figures are those of the record. The cost is decimal text in
//! dollars; when it is unknown, `null` in the comment and `unknown` in the header. For everybody else bytes stay as the
//! provider sent them.

use bytes::{Bytes, BytesMut};
use pingora_http::ResponseHeader;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use aop_domain::record::CallRecord;

use crate::call::Call;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    call_id: Uuid,
    cost: Option<Decimal>,
    input_tokens: u64,
    output_tokens: u64,
}

impl Meter {
    /// `None`: nobody asked.
    pub(crate) fn of(call: &Call, record: &CallRecord) -> Option<Self> {
        let is_run = call.caller.as_ref().is_some_and(|caller| caller.run.is_some());
        if !is_run && !call.wants_cost {
            return None;
        }
        let usage = record.usage.unwrap_or_default();
        Some(Self {
            call_id: call.id,
            cost: cost(record),
            input_tokens: usage.input(),
            output_tokens: usage.output(),
        })
    }

    fn comment(&self) -> String {
        let told = json!({
            "call_id": self.call_id,
            "cost": self.cost,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        });
        format!(": aop {told}\n\n")
    }
}

fn cost(record: &CallRecord) -> Option<Decimal> {
    let parts = [&record.cost_input, &record.cost_cache, &record.cost_output, &record.wasted_cost];
    record
        .cost_known
        .then(|| parts.iter().filter_map(|part| part.parse::<Decimal>().ok()).sum::<Decimal>().normalize())
}

/// The header of a whole answer, with the cost if it was asked for.
pub(super) fn priced(call: &Call, answer: &mut ResponseHeader) -> pingora_core::Result<()> {
    let Some(meter) = call.meter.filter(|_| call.wants_cost) else { return Ok(()) };
    let cost = meter.cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
    answer.insert_header("x-aop-cost", cost)
}

/// The stream's last bytes with the comment of the call after them, if it has one.
pub(super) fn appended(call: &Call, last: Bytes, between_events: bool) -> Bytes {
    let Some(meter) = &call.meter else { return last };
    let ended = if last.is_empty() { between_events } else { super::stream::ends_event(&last) };
    let mut all = BytesMut::from(last);
    if !ended {
        all.extend_from_slice(b"\n\n");
    }
    all.extend_from_slice(meter.comment().as_bytes());
    all.freeze()
}
