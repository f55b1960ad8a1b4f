//! What each try used and cost. The one that answered has the figures of the call. One that a provider was at work on when
//! it was given up, or whose answer broke off, may be on the provider's bill all the same: its input is counted.

use rust_decimal::Decimal;

use aop_domain::money::Cost;
use aop_domain::price;
use aop_domain::record::{AttemptRecord, CallRecord, CallStatus};
use aop_domain::usage::{Usage, UsageSource};

use super::Answer;
use crate::call::{Attempt, Call};

const BYTES_A_TOKEN: u64 = 4;

/// Fills in the tries of the record, and what those beside the answer's may have cost. The call's own cost stands in the
/// record already.
pub(super) fn account(call: &Call, answer: &Answer, record: &mut CallRecord) {
    let answering = answering(&call.attempts, answer);
    let mut attempts: Vec<AttemptRecord> = Vec::with_capacity(call.attempts.len());
    let mut wasted = Wasted::default();
    let mut parts = Vec::new();
    for (at, attempt) in call.attempts.iter().enumerate() {
        let mut told = attempt.record.clone();
        if let Some(usage) = attempt.part {
            told.usage = Some(usage);
            told.usage_source = UsageSource::Partial as i32;
            told.may_be_billed = true;
            let cost = parts_of(call, attempt, &usage);
            told.cost = cost.as_ref().map(|cost| total(cost).normalize().to_string()).unwrap_or_default();
            parts.push((usage, cost));
        } else if Some(at) == answering {
            told.usage = answer.usage;
            told.usage_source = answer.usage_source as i32;
            told.may_be_billed = answer.usage.is_some() || is_ok(attempt);
            if record.cost_known {
                told.cost = sum(record).normalize().to_string();
            }
        } else if was_at_work(attempt) {
            let usage = input_only(call, answer);
            told.usage = Some(usage);
            told.usage_source = UsageSource::Partial as i32;
            told.may_be_billed = true;
            let cost = cost(call, attempt, &usage);
            told.cost = cost.map(|cost| cost.normalize().to_string()).unwrap_or_default();
            wasted.take(cost);
        }
        attempts.push(told);
    }
    record.attempts = attempts;
    add(&parts, record);
    wasted.put(answer, record);
}

/// Of an answer that one deployment has begun and another has gone on with, the call has used what all of them have.
fn add(parts: &[(Usage, Option<Cost>)], record: &mut CallRecord) {
    if parts.is_empty() {
        return;
    }
    // What was counted here is no more than an estimate.
    let is_ok = record.status == CallStatus::Ok as i32;
    record.usage_source = if is_ok { UsageSource::Estimated } else { UsageSource::Partial } as i32;
    let answered = record.usage.is_some();
    record.usage =
        parts.iter().fold(record.usage, |sum, (usage, _)| Some(sum.unwrap_or_default().plus(usage)));
    let known: Option<Vec<&Cost>> = parts.iter().map(|(_, cost)| cost.as_ref()).collect();
    let Some(costs) = known.filter(|_| record.cost_known || !answered) else {
        unknown(record);
        return;
    };
    let of = |text: &str| text.parse::<Decimal>().unwrap_or_default();
    let (mut input, mut cache, mut output) =
        (of(&record.cost_input), of(&record.cost_cache), of(&record.cost_output));
    for cost in costs {
        (input, cache, output) = (input + cost.input, cache + cost.cache, output + cost.output);
    }
    record.cost_known = true;
    record.cost_input = input.normalize().to_string();
    record.cost_cache = cache.normalize().to_string();
    record.cost_output = output.normalize().to_string();
}

/// A sum with an unknown part is unknown.
fn unknown(record: &mut CallRecord) {
    record.cost_known = false;
    for part in [&mut record.cost_input, &mut record.cost_cache, &mut record.cost_output] {
        part.clear();
    }
}

/// The try whose answer, or whose part of one, the call's figures are about.
fn answering(attempts: &[Attempt], answer: &Answer) -> Option<usize> {
    let ok = attempts.iter().position(is_ok);
    let begun = || attempts.iter().rposition(|attempt| attempt.answers && attempt.part.is_none());
    ok.or_else(|| begun().filter(|_| answer.usage.is_some()))
        .or_else(|| answer.usage.is_some().then(|| attempts.len().checked_sub(1)).flatten())
}

fn is_ok(attempt: &Attempt) -> bool {
    attempt.record.status == CallStatus::Ok as i32
}

/// Did the provider take the request and not refuse it? A status that is an error is no bill.
fn was_at_work(attempt: &Attempt) -> bool {
    let record = &attempt.record;
    let was_refused = record.http_status >= 300;
    let codes = [
        "upstream_timeout",
        "upstream_cut",
        "upstream_bad_answer",
        "hedge_lost",
        "client_gone",
        "run_killed",
        "gateway_stopped",
    ];
    !was_refused && codes.contains(&record.error_code.as_str())
}

/// The input is known from the answer, if there is one, and else guessed by its length.
fn input_only(call: &Call, answer: &Answer) -> Usage {
    let bytes = call.request.as_ref().map_or(0, |request| request.body.len() as u64);
    let tokens = answer.usage.map_or(bytes.div_ceil(BYTES_A_TOKEN), |usage| usage.input());
    Usage { in_uncached: u32::try_from(tokens).unwrap_or(u32::MAX), ..Usage::default() }
}

fn cost(call: &Call, attempt: &Attempt, usage: &Usage) -> Option<Decimal> {
    parts_of(call, attempt, usage).as_ref().map(total)
}

fn total(cost: &Cost) -> Decimal {
    cost.input + cost.cache + cost.output
}

fn parts_of(call: &Call, attempt: &Attempt, usage: &Usage) -> Option<Cost> {
    let (index, deployment) = (call.index.as_ref()?, &attempt.deployment);
    let at_s = call.started_at_us.div_euclid(1_000_000);
    let provider = &deployment.provider.price_provider;
    let found = index.prices.find(call.team(), provider, "", &deployment.upstream_model, at_s)?;
    price::cost(usage, &[], price::Facts::default(), found.card)
}

fn sum(record: &CallRecord) -> Decimal {
    let parts = [&record.cost_input, &record.cost_cache, &record.cost_output];
    parts.iter().filter_map(|part| part.parse::<Decimal>().ok()).sum()
}

/// What tries beside the answer's may have cost.
#[derive(Default)]
struct Wasted {
    tries: u32,
    cost: Decimal,
    is_unknown: bool,
}

impl Wasted {
    fn take(&mut self, cost: Option<Decimal>) {
        self.tries += 1;
        self.cost += cost.unwrap_or_default();
        self.is_unknown |= cost.is_none();
    }

    fn put(self, answer: &Answer, record: &mut CallRecord) {
        if self.tries == 0 {
            return;
        }
        if self.is_unknown {
            unknown(record);
            return;
        }
        record.wasted_cost = self.cost.normalize().to_string();
        if answer.usage.is_none() && !record.cost_known {
            // No answer came, so that is all there is to pay.
            record.cost_known = true;
            for part in [&mut record.cost_input, &mut record.cost_cache, &mut record.cost_output] {
                "0".clone_into(part);
            }
        }
    }
}
