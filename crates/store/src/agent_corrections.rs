//! Corrections of agents, team by team. What they mean is [`aop_domain::correction`].

use aop_domain::correction::{Condition, CorrectionKind, Corrections, Rule};
use aop_domain::id::{CorrectionId, TeamId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCorrection {
    pub rule: Rule<CorrectionId>,
    /// How the agent was shown when it was corrected.
    pub from_name: String,
    /// `None`: whoever made it is gone.
    pub created_by: Option<UserId>,
    pub created_by_name: Option<String>,
    pub created_at: OffsetDateTime,
}

struct Row {
    id: Uuid,
    kind: String,
    agent: i64,
    from_name: String,
    prompt: Option<i64>,
    conversation: Option<i64>,
    to_agent: i64,
    name: String,
    created_by: Option<Uuid>,
    created_by_name: Option<String>,
    created_at: OffsetDateTime,
}

impl Row {
    /// `None`: a kind of a newer version.
    fn read(self) -> Option<AgentCorrection> {
        let rule = Rule {
            id: CorrectionId(self.id),
            kind: CorrectionKind::parse(&self.kind)?,
            agent: self.agent.cast_unsigned(),
            condition: condition(self.prompt, self.conversation),
            to_agent: self.to_agent.cast_unsigned(),
            name: self.name,
        };
        Some(AgentCorrection {
            rule,
            from_name: self.from_name,
            created_by: self.created_by.map(UserId),
            created_by_name: self.created_by_name,
            created_at: self.created_at,
        })
    }
}

pub(crate) fn condition(prompt: Option<i64>, conversation: Option<i64>) -> Option<Condition> {
    let prompt = prompt.map(|prompt| Condition::Prompt(prompt.cast_unsigned()));
    prompt.or_else(|| conversation.map(|conversation| Condition::Conversation(conversation.cast_unsigned())))
}

/// How a correction was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It stands, in place of that earlier one if there was one of the same kind about the same calls.
    Stands(Option<CorrectionId>),
    /// It would lead an agent back to itself.
    Circle,
    /// The team has as many as it may have.
    TooMany,
}

/// Corrections a team may have: all of them are asked for every call.
pub const MOST_CORRECTIONS: usize = 500;

/// Keeps a correction. Those of one team are made one after the other, so that two cannot close a circle together.
pub async fn create(
    store: &Store,
    team: TeamId,
    by: UserId,
    rule: &Rule<CorrectionId>,
    from_name: &str,
) -> Result<Kept, Error> {
    let (prompt, conversation) = match rule.condition {
        Some(Condition::Prompt(prompt)) => (Some(prompt.cast_signed()), None),
        Some(Condition::Conversation(conversation)) => (None, Some(conversation.cast_signed())),
        None => (None, None),
    };
    let (kind, agent) = (rule.kind.as_str(), rule.agent.cast_signed());
    let mut tx = store.pool().begin().await?;
    sqlx::query!("SELECT id FROM teams WHERE id = $1 FOR UPDATE", team.0).fetch_optional(&mut *tx).await?;
    let replaced = sqlx::query_scalar!(
        "DELETE FROM agent_corrections WHERE team_id = $1 AND agent = $2 AND kind = $3
           AND prompt IS NOT DISTINCT FROM $4 AND conversation IS NOT DISTINCT FROM $5 RETURNING id",
        team.0,
        agent,
        kind,
        prompt,
        conversation
    )
    .fetch_optional(&mut *tx)
    .await?;
    let others = sqlx::query_as!(
        Row,
        r#"SELECT id, kind, agent, from_name, prompt, conversation, to_agent, name, created_by,
             NULL::text AS "created_by_name", created_at FROM agent_corrections WHERE team_id = $1"#,
        team.0
    )
    .fetch_all(&mut *tx)
    .await?;
    if others.len() >= MOST_CORRECTIONS {
        return Ok(Kept::TooMany);
    }
    let others = Corrections::new(others.into_iter().filter_map(|row| Some(row.read()?.rule)));
    if others.closes_circle(rule) {
        return Ok(Kept::Circle);
    }
    sqlx::query!(
        "INSERT INTO agent_corrections (id, team_id, kind, agent, from_name, prompt, conversation, to_agent, name, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        rule.id.0,
        team.0,
        kind,
        agent,
        from_name,
        prompt,
        conversation,
        rule.to_agent.cast_signed(),
        rule.name,
        by.0
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Kept::Stands(replaced.map(CorrectionId)))
}

/// Newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<CorrectionId>,
    limit: i64,
) -> Result<Vec<AgentCorrection>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.id, c.kind, c.agent, c.from_name, c.prompt, c.conversation, c.to_agent, c.name, c.created_by,
             u.name AS "created_by_name?", c.created_at
           FROM agent_corrections c LEFT JOIN users u ON u.id = c.created_by
           WHERE c.team_id = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3"#,
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

pub async fn find(store: &Store, team: TeamId, id: CorrectionId) -> Result<Option<AgentCorrection>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT c.id, c.kind, c.agent, c.from_name, c.prompt, c.conversation, c.to_agent, c.name, c.created_by,
             u.name AS "created_by_name?", c.created_at
           FROM agent_corrections c LEFT JOIN users u ON u.id = c.created_by WHERE c.team_id = $1 AND c.id = $2"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::read))
}

/// The correction that was taken back; `None`: there is none of that team.
pub async fn delete(store: &Store, team: TeamId, id: CorrectionId) -> Result<Option<AgentCorrection>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"DELETE FROM agent_corrections WHERE team_id = $1 AND id = $2
           RETURNING id, kind, agent, from_name, prompt, conversation, to_agent, name, created_by,
             NULL::text AS "created_by_name", created_at"#,
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::read))
}

/// All of a team, as rules.
pub async fn of_team(store: &Store, team: TeamId) -> Result<Corrections, Error> {
    let all = list(store, team, None, MOST_CORRECTIONS as i64).await?;
    Ok(Corrections::new(all.into_iter().map(|correction| correction.rule)))
}
