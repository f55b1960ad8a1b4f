//! From the records of one segment to rows of every table.
//!
//! The rows of `llm_calls`, `spans` and `logs` depend on the segment alone: a segment that is sent again gives the same
//! rows in the same order, as exactly-once insertion asks. `messages` leaves out what was stored before, so its rows
//! depend on memory; see [`crate::store`] for why that is right too.

use std::collections::HashSet;

use aop_clickhouse::{
    AgentLinkRow, CallBodyRow, HandoverRow, HookEventRow, LlmCallRow, LogRow, MessageRow, SpanRow,
    TraceLinkRow,
};

use crate::content::Content;
use crate::decode::Decoded;
use crate::memory::{Chain, Lessons, Memory, StoredKey};

mod body;
mod call;
mod found;
mod hooks;
mod identity;
mod log;
mod span;
mod time;

/// Everything one segment puts into ClickHouse.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) calls: Vec<LlmCallRow>,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) bodies: Vec<CallBodyRow>,
    pub(crate) spans: Vec<SpanRow>,
    pub(crate) logs: Vec<LogRow>,
    pub(crate) handovers: Vec<HandoverRow>,
    pub(crate) trace_links: Vec<TraceLinkRow>,
    pub(crate) agent_links: Vec<AgentLinkRow>,
    pub(crate) hook_events: Vec<HookEventRow>,
}

/// Rows of a decoded segment, and what may be remembered once they are stored.
pub(crate) fn of(decoded: &Decoded, memory: &Memory) -> (Rows, Lessons) {
    let window = time::Window::of(&decoded.header);
    let mut rows = Rows::default();
    let mut lessons = Lessons::default();
    for call in &decoded.calls {
        let content = Content::of(&call.request_body, &call.response_body, call.response_is_sse);
        let row = call::row(call, &content, &window);
        rows.spans.push(span::of_call(call, &row, &window));
        rows.spans.extend(call.attempts.iter().map(|attempt| span::of_attempt(attempt, &row, &window)));
        if !(call.request_body.is_empty() && call.response_body.is_empty()) {
            let known = |chain: &Chain| lessons.chains.contains(chain) || memory.knows_chain(chain);
            let (body, ends) = body::row(&row, &content, known);
            rows.bodies.push(body);
            lessons.chains.extend(ends);
            add_messages(&mut rows.messages, &row, content, &mut lessons.stored, memory);
        }
        if let Some(found) = &call.inference {
            found::add(&mut rows, &row, found);
        }
        rows.hook_events.extend(hooks::events(call, &row));
        rows.calls.push(row);
    }
    rows.spans.extend(decoded.spans.iter().map(|span| span::row(span, &window)));
    rows.logs.extend(decoded.logs.iter().map(|(seq, log)| log::row(*seq, log, &window)));
    (rows, lessons)
}

/// One row for each piece that is not known to be stored for this team, day and retention class.
fn add_messages(
    rows: &mut Vec<MessageRow>,
    call: &LlmCallRow,
    content: Content,
    stored: &mut HashSet<StoredKey>,
    memory: &Memory,
) {
    let day = time::day(call.ts);
    for piece in content.inputs.into_iter().chain(content.outputs).chain(content.tools) {
        let key = StoredKey { team: call.team, day, retention_days: call.retention_days, hash: piece.hash };
        if stored.contains(&key) || memory.is_stored(&key) {
            continue;
        }
        stored.insert(key);
        rows.push(MessageRow {
            team: call.team,
            day,
            hash: piece.hash,
            bytes: u32::try_from(piece.content.len()).unwrap_or(u32::MAX),
            role: piece.role,
            content: piece.content,
            retention_days: call.retention_days,
        });
    }
}
