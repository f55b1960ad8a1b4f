//! What hooks did with a call: its column, and a row for each webhook that is to tell of it.

use aop_clickhouse::{HookEventRow, LlmCallRow};
use aop_domain::record::{CallRecord, HookOutcome};
use serde_json::{Value, json};

/// As `HookOutcome::act` says it.
const WEBHOOK: &str = "webhook";

pub(super) fn told(did: &[HookOutcome]) -> String {
    let one = |did: &HookOutcome| json!({"name": did.name, "point": did.point, "act": did.act, "detail": did.detail});
    if did.is_empty() { String::new() } else { Value::Array(did.iter().map(one).collect()).to_string() }
}

pub(super) fn events(call: &CallRecord, row: &LlmCallRow) -> Vec<HookEventRow> {
    let is_webhook = |did: &&HookOutcome| did.act == WEBHOOK;
    let event = |did: &HookOutcome| {
        let hook_id = <[u8; 16]>::try_from(&did.hook_id[..]).ok()?;
        Some(HookEventRow { team: row.team, hook_id, call_id: row.call_id, ts: row.ts })
    };
    call.hooks.iter().filter(is_webhook).filter_map(event).collect()
}
