//! Which calls of a run a replay sends.

use std::collections::HashMap;

use aop_clickhouse::runs::{Kept, RunCall};
use aop_domain::id::CallId;
use aop_domain::replay::{Dialect, Edits, MAX_CALLS, OtherArguments, Refused, Scope};
use rust_decimal::Decimal;

/// What somebody wants replayed.
#[derive(Debug, Clone)]
pub struct Wish {
    pub call: CallId,
    pub scope: Scope,
    /// Absent: the one the call asked for.
    pub model: Option<String>,
    pub edits: Edits,
    pub temperature: Option<f64>,
    pub other_arguments: OtherArguments,
    pub max_cost: Option<Decimal>,
}

/// A call within the scope that cannot be sent.
#[derive(Debug, Clone)]
pub struct LeftOut {
    pub call: CallId,
    pub code: &'static str,
    pub reason: String,
}

/// Calls that are looked at, to find those that can be sent among them.
pub(super) const MOST_LOOKED_AT: usize = 4 * MAX_CALLS;

/// Ids of the calls in the scope, the first one first, in the order they were made. `None`: the call is not of this run.
pub(super) fn within(calls: &[RunCall], wish: &Wish) -> Option<Vec<CallId>> {
    let id = |call: &RunCall| call.call_id.parse::<CallId>().ok();
    let at = calls.iter().position(|call| id(call) == Some(wish.call))?;
    let first = &calls[at];
    let is_within = |call: &&RunCall| match wish.scope {
        Scope::Call => false,
        Scope::Conversation => talk_of(call) == talk_of(first),
        Scope::Run => true,
    };
    // What failed was asked again, or was the end of it.
    let answered = |call: &&RunCall| call.status == "ok";
    let after = calls[at + 1..].iter().filter(is_within).filter(answered).filter_map(id);
    Some(std::iter::once(wish.call).chain(after).take(MOST_LOOKED_AT).collect())
}

/// Who talks with the model: the conversation that was found, else one agent at one task.
fn talk_of(call: &RunCall) -> (u64, &str, &str) {
    if call.conversation != 0 { (call.conversation, "", "") } else { (0, &call.agent, &call.task) }
}

/// A number for each talk of a run.
#[derive(Default)]
pub(super) struct Talks<'k>(HashMap<(&'k str, &'k str), u64>);

impl<'k> Talks<'k> {
    pub(super) fn number(&mut self, call: &'k Kept) -> u64 {
        if call.conversation != 0 {
            return call.conversation;
        }
        // A span's number is never so small.
        let next = self.0.len() as u64 + 1;
        *self.0.entry((&call.agent, &call.task)).or_insert(next)
    }
}

/// The calls that can be sent at all, up to as many as one replay has; whether there were more; and those left out.
pub(super) fn conversations(calls: Vec<Kept>) -> (Vec<(Kept, Dialect)>, bool, Vec<LeftOut>) {
    let (mut chosen, mut left_out, mut truncated) = (Vec::new(), Vec::new(), false);
    for call in calls {
        let Ok(id) = call.call_id.parse() else { continue };
        match Dialect::of_operation(&call.operation) {
            Some(_) if chosen.len() >= MAX_CALLS => truncated = true,
            Some(dialect) => chosen.push((call, dialect)),
            None => left_out.push(refused(id, Refused::NotAConversation)),
        }
    }
    (chosen, truncated, left_out)
}

pub(super) fn refused(call: CallId, why: Refused) -> LeftOut {
    LeftOut { call, code: why.code(), reason: why.to_string() }
}
