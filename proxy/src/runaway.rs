//! The runaway guard: finds runs that have lost their way, from what their calls send (`aop_identity::Step`) and from the
//! totals of the run, and flags, slows or stops them as the team's or the key's policy says.
//!
//! What it remembers is this gateway's, bounded, and gone with a restart; a cap that must hold over several gateways is a
//! budget of the run (`limits/`).

mod recent;
mod run;

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use pingora_proxy::Session;
use rust_decimal::Decimal;

use aop_domain::id::TeamId;
use aop_domain::identity::{Claim, IdentitySource};
use aop_domain::money;
use aop_domain::record::CallRecord;
use aop_domain::runaway::{Action, Mark, Policy, Rule};
use aop_identity::{Memo, Step};

use crate::call::Call;
use crate::endpoint::Operation;
use crate::identity::{IdentityOutcome, infer};
use crate::in_flight::early;
use crate::phases::Stop;
use crate::refusal::{Code, Refusal};
use recent::Recent;
use run::{Run, Usual};

/// The same call again within this time is again the same.
const REPEAT_US: i64 = 600_000_000;
/// A run that is silent for so long begins anew.
const RUN_US: i64 = 6 * 3_600_000_000;
/// A run that is silent for so long is taken as ended, for what is usual.
const ENDED_US: i64 = 600_000_000;
const MOST_REPEATS: usize = 1 << 17;
const MOST_RUNS: usize = 1 << 15;
const MOST_KINDS: usize = 10_000;
/// How long a slowed call waits: doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Guard {
    repeats: Recent<u32>,
    runs: Recent<Run>,
    usual: Mutex<HashMap<u64, Usual>>,
    memo: Memo,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            repeats: Recent::new(MOST_REPEATS, REPEAT_US),
            runs: Recent::new(MOST_RUNS, RUN_US),
            usual: Mutex::default(),
            memo: Memo::new(rand::random()),
        }
    }
}

/// What the guard looks at of one call.
struct Sight {
    run: u64,
    kind: u64,
    step: Option<Step>,
    agent: Option<u64>,
    parent: Option<u64>,
}

/// What it found.
#[derive(Debug, Default)]
struct Verdict {
    marks: Vec<Mark>,
    /// The strongest of what is to be done.
    action: Option<(Action, Rule)>,
    wait: Duration,
}

impl Verdict {
    fn met(&mut self, rule: Rule, policy: &Policy, count: &impl ToString, limit: &impl ToString) {
        let action = policy.action(rule);
        if action == Action::Off {
            return;
        }
        self.marks.push(Mark::new(rule, action, count, limit));
        let is_stronger = self.action.is_none_or(|(known, _)| action as u8 > known as u8);
        if is_stronger {
            self.action = Some((action, rule));
        }
    }
}

impl Guard {
    fn judge(&self, sight: &Sight, policy: &Policy, now_us: i64) -> Verdict {
        let mut verdict = Verdict::default();
        if let Some(step) = &sight.step {
            let times = self.repeats.with(step.call, now_us, |times| {
                *times += 1;
                *times
            });
            if times >= policy.repeated_call.times {
                verdict.met(Rule::RepeatedCall, policy, &times, &policy.repeated_call.times);
            }
        }
        let usual = self.usual.lock().get(&sight.kind).copied().unwrap_or_default();
        self.runs.with(sight.run, now_us, |run| {
            if run.calls == 0 {
                run.kind = sight.kind;
            }
            run.calls = run.calls.saturating_add(1);
            of_run(sight, policy, &usual, run, &mut verdict);
            if matches!(verdict.action, Some((Action::Slow, _))) {
                verdict.wait = (FIRST_WAIT * 2_u32.saturating_pow(run.slowed.min(8))).min(LONGEST_WAIT);
                run.slowed = run.slowed.saturating_add(1);
            }
        });
        verdict
    }

    /// Takes runs that have ended into what is usual.
    pub(crate) fn learn(&self, now_us: i64) {
        let mut usual = self.usual.lock();
        self.runs.each_idle(now_us - ENDED_US, |run| {
            if std::mem::replace(&mut run.is_learned, true) {
                return;
            }
            if usual.len() < MOST_KINDS || usual.contains_key(&run.kind) {
                usual.entry(run.kind).or_default().learn(run);
            }
        });
    }
}

