//! What was settled as rows: links that reads follow, names, and hand-overs from one gateway's calls to another's.

use aop_clickhouse::{AgentLinkRow, ClickHouse, ConversationLinkRow, HandoverRow, TraceLinkRow};
use aop_identity::settle::Settled;
use aop_identity::{Edge, Passing, percent};
use uuid::Uuid;

use super::Heard;

/// Hand-overs of a call that its own gateway found are counted from 0, those that were settled from here.
const SETTLED_FROM: u16 = 1_000;

/// Rows that a round of hearing brought.
#[derive(Debug, Default)]
pub(super) struct Links {
    runs: Vec<TraceLinkRow>,
    conversations: Vec<ConversationLinkRow>,
    speakers: Vec<AgentLinkRow>,
    handovers: Vec<HandoverRow>,
}

impl Links {
    pub(super) fn count(&self) -> u64 {
        let counts = [self.runs.len(), self.conversations.len(), self.speakers.len(), self.handovers.len()];
        counts.iter().sum::<usize>() as u64
    }

    /// What hearing this call brought.
    pub(super) fn add(&mut self, call: &Heard, settled: Vec<Settled>) {
        let (team, ts, retention_days) = (call.team, call.started_at_us, call.retention_days);
        let mut number = SETTLED_FROM;
        for settled in settled {
            match settled {
                Settled::OneRun { part, whole, rule, sure } => self.runs.push(TraceLinkRow {
                    team,
                    ts,
                    part,
                    whole,
                    rule: rule.to_owned(),
                    confidence: percent(sure),
                    retention_days,
                }),
                Settled::OneConversation { part, whole, rule, sure } => {
                    self.conversations.push(ConversationLinkRow {
                        team,
                        ts,
                        part,
                        whole,
                        rule: rule.to_owned(),
                        confidence: percent(sure),
                        retention_days,
                    });
                }
                Settled::Speaker { conversation, is, name, rule, sure } => self.speakers.push(AgentLinkRow {
                    team,
                    ts,
                    key_id: call.key,
                    was: 0,
                    conversation,
                    is,
                    name,
                    rule: rule.to_owned(),
                    confidence: percent(sure),
                    retention_days,
                }),
                Settled::Handover(edge) => {
                    self.handovers.push(handover(call, edge, number));
                    number = number.saturating_add(1);
                }
            }
        }
    }

    /// The same token twice is one batch.
    pub(super) async fn write(
        &self,
        clickhouse: &ClickHouse,
        token: Uuid,
    ) -> Result<(), aop_clickhouse::Error> {
        let of = |table: &str| format!("settled-{token}-{table}");
        let (runs, conversations) = (of("trace_links"), of("conversation_links"));
        let (speakers, handovers) = (of("agent_links"), of("handovers"));
        tokio::try_join!(
            clickhouse.insert_batch(&self.runs, &runs),
            clickhouse.insert_batch(&self.conversations, &conversations),
            clickhouse.insert_batch(&self.speakers, &speakers),
            clickhouse.insert_batch(&self.handovers, &handovers),
        )?;
        Ok(())
    }
}

/// The call is the first to show that its conversation has taken the work.
fn handover(call: &Heard, edge: Edge, number: u16) -> HandoverRow {
    let passing = match edge.passing {
        Passing::Transfer => "transfer",
        Passing::Delegate => "delegate",
    };
    HandoverRow {
        team: call.team,
        ts: call.started_at_us,
        trace_id: call.trace,
        call_id: call.call,
        number,
        from_span: edge.giver.call,
        from_conversation: edge.giver.conversation,
        from_agent: edge.giver.agent,
        to_span: call.span,
        to_conversation: call.conversation,
        target: edge.target,
        passing: passing.to_owned(),
        rule: edge.rule.to_owned(),
        confidence: percent(edge.sure),
        retention_days: call.retention_days,
    }
}
