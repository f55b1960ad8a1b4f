//! Corrections of agents, and what one would touch.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use aop_domain::correction as domain;
use aop_store::agent_corrections as stored;

use crate::wire::tree::hex;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionKind {
    /// The agent has another name.
    Rename,
    /// The agent is another one.
    Merge,
    /// Some calls of the agent are another agent's.
    Split,
}

impl From<CorrectionKind> for domain::CorrectionKind {
    fn from(kind: CorrectionKind) -> Self {
        match kind {
            CorrectionKind::Rename => Self::Rename,
            CorrectionKind::Merge => Self::Merge,
            CorrectionKind::Split => Self::Split,
        }
    }
}

impl From<domain::CorrectionKind> for CorrectionKind {
    fn from(kind: domain::CorrectionKind) -> Self {
        match kind {
            domain::CorrectionKind::Rename => Self::Rename,
            domain::CorrectionKind::Merge => Self::Merge,
            domain::CorrectionKind::Split => Self::Split,
        }
    }
}

/// Which calls of an agent are split off: exactly one of the two, 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitCondition {
    /// Those with this system prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Those of this conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    pub kind: CorrectionKind,
    /// The agent's fingerprint: one of `fingerprints` of an agent in a run.
    pub agent: String,
    /// How it is shown now.
    #[schema(max_length = 128)]
    pub from_name: Option<String>,
    /// What it is to be called; of a merge: how the other agent is shown.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// Of a merge: the agent that it is.
    pub into: Option<String>,
    /// Of a split.
    pub when: Option<SplitCondition>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgentCorrection {
    pub id: Uuid,
    pub kind: CorrectionKind,
    pub agent: String,
    pub from_name: String,
    pub name: String,
    /// Of a merge: the agent that it is.
    pub into: Option<String>,
    pub when: Option<SplitCondition>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    pub created_by: Option<Uuid>,
    pub created_by_name: Option<String>,
}

impl From<stored::AgentCorrection> for AgentCorrection {
    fn from(stored: stored::AgentCorrection) -> Self {
        let rule = stored.rule;
        let when = rule.condition.map(|condition| match condition {
            domain::Condition::Prompt(prompt) => {
                SplitCondition { prompt: Some(hex(prompt)), conversation: None }
            }
            domain::Condition::Conversation(conversation) => {
                SplitCondition { prompt: None, conversation: Some(hex(conversation)) }
            }
        });
        Self {
            id: rule.id.0,
            kind: rule.kind.into(),
            agent: hex(rule.agent),
            from_name: stored.from_name,
            name: rule.name,
            into: (rule.kind == domain::CorrectionKind::Merge).then(|| hex(rule.to_agent)),
            when,
            created_at: stored.created_at,
            created_by: stored.created_by.map(|user| user.0),
            created_by_name: stored.created_by_name,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgentRange {
    /// RFC 3339; 30 days ago when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    /// RFC 3339; now when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
}

/// An agent over time: what a correction of it would touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentFacts {
    /// As found.
    pub fingerprint: String,
    /// As corrected.
    pub agent: String,
    pub name: Option<String>,
    /// Names it was found under, the most frequent first.
    pub found_names: Vec<String>,
    pub calls: u64,
    pub traces: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub first_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    /// Sum of the known costs, US dollars as decimal text.
    pub cost: String,
    pub unknown_cost_calls: u64,
    /// Its system prompts, the most frequent first.
    pub prompts: Vec<AgentPrompt>,
    /// Corrections of this very fingerprint.
    pub corrections: Vec<AgentCorrection>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgentPrompt {
    pub prompt: String,
    pub calls: u64,
    /// The latest call that had it.
    pub example_call_id: Option<Uuid>,
}