fn of_run(sight: &Sight, policy: &Policy, usual: &Usual, run: &mut Run, verdict: &mut Verdict) {
    if let Some(step) = &sight.step {
        let times = run.tools(step.call, &step.tools);
        if times >= policy.repeated_tool.times {
            verdict.met(Rule::RepeatedTool, policy, &times, &policy.repeated_tool.times);
        }
    }
    if let Some(limit) = policy.run_calls.limit.filter(|limit| run.calls > *limit) {
        verdict.met(Rule::RunCalls, policy, &run.calls, &limit);
    }
    let cost = money::from_ledger_units(run.cost_units).normalize();
    if let Some(limit) = policy.run_cost.limit.filter(|limit| cost >= *limit) {
        verdict.met(Rule::RunCost, policy, &cost, &limit.normalize());
    }
    let depth = run.depth(sight.agent, sight.parent);
    if let Some(limit) = policy.run_depth.limit.filter(|limit| depth > *limit) {
        verdict.met(Rule::RunDepth, policy, &depth, &limit);
    }
    if let Some((calls, cost_units)) = usual.bounds(policy.growth.times) {
        if run.calls > calls {
            verdict.met(Rule::GrowthCalls, policy, &run.calls, &calls);
        }
        if run.cost_units > cost_units {
            verdict.met(Rule::GrowthCost, policy, &cost, &money::from_ledger_units(cost_units).normalize());
        }
    }
}

/// Looks at a call before anything is asked of a provider.
pub(crate) async fn judge(call: &mut Call, session: &mut Session) -> Result<(), Stop> {
    let (Some(index), Some(caller)) = (&call.index, &call.caller) else { return Ok(()) };
    let policy = index.snapshot.runaway.find(caller.team_id, caller.key_id);
    if Rule::ALL.into_iter().all(|rule| policy.action(rule) == Action::Off) {
        return Ok(());
    }
    let Some(sight) = sight(call, &call.shared.runaway.memo) else { return Ok(()) };
    let verdict = call.shared.runaway.judge(&sight, &policy, call.started_at_us);
    if verdict.marks.is_empty() {
        return Ok(());
    }
    call.shared.metrics.runaway_marks.inc_by(verdict.marks.len() as u64);
    if let Some(flight) = &call.flight {
        flight.mark(&verdict.marks);
    }
    call.marks = verdict.marks;
    match verdict.action {
        Some((Action::Stop, rule)) => Err(stopped(rule, &call.marks).into()),
        Some((Action::Slow, _)) => {
            let flight = call.flight.clone();
            tokio::select! {
                () = tokio::time::sleep(verdict.wait) => Ok(()),
                early = early(session, flight.as_deref()) => Err(early.into()),
            }
        }
        _ => Ok(()),
    }
}

fn sight(call: &Call, memo: &Memo) -> Option<Sight> {
    let (caller, request, identity) =
        (call.caller.as_ref()?, call.request.as_ref()?, call.identity.as_ref()?);
    let claimed = &identity.claimed;
    let name = |claim: &Option<Claim>| claim.as_ref().map(|claim| hash(1, claim.value.as_bytes()));
    let key = aop_identity::scope(caller.team_id.as_bytes(), caller.key_id.as_bytes());
    // A run that somebody named is told apart from others that begin alike.
    let scope = if is_named(identity) { hash(key, &identity.trace_id.0) } else { key };
    let is_talk = call.path.passed.is_none() || infer::operation(call) == aop_identity::Operation::Generate;
    let speaks = is_talk && !matches!(call.operation, Some(Operation::Embeddings | Operation::CountTokens));
    let step = speaks.then(|| Step::of(scope, &request.model, &infer::fields(call, request), memo)).flatten();
    let agent = name(&claimed.agent);
    Some(Sight {
        run: run_key(caller.team_id, &identity.trace_id.0),
        kind: name(&claimed.crew)
            .or(agent)
            .or(name(&claimed.framework))
            .map_or(key, |named| hash(named, &key.to_be_bytes())),
        step,
        agent,
        parent: name(&claimed.parent_agent),
    })
}

fn is_named(identity: &IdentityOutcome) -> bool {
    let unnamed = [IdentitySource::Generated, IdentitySource::Inferred, IdentitySource::None];
    !unnamed.iter().any(|kind| *kind as i32 == identity.claimed.trace_source)
}

fn run_key(team: TeamId, trace: &[u8; 16]) -> u64 {
    aop_identity::scope(team.as_bytes(), trace)
}

fn hash(seed: u64, bytes: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot_with_seed(seed, bytes)
}

