//! How a limit shows in an answer: the refusal, the facts in its body, and the headers, as OpenAI sends them.

use pingora_http::ResponseHeader;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use aop_domain::limits::{Ask, Kind, Refused, Slice};

use super::counter::Counter;
use super::hold::Held;
use super::rules::Rule;
use crate::refusal::{Code, Refusal};

/// What a client is told of the limit that refused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitFacts {
    pub scope: &'static str,
    /// Which team, key, model, run, ...
    pub scope_id: String,
    pub kind: Kind,
    pub limit: i64,
    pub used: i64,
    pub remaining: i64,
    /// Unix seconds; `None`: it does not come back by itself.
    pub resets_at_s: Option<i64>,
    /// Until then.
    pub reset_in_us: i64,
}

impl LimitFacts {
    pub(super) fn of(rule: &Rule, counter: &Counter, slice: &Slice, now_us: i64) -> Self {
        let limit = &rule.limit;
        let scope_id = match (&*counter.key.bucket, &limit.subject, limit.team_id) {
            ("", Some(subject), _) => subject.clone(),
            ("", None, Some(team)) => team.to_string(),
            ("", None, None) => String::new(),
            (bucket, ..) => bucket.to_owned(),
        };
        let used = if limit.kind == Kind::Concurrency { slice.reserved() } else { slice.used() };
        Self {
            scope: limit.scope.as_str(),
            scope_id,
            kind: limit.kind,
            limit: slice.amount(),
            used,
            remaining: slice.remaining(),
            resets_at_s: counter.key.span.end_s,
            reset_in_us: counter.key.span.end_s.map_or(0, |end_s| (end_s * 1_000_000 - now_us).max(0)),
        }
    }

