//! Cache breaks: providers keep the beginning of a conversation and read it again for a fraction of the price, as long as
//! it stays as it was. A call whose beginning differs from that of the call before pays for all of it again.

use std::collections::HashMap;

use aop_clickhouse::runs::{RunCall, Shape};
use aop_domain::money::from_ledger_units;

use super::speakers::Speaker;
use crate::wire::tree::{CacheBreak, hex};

/// Providers keep no shorter beginning than this, so nothing is lost of a shorter one.
const SHORTEST_KEPT_TOKENS: u64 = 1_024;

/// Calls of each conversation by an agent itself, in their order.
pub(super) fn conversations(calls: &[RunCall], speakers: &[Speaker]) -> Vec<Vec<usize>> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut conversations: Vec<Vec<usize>> = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if call.conversation == 0 || speakers[at].serves.is_some() {
            continue;
        }
        let place = *places.entry(call.conversation).or_insert_with(|| {
            conversations.push(Vec::new());
            conversations.len() - 1
        });
        conversations[place].push(at);
    }
    conversations
}

pub(super) fn breaks(calls: &[RunCall], speakers: &[Speaker], shapes: &[Shape]) -> Vec<CacheBreak> {
    let shapes: HashMap<&str, &Shape> = shapes.iter().map(|shape| (shape.call_id.as_str(), shape)).collect();
    let mut found = Vec::new();
    for conversation in conversations(calls, speakers) {
        let whole = conversation.into_iter().filter(|at| calls[*at].status == "ok");
        let places: Vec<usize> = whole.collect();
        for pair in places.windows(2) {
            let (before, after) = (&calls[pair[0]], &calls[pair[1]]);
            let known = (shapes.get(before.call_id.as_str()), shapes.get(after.call_id.as_str()));
            let (Some(first), Some(second)) = known else { continue };
            if let Some(found_here) = compare(before, after, first, second) {
                let agent = hex(speakers[pair[1]].agent);
                found.push((after.started_at_us, CacheBreak { agent, ..found_here }));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Where the second call's beginning is another than the first one's.
fn compare(before: &RunCall, after: &RunCall, first: &Shape, second: &Shape) -> Option<CacheBreak> {
    let same = first.input.iter().zip(&second.input).take_while(|(one, other)| one == other).count();
    let tools_differ = first.tools != second.tools;
    if same == first.input.len() && !tools_differ {
        return None;
    }
    // Tools stand before all messages.
    let kept = if tools_differ { 0 } else { same };
    let bytes = |range: &[u32]| range.iter().map(|bytes| u64::from(*bytes)).sum::<u64>();
    let (kept_bytes, all_bytes) = (bytes(first.bytes.get(..kept)?), bytes(&first.bytes));
    if all_bytes == 0 {
        return None;
    }
    let kept_tokens = before.input_tokens.saturating_mul(kept_bytes) / all_bytes;
    // What was read from a cache all the same is not lost, and no more can be lost than was sent anew.
    let kept_tokens = kept_tokens.max(u64::from(after.in_cache_read));
    let lost = before.input_tokens.saturating_sub(kept_tokens).min(u64::from(after.in_uncached));
    if before.input_tokens < SHORTEST_KEPT_TOKENS || lost == 0 {
        return None;
    }
    let role = if tools_differ { "tools" } else { role_of(second, first, same) };
    let reason = match role {
        "tools" => "The tools differ from those of the call before.".to_owned(),
        "removed" => format!("Messages from number {} on were taken away.", same + 1),
        role => format!("Message {} ({role}) differs from that of the call before.", same + 1),
    };
    Some(CacheBreak {
        call_id: after.call_id.parse().ok()?,
        previous_call_id: before.call_id.parse().ok()?,
        agent: String::new(),
        conversation: hex(after.conversation),
        message_index: (!tools_differ).then(|| u32::try_from(same).unwrap_or(u32::MAX)),
        role: role.to_owned(),
        lost_tokens: lost,
        lost_cost: lost_cost(before, after, lost),
        reason,
    })
}

fn role_of<'s>(second: &'s Shape, first: &'s Shape, at: usize) -> &'s str {
    match second.roles.get(at).or(first.roles.get(at)).map(String::as_str) {
        _ if at >= second.input.len() => "removed",
        Some("") | None => "missing",
        Some(role) => role,
    }
}

/// What the tokens cost above what a cache would have taken. `None`: one of the two prices does not show in these calls.
fn lost_cost(before: &RunCall, after: &RunCall, lost: u64) -> Option<String> {
    let unit = |cost: i64, tokens: u32| (tokens > 0).then(|| i128::from(cost) / i128::from(tokens));
    let fresh = after.cost_known.then(|| unit(after.cost_input, after.in_uncached))??;
    let kept = [after, before]
        .into_iter()
        // With writes beside the reads the cost of neither shows.
        .filter(|call| call.cost_known && call.in_cache_write == 0)
        .find_map(|call| unit(call.cost_cache, call.in_cache_read))?;
    let lost = (fresh - kept).max(0).checked_mul(i128::from(lost))?;
    Some(from_ledger_units(i64::try_from(lost).ok()?).to_string())
}