fn stopped(rule: Rule, marks: &[Mark]) -> Refusal {
    let mark = marks.iter().find(|mark| mark.rule == rule.as_str());
    let (count, limit) = mark.map_or(("", ""), |mark| (mark.count.as_str(), mark.limit.as_str()));
    let what = match rule {
        Rule::RepeatedCall => format!("the same call came {count} times"),
        Rule::RepeatedTool => format!("the same tool was run with the same arguments {count} times"),
        Rule::RunCalls => format!("this run made {count} calls, its limit is {limit}"),
        Rule::RunCost => format!("this run cost {count} dollars, its limit is {limit}"),
        Rule::RunDepth => format!("this run is {count} hand-overs deep, its limit is {limit}"),
        Rule::GrowthCalls => format!("this run made {count} calls, far more than such runs usually do"),
        Rule::GrowthCost => format!("this run cost {count} dollars, far more than such runs usually do"),
    };
    let message = format!("The runaway guard stopped this call: {what}. Its policy stands under Settings.");
    Refusal::new(Code::StoppedByGuard, message)
}

/// A call is over: what it cost counts for its run.
pub(crate) fn settle(call: &Call, record: &CallRecord) {
    let (Some(caller), Some(identity)) = (&call.caller, &call.identity) else { return };
    let parts = [&record.cost_input, &record.cost_cache, &record.cost_output, &record.wasted_cost];
    let cost: Decimal = parts.iter().filter_map(|part| part.parse::<Decimal>().ok()).sum();
    let Some(units) = money::to_ledger_units(cost).filter(|units| *units > 0) else { return };
    call.shared.runaway.runs.peek(run_key(caller.team_id, &identity.trace_id.0), |run| {
        run.cost_units = run.cost_units.saturating_add(units);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use aop_domain::runaway::{Cap, Repeated};

    fn sight(run: u64, call: u64, tools: &[u64]) -> Sight {
        let step = Some(Step { call, tools: tools.to_vec() });
        Sight { run, kind: 3, step, agent: Some(1), parent: None }
    }

    fn rules(verdict: &Verdict) -> Vec<&str> {
        verdict.marks.iter().map(|mark| mark.rule.as_str()).collect()
    }

    #[test]
    fn the_same_call_is_marked_from_its_tenth_time_on_and_forgotten_after_ten_minutes() {
        let (guard, policy) = (Guard::default(), Policy::default());
        for n in 1..=9 {
            assert!(guard.judge(&sight(n, 5, &[]), &policy, 0).marks.is_empty());
        }
        let tenth = guard.judge(&sight(10, 5, &[]), &policy, 0);
        assert_eq!(tenth.marks, [Mark::new(Rule::RepeatedCall, Action::Flag, &10, &10)]);
        assert!(guard.judge(&sight(10, 5, &[]), &policy, REPEAT_US + 1).marks.is_empty());
    }

    #[test]
    fn a_tool_with_the_same_arguments_is_marked_within_one_run_only() {
        let (guard, policy) = (Guard::default(), Policy::default());
        for n in 1..=5 {
            assert!(guard.judge(&sight(1, n, &[42]), &policy, 0).marks.is_empty());
            assert!(guard.judge(&sight(100 + n, 1_000 + n, &[42]), &policy, 0).marks.is_empty());
        }
        assert_eq!(rules(&guard.judge(&sight(1, 6, &[42]), &policy, 0)), ["repeated_tool"]);
    }

    #[test]
    fn the_strongest_action_counts_and_what_is_off_is_not_marked() {
        let guard = Guard::default();
        let run_calls = Cap { action: Action::Stop, limit: Some(1) };
        let mut policy = Policy { run_calls, ..Policy::default() };
        policy.repeated_call.times = 2;
        policy.repeated_tool = Repeated { action: Action::Off, times: 2 };
        guard.judge(&sight(1, 5, &[42]), &policy, 0);
        let second = guard.judge(&sight(1, 5, &[42]), &policy, 0);
        assert_eq!(rules(&second), ["repeated_call", "run_calls"]);
        assert!(matches!(second.action, Some((Action::Stop, Rule::RunCalls))));
    }

    #[test]
    fn a_slowed_run_waits_longer_each_time_up_to_a_bound() {
        let guard = Guard::default();
        let run_calls = Cap { action: Action::Slow, limit: Some(1) };
        let policy = Policy { run_calls, ..Policy::default() };
        let waits: Vec<u64> =
            (0..8).map(|n| guard.judge(&sight(1, n, &[]), &policy, 0).wait.as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_run_that_grows_past_its_like_is_marked() {
        let (guard, policy) = (Guard::default(), Policy::default());
        for run in 1..=5 {
            for call in 0..8 {
                guard.judge(&sight(run, run * 100 + call, &[]), &policy, 0);
            }
        }
        guard.learn(ENDED_US + 1);
        let now_us = ENDED_US + 2;
        let marked: Vec<u64> = (1..=90)
            .filter(|call| !guard.judge(&sight(9, 10_000 + call, &[]), &policy, now_us).marks.is_empty())
            .collect();
        assert_eq!(marked, (81..=90).collect::<Vec<_>>(), "ten times eight calls are the bound");
    }
}
