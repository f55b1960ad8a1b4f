//! Makes a replay's plan of what is recorded.

use std::collections::BTreeMap;

use aop_clickhouse::runs::{self, Body, Contents, Kept};
use aop_clickhouse::{TimeRange, calls, traces};
use aop_domain::hex::hex;
use aop_domain::id::{CallId, TeamId, TraceId};
use aop_domain::replay::{self, Dialect, Edits, MAX_BYTES, Piece, Plan, PlannedCall, Refused};
use aop_service::problem::Problem;
use serde_json::Value;

use super::choose::{self, LeftOut, Talks, Wish};
use crate::error::ApiResult;
use crate::state::AppState;

/// A plan, and what whoever wants it should know.
#[derive(Debug)]
pub struct Prepared {
    pub plan: Plan,
    /// The run it is from.
    pub source_trace: TraceId,
    /// As the ledger has the calls of the plan.
    pub calls: Vec<Kept>,
    pub left_out: Vec<LeftOut>,
    /// The run has more calls than one replay sends.
    pub truncated: bool,
    /// Secrets and personal data that were taken out of what is sent.
    pub redactions: u64,
    /// What of the first call can be edited, as it was recorded.
    pub editable: Edits,
}

/// Reads what the wish is about. A call that cannot be sent at all is refused with the reason.
pub async fn prepare(state: &AppState, team: TeamId, wish: &Wish) -> ApiResult<Prepared> {
    let clickhouse = &state.clickhouse;
    let not_found = || Problem::not_found("call");
    let trace = calls::trace_of(clickhouse, team, wish.call).await?.ok_or_else(not_found)?;
    let trace = traces::find(clickhouse, team, trace).await?.ok_or_else(not_found)?;
    let range = TimeRange {
        from_us: trace.summary.started_at_us,
        to_us: trace.summary.last_seen_us.saturating_add(1),
    };
    let all = runs::calls(clickhouse, team, &trace.parts.traces, range).await?;
    let ids = choose::within(&all, wish).ok_or_else(not_found)?;
    let kept = in_order(runs::kept(clickhouse, team, &ids, range).await?, &ids);
    let (chosen, mut truncated, mut left_out) = choose::conversations(kept);
    truncated |= ids.len() >= choose::MOST_LOOKED_AT;
    let chosen_ids: Vec<CallId> = chosen.iter().filter_map(|(call, _)| call.call_id.parse().ok()).collect();
    let contents = runs::contents(clickhouse, team, &chosen_ids, range, MAX_BYTES).await?;
    let contents = contents.ok_or_else(too_large)?;
    let (mut plan, calls) = plan_of(wish, chosen, &contents, &mut left_out);
    if let Some(first) = left_out.iter().find(|call| call.call == wish.call) {
        return Err(
            Problem::invalid(first.code, format!("This call cannot be replayed. {}", first.reason)).into()
        );
    }
    let editable = plan.calls.first().map(|first| replay::editable(&plan, first)).unwrap_or_default();
    replay::edit(&mut plan, &wish.edits).map_err(|field| {
        let detail = "This cannot be edited: the call has none, or it holds more than text.";
        Problem::invalid("not_editable", detail).field(field)
    })?;
    let redactions = calls.iter().map(|call| u64::from(call.redactions)).sum();
    let source_trace = trace.parts.whole();
    Ok(Prepared { plan, source_trace, calls, left_out, truncated, redactions, editable })
}

fn too_large() -> Problem {
    let detail = format!(
        "What these calls said is more than {} MiB. Replay less: one conversation, or one call.",
        MAX_BYTES >> 20
    );
    Problem::invalid("too_much", detail).field("scope")
}

/// The one that was asked for first, whatever its clock said.
fn in_order(mut calls: Vec<Kept>, ids: &[CallId]) -> Vec<Kept> {
    calls.sort_by_key(|call| {
        let id = call.call_id.parse::<CallId>().ok();
        ids.iter().position(|known| Some(*known) == id)
    });
    calls
}

fn plan_of(
    wish: &Wish,
    chosen: Vec<(Kept, Dialect)>,
    contents: &Contents,
    left_out: &mut Vec<LeftOut>,
) -> (Plan, Vec<Kept>) {
    let model = wish
        .model
        .clone()
        .unwrap_or_else(|| chosen.first().map(|(call, _)| call.requested_model.clone()).unwrap_or_default());
    let mut plan = Plan {
        model,
        temperature: wish.temperature,
        other_arguments: wish.other_arguments,
        max_cost: wish.max_cost,
        pieces: BTreeMap::new(),
        calls: Vec::new(),
    };
    for (hash, (role, content)) in &contents.messages {
        let piece = match serde_json::from_str::<Value>(content) {
            Ok(content) => Piece { role: role.clone(), content },
            Err(_) => Piece { role: "raw".to_owned(), content: Value::Null },
        };
        plan.pieces.insert(hex(hash), piece);
    }
    let mut talks = Talks::default();
    let numbers: Vec<u64> = chosen.iter().map(|(call, _)| talks.number(call)).collect();
    let mut calls = Vec::new();
    for ((call, dialect), talk) in chosen.into_iter().zip(numbers) {
        let Ok(id) = call.call_id.parse::<CallId>() else { continue };
        match planned(&plan, &call, id, dialect, talk, contents.bodies.get(&call.call_id)) {
            Ok(planned) => {
                plan.calls.push(planned);
                calls.push(call);
            }
            Err(why) => left_out.push(choose::refused(id, why)),
        }
    }
    (plan, calls)
}

fn planned(
    plan: &Plan,
    call: &Kept,
    id: CallId,
    dialect: Dialect,
    conversation: u64,
    body: Option<&Body>,
) -> Result<PlannedCall, Refused> {
    let body = match body {
        _ if call.recording == "metadata" => return Err(Refused::NotRecorded),
        None => return Err(Refused::NoLongerKept),
        Some(body) => body,
    };
    let names = |hashes: &[[u8; 16]]| hashes.iter().map(|hash| hex(hash)).collect::<Vec<_>>();
    let Ok(Value::Object(params)) = serde_json::from_str(&body.params) else { return Err(Refused::NotWhole) };
    let planned = PlannedCall {
        call_id: id.0,
        dialect,
        conversation,
        params,
        tools: (body.tools != [0; 16]).then(|| hex(&body.tools)),
        input: names(&body.input),
        output: names(&body.output),
        stated: stated(call),
    };
    replay::check(plan, &planned)?;
    Ok(planned)
}

/// Sources that are not the body, which says again what it said.
const STATED: [&str; 5] = ["signed", "aop_header", "path", "trace_context", "vendor_header"];

/// Who the call said that it was, as headers that say it again: budgets of that agent hold for the replay too.
fn stated(call: &Kept) -> Vec<(String, String)> {
    let fields = [
        ("agent", "x-aop-agent", &call.agent),
        ("task", "x-aop-task", &call.task),
        ("crew", "x-aop-crew", &call.crew),
        ("application", "x-aop-application", &call.application),
        ("end_user", "x-aop-user", &call.end_user),
    ];
    let is_stated = |field: &str| {
        call.identity_sources.get(field).is_some_and(|source| STATED.contains(&source.as_str()))
    };
    fields
        .into_iter()
        .filter(|(field, _, value)| is_stated(field) && !value.is_empty())
        .map(|(_, header, value)| (header.to_owned(), value.clone()))
        .collect()
}
