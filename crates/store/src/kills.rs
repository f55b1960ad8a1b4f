//! Kills: what a person ended, until it is lifted or over. How gateways hear of them is in `kills::watch`.

mod watch;

use aop_domain::id::{TeamId, UserId};
use aop_domain::kill::{KillKind, Kills};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

pub use watch::watch;

/// What a gateway holds at most. More in force at once is not a way to work, but must not take its memory.
const MOST_IN_FORCE: i64 = 100_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kill {
    pub id: Uuid,
    pub kind: KillKind,
    pub target: String,
    pub reason: Option<String>,
    /// `None` when that user was deleted since.
    pub created_by: Option<UserId>,
    pub created_at: OffsetDateTime,
    /// `None`: in force until it is lifted.
    pub expires_at: Option<OffsetDateTime>,
    pub lifted_at: Option<OffsetDateTime>,
    pub lifted_by: Option<UserId>,
}

impl Kill {
    pub fn is_active(&self, now: OffsetDateTime) -> bool {
        self.lifted_at.is_none() && self.expires_at.is_none_or(|over| over > now)
    }
}

#[derive(Debug, Clone)]
pub struct NewKill {
    pub id: Uuid,
    pub kind: KillKind,
    pub target: String,
    pub reason: Option<String>,
    pub created_by: UserId,
    pub created_at: OffsetDateTime,
    pub expires_at: Option<OffsetDateTime>,
}

struct Row {
    id: Uuid,
    kind: String,
    target: String,
    reason: Option<String>,
    created_by: Option<Uuid>,
    created_at: OffsetDateTime,
    expires_at: Option<OffsetDateTime>,
    lifted_at: Option<OffsetDateTime>,
    lifted_by: Option<Uuid>,
}

impl Row {
    /// `None`: a kind that a newer program wrote.
    fn kill(self) -> Option<Kill> {
        Some(Kill {
            id: self.id,
            kind: KillKind::parse(&self.kind)?,
            target: self.target,
            reason: self.reason,
            created_by: self.created_by.map(UserId),
            created_at: self.created_at,
            expires_at: self.expires_at,
            lifted_at: self.lifted_at,
            lifted_by: self.lifted_by.map(UserId),
        })
    }
}

/// Gateways hear of it with the commit.
pub async fn create(store: &Store, team: TeamId, new: &NewKill) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO kills (id, team_id, kind, target, reason, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        team.0,
        new.kind.as_str(),
        new.target,
        new.reason,
        new.created_by.0,
        new.created_at,
        new.expires_at
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

pub async fn find(store: &Store, team: TeamId, id: Uuid) -> Result<Option<Kill>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, kind, target, reason, created_by, created_at, expires_at, lifted_at, lifted_by
         FROM kills WHERE team_id = $1 AND id = $2",
        team.0,
        id
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::kill))
}

/// The kill in force of this target, if there is one.
pub async fn in_force(
    store: &Store,
    team: TeamId,
    kind: KillKind,
    target: &str,
    now: OffsetDateTime,
) -> Result<Option<Kill>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, kind, target, reason, created_by, created_at, expires_at, lifted_at, lifted_by
         FROM kills WHERE team_id = $1 AND kind = $2 AND target = $3 AND lifted_at IS NULL
           AND (expires_at IS NULL OR expires_at > $4)
         ORDER BY id DESC LIMIT 1",
        team.0,
        kind.as_str(),
        target,
        now
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::kill))
}

/// Newest first. `active_at`: only those in force then.
pub async fn list(
    store: &Store,
    team: TeamId,
    active_at: Option<OffsetDateTime>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Kill>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, kind, target, reason, created_by, created_at, expires_at, lifted_at, lifted_by
         FROM kills WHERE team_id = $1 AND ($2::uuid IS NULL OR id < $2)
           AND ($3::timestamptz IS NULL OR (lifted_at IS NULL AND (expires_at IS NULL OR expires_at > $3)))
         ORDER BY id DESC LIMIT $4",
        team.0,
        before,
        active_at,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().filter_map(Row::kill).collect())
}

/// `false`: it is not there, or was lifted before.
pub async fn lift(
    store: &Store,
    team: TeamId,
    id: Uuid,
    by: UserId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE kills SET lifted_at = $3, lifted_by = $4 WHERE team_id = $1 AND id = $2 AND lifted_at IS NULL",
        team.0,
        id,
        now,
        by.0
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What gateways refuse now: of all teams, the newest when there are too many.
pub async fn load(store: &Store) -> Result<Kills, Error> {
    let rows = sqlx::query!(
        "SELECT id, team_id, kind, target FROM kills
         WHERE lifted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
         ORDER BY id DESC LIMIT $1",
        MOST_IN_FORCE
    )
    .fetch_all(store.pool())
    .await?;
    Ok(Kills::new(
        rows.into_iter()
            .filter_map(|row| Some((row.id, TeamId(row.team_id), KillKind::parse(&row.kind)?, row.target))),
    ))
}