    /// The fields of an error or a quota. Dollars are decimal text, counts are numbers.
    pub(crate) fn fields(&self) -> [(&'static str, Value); 6] {
        let amount = |units: i64| match self.kind {
            Kind::Spend => json!(dollars(units)),
            _ => json!(units),
        };
        let resets_at = self.resets_at_s.and_then(|at_s| OffsetDateTime::from_unix_timestamp(at_s).ok());
        [
            ("scope", json!(self.scope)),
            ("scope_id", json!(self.scope_id)),
            ("limit", amount(self.limit)),
            ("used", amount(self.used)),
            ("remaining", amount(self.remaining)),
            ("resets_at", json!(resets_at.and_then(|at| at.format(&Rfc3339).ok()))),
        ]
    }

    fn what(&self) -> String {
        match self.kind {
            Kind::Requests => format!("{} of {} requests are used", self.used, self.limit),
            Kind::Tokens => format!("{} of {} tokens are used", self.used, self.limit),
            Kind::Concurrency => format!("{} calls at once are allowed", self.limit),
            Kind::Spend => format!("${} of ${} are spent", dollars(self.used), dollars(self.limit)),
        }
    }
}

fn dollars(units: i64) -> Decimal {
    aop_domain::money::from_ledger_units(units)
}

pub(super) fn refused(rule: &Rule, counter: &Counter, why: Refused, ask: Ask, now_us: i64) -> Refusal {
    let facts = LimitFacts::of(rule, counter, &counter.slice.lock(), now_us);
    let may_come_back = why != Refused::UsedUp;
    let needs = match facts.kind {
        Kind::Spend => format!(", and this call is likely to cost ${}", dollars(ask.low.max(1))),
        Kind::Tokens => format!(", and this call is likely to use {}", ask.low.max(1)),
        _ => String::new(),
    };
    let then = match (may_come_back, facts.resets_at_s) {
        (true, _) => "calls in flight hold the rest; try again in a moment".to_owned(),
        (false, Some(_)) => format!("it starts again in {}", duration(facts.reset_in_us)),
        (false, None) => "raise it, or use another key".to_owned(),
    };
    let message = format!("The limit '{}' is reached: {}{needs}; {then}.", rule.limit.name, facts.what());
    let code = if facts.kind == Kind::Spend { Code::BudgetExceeded } else { Code::RateLimitExceeded };
    let mut refusal = Refusal::new(code, message);
    refusal.retry_after_s = match (may_come_back, facts.resets_at_s) {
        (true, _) => Some(1),
        (false, Some(_)) => {
            Some(u32::try_from(facts.reset_in_us.div_ceil_million()).unwrap_or(u32::MAX).max(1))
        }
        (false, None) => None,
    };
    // A budget that is used up does not come back for a retry; one that is only held may.
    refusal.should_retry = match (facts.kind, may_come_back, facts.resets_at_s) {
        (Kind::Spend, true, _) => Some(true),
        (Kind::Spend, false, _) | (_, false, None) => Some(false),
        _ => None,
    };
    refusal.limit = Some(Box::new(facts));
    refusal
}

pub(super) fn cut(rule: &Rule, counter: &Counter, now_us: i64) -> Refusal {
    let facts = LimitFacts::of(rule, counter, &counter.slice.lock(), now_us);
    let code = if facts.kind == Kind::Spend { Code::BudgetExceeded } else { Code::RateLimitExceeded };
    let message =
        format!("The limit '{}' was used up in the middle of this answer, which ends here.", rule.limit.name);
    let mut refusal = Refusal::new(code, message);
    refusal.should_retry = Some(false);
    refusal.limit = Some(Box::new(facts));
    refusal
}

pub(super) fn away(rule: &Rule) -> Refusal {
    Refusal::new(
        Code::LimitsUnavailable,
        format!(
            "The gateway cannot ask how much of the limit '{}' is left: its database is away. Try again in a moment.",
            rule.limit.name
        ),
    )
}

/// The headers of an answer that counted in limits of requests or tokens: of each kind, the one with least left.
pub(crate) fn headers(held: &Held, answer: &mut ResponseHeader) -> pingora_core::Result<()> {
    for kind in [Kind::Requests, Kind::Tokens] {
        let tightest = held
            .parts
            .iter()
            .filter(|part| part.counter.kind == kind && !part.rule.limit.shadow)
            .map(|part| (part, part.counter.slice.lock().remaining()))
            .min_by_key(|(_, remaining)| *remaining);
        if let Some((part, _)) = tightest {
            let now_us = held.limiter.clock.now_us();
            let facts = LimitFacts::of(&part.rule, &part.counter, &part.counter.slice.lock(), now_us);
            put(&facts, answer)?;
        }
    }
    Ok(())
}

pub(crate) fn put(facts: &LimitFacts, answer: &mut ResponseHeader) -> pingora_core::Result<()> {
    let [limit, remaining, reset] = match facts.kind {
        Kind::Requests => {
            ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]
        }
        Kind::Tokens => {
            ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"]
        }
        Kind::Concurrency | Kind::Spend => return Ok(()),
    };
    answer.insert_header(limit, facts.limit.to_string())?;
    answer.insert_header(remaining, facts.remaining.to_string())?;
    if facts.resets_at_s.is_some() {
        answer.insert_header(reset, duration(facts.reset_in_us))?;
    }
    Ok(())
}

/// As OpenAI writes it: `1s`, `6m0s`, `20ms`, `2h0m0s`.
fn duration(us: i64) -> String {
    let ms = us / 1_000;
    if ms < 1_000 {
        return format!("{ms}ms");
    }
    let seconds = us.div_ceil_million();
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

trait WholeSeconds {
    /// Microseconds as whole seconds, rounded up.
    fn div_ceil_million(self) -> i64;
}

impl WholeSeconds for i64 {
    fn div_ceil_million(self) -> i64 {
        self.saturating_add(999_999).div_euclid(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_openai_writes_it() {
        for (us, text) in [
            (20_000, "20ms"),
            (1_000_000, "1s"),
            (59_000_001, "1m0s"),
            (360_000_000, "6m0s"),
            (7_200_000_000, "2h0m0s"),
        ] {
            assert_eq!(duration(us), text);
        }
    }
}
