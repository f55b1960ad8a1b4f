//! A call is over: what it used is counted, journaled and learned from.

use rust_decimal::Decimal;

use aop_domain::limits::{Kind, Outcome};
use aop_domain::money;
use aop_domain::record::{CallRecord, CallStatus};

use super::hold::Held;
use crate::call::Call;
use crate::refusal::Code;

/// Settles what the record says. Before the record is written and before the answer's last bytes leave. Calls at once
/// are over when the call is.
pub(crate) fn settle(call: &mut Call, record: &CallRecord) {
    let Some(held) = &mut call.held else { return };
    let used = Used::of(held, record);
    held.settle(&used);
    // What is priced by something else than tokens teaches its cost all the same.
    if record.status == CallStatus::Ok as i32 && (record.usage.is_some() || used.parts.is_some()) {
        let usage = record.usage.unwrap_or_default();
        held.learned.lock().learn(&Outcome {
            body_bytes: held.sizes.body_bytes,
            input_tokens: usage.input(),
            output_tokens: usage.output(),
            input_spend: used.parts.map(|(input, _)| input),
            output_spend: used.parts.map(|(_, output)| output),
        });
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) requests: i64,
    pub(super) tokens: i64,
    pub(super) spend: i64,
    /// Cost of input (cache included) and of output, where it is known.
    pub(super) parts: Option<(i64, i64)>,
}

impl Used {
    fn of(held: &Held, record: &CallRecord) -> Self {
        if record.attempts.is_empty() {
            // No provider was asked.
            return Self::default();
        }
        let asks = &held.asks;
        let parts = if record.cost_known { costs(record) } else { None };
        // A call that was cut off by our own end may have been billed: what it held stays counted.
        let is_abandoned = record.error_code == Code::Stopped.as_str();
        let is_ok = record.status == CallStatus::Ok as i32;
        let unknown = |high: i64, low: i64| match (is_abandoned, is_ok) {
            (true, _) => high,
            (false, true) => low,
            (false, false) => 0,
        };
        Self {
            requests: 1,
            tokens: record.usage.map_or_else(
                || unknown(asks.tokens.high, asks.tokens.low),
                |usage| i64::try_from(usage.total()).unwrap_or(i64::MAX),
            ),
            spend: parts.map_or_else(
                || unknown(asks.spend.high, asks.spend.low),
                |(input, output)| input.saturating_add(output).saturating_add(wasted(record)),
            ),
            parts,
        }
    }
}

/// Tries that were given up may be on the bill too. They say nothing about what the next call will cost.
fn wasted(record: &CallRecord) -> i64 {
    record.wasted_cost.parse::<Decimal>().ok().and_then(money::to_ledger_units).unwrap_or(0)
}

fn costs(record: &CallRecord) -> Option<(i64, i64)> {
    let units = |text: &str| money::to_ledger_units(text.parse::<Decimal>().ok()?);
    let input = units(&record.cost_input)?.saturating_add(units(&record.cost_cache)?);
    Some((input, units(&record.cost_output)?))
}

impl Held {
    pub(super) fn settle(&mut self, used: &Used) {
        let mut journaled = Vec::new();
        for part in self.parts.iter_mut().filter(|part| !part.is_settled) {
            let amount = match part.counter.kind {
                Kind::Concurrency => continue,
                Kind::Requests => used.requests,
                Kind::Tokens => used.tokens,
                Kind::Spend => used.spend,
            };
            part.is_settled = true;
            let spent = {
                let mut slice = part.counter.slice.lock();
                slice.settle(part.hold, amount);
                slice.spent()
            };
            if let Some(no) = part.counter.journal_no {
                journaled.push((no, spent));
            }
        }
        if let Some(journal) = self.limiter.journal() {
            journal.settled(&journaled);
        }
    }
}
