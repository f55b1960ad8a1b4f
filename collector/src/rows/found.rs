//! What inference found about a call: columns of its own row, hand-overs, and links to what came before.

use aop_clickhouse::{AgentLinkRow, HandoverRow, LlmCallRow, TraceLinkRow};
use aop_domain::id::TraceId;
use aop_domain::inference::{HandoverRecord, InferenceRecord, Link, LinkRecord};

use super::Rows;

/// Fills the columns that say what was found.
pub(super) fn fill(row: &mut LlmCallRow, found: &InferenceRecord) {
    row.conversation = found.conversation;
    row.parent_conversation = found.parent_conversation;
    row.agent_fingerprint = found.agent;
    row.prompt_fingerprint = found.prompt;
    row.found_agent.clone_from(&found.agent_name);
    row.found_rule.clone_from(&found.agent_rule);
    row.found_confidence = percent(found.agent_confidence);
    row.internal.clone_from(&found.internal);
    row.run_rule.clone_from(&found.run_rule);
    row.run_confidence = percent(found.run_confidence);
}

fn percent(confidence: u32) -> u8 {
    confidence.min(100) as u8
}

/// Rows of the other tables that the call brings.
pub(super) fn add(rows: &mut Rows, call: &LlmCallRow, found: &InferenceRecord) {
    rows.handovers
        .extend((0..=u16::MAX).zip(&found.handovers).map(|(number, record)| handover(number, record, call)));
    for link in &found.links {
        add_link(rows, link, call);
    }
}

fn handover(number: u16, record: &HandoverRecord, call: &LlmCallRow) -> HandoverRow {
    HandoverRow {
        team: call.team,
        ts: call.ts,
        trace_id: call.trace_id,
        call_id: call.call_id,
        number,
        from_span: record.from_span,
        from_conversation: record.from_conversation,
        from_agent: record.from_agent,
        to_span: record.to_span,
        to_conversation: record.to_conversation,
        target: record.target.clone(),
        passing: record.passing.clone(),
        rule: record.rule.clone(),
        confidence: percent(record.confidence),
        retention_days: call.retention_days,
    }
}

/// A link of a kind that a newer writer knows is left out: nothing is read otherwise than it was stored.
fn add_link(rows: &mut Rows, record: &LinkRecord, call: &LlmCallRow) {
    let agent = AgentLinkRow {
        team: call.team,
        ts: call.ts,
        key_id: call.key_id,
        rule: record.rule.clone(),
        confidence: percent(record.confidence),
        retention_days: call.retention_days,
        ..AgentLinkRow::default()
    };
    match &record.link {
        Some(Link::OneRun(run)) => rows.trace_links.push(TraceLinkRow {
            team: call.team,
            ts: call.ts,
            part: TraceId::from_slice(&run.part).0,
            whole: TraceId::from_slice(&run.whole).0,
            rule: record.rule.clone(),
            confidence: percent(record.confidence),
            retention_days: call.retention_days,
        }),
        Some(Link::OneAgent(one)) => {
            rows.agent_links.push(AgentLinkRow { was: one.was, is: one.is, name: one.name.clone(), ..agent });
        }
        Some(Link::Speaker(speaker)) => rows.agent_links.push(AgentLinkRow {
            conversation: speaker.conversation,
            is: speaker.is,
            name: speaker.name.clone(),
            ..agent
        }),
        None => {}
    }
}
