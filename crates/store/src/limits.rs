//! Limits and budgets as people write them, with what is used of them now. The ledger is [`crate::limit_leases`].

use aop_domain::id::{LimitId, TeamId, UserId};
use aop_domain::limits::{Kind, LimitScope, Window};
use rust_decimal::Decimal;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Scope, Store};

#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    pub id: LimitId,
    /// Whose rule it is: one team's, or the installation's.
    pub owner: Scope,
    pub settings: BudgetSettings,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// What people decide. Checked by [`aop_domain::limits::Limit::check`] before it comes here.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetSettings {
    pub name: String,
    pub scope: LimitScope,
    pub subject: Option<String>,
    pub kind: Kind,
    pub window: Window,
    /// Dollars for spend, a whole number for the rest.
    pub amount: Decimal,
    pub shadow: bool,
    pub is_active: bool,
}

/// What is used in one window, by the one (user, key, run, ...) that used most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Empty where there is one only.
    pub bucket: String,
    /// In the ledger's units.
    pub settled: i64,
    /// Held by gateways: for calls in flight, and ahead of calls to come.
    pub held: i64,
    /// How many have used any.
    pub buckets: i64,
}

struct Row {
    id: Uuid,
    team_id: Option<Uuid>,
    name: String,
    scope: String,
    subject: Option<String>,
    kind: String,
    time_window: String,
    amount: Decimal,
    shadow: bool,
    is_active: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl Row {
    /// `None`: a rule of a newer version, in words this one does not know.
    fn read(self) -> Option<Budget> {
        Some(Budget {
            id: LimitId(self.id),
            owner: self.team_id.into(),
            settings: BudgetSettings {
                name: self.name,
                scope: LimitScope::parse(&self.scope)?,
                subject: self.subject,
                kind: Kind::parse(&self.kind)?,
                window: Window::parse(&self.time_window)?,
                amount: self.amount.normalize(),
                shadow: self.shadow,
                is_active: self.is_active,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub async fn create(
    store: &Store,
    owner: Scope,
    id: LimitId,
    by: UserId,
    settings: &BudgetSettings,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO budgets (id, team_id, name, scope, subject, kind, time_window, amount, shadow, is_active, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        owner.uuid(),
        settings.name,
        settings.scope.as_str(),
        settings.subject.as_deref(),
        settings.kind.as_str(),
        settings.window.as_str(),
        settings.amount,
        settings.shadow,
        settings.is_active,
        by.0
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// One the team can see: its own, or the installation's.
pub async fn find(store: &Store, team: TeamId, id: LimitId) -> Result<Option<Budget>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, team_id, name, scope, subject, kind, time_window, amount, shadow, is_active, created_at, updated_at
         FROM budgets WHERE (team_id = $1 OR team_id IS NULL) AND id = $2",
        team.0,
        id.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(row.and_then(Row::read))
}

/// The team's own and the installation's, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<LimitId>,
    limit: i64,
) -> Result<Vec<Budget>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, team_id, name, scope, subject, kind, time_window, amount, shadow, is_active, created_at, updated_at
         FROM budgets WHERE (team_id = $1 OR team_id IS NULL) AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3",
        team.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// `false`: there is none of that owner. What it counts (scope, subject, kind, window) starts a new count when it changes.
pub async fn update(
    store: &Store,
    owner: Scope,
    id: LimitId,
    settings: &BudgetSettings,
) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    let before = sqlx::query!(
        "SELECT scope, subject, kind, time_window FROM budgets WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2 FOR UPDATE",
        owner.uuid(),
        id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(before) = before else { return Ok(false) };
    sqlx::query!(
        "UPDATE budgets SET name = $2, scope = $3, subject = $4, kind = $5, time_window = $6, amount = $7, shadow = $8,
           is_active = $9, updated_at = now() WHERE id = $1",
        id.0,
        settings.name,
        settings.scope.as_str(),
        settings.subject.as_deref(),
        settings.kind.as_str(),
        settings.window.as_str(),
        settings.amount,
        settings.shadow,
        settings.is_active
    )
    .execute(&mut *tx)
    .await?;
    let counts_the_same = before.scope == settings.scope.as_str()
        && before.subject == settings.subject
        && before.kind == settings.kind.as_str()
        && before.time_window == settings.window.as_str();
    if !counts_the_same {
        sqlx::query!("DELETE FROM limit_windows WHERE limit_id = $1", id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

pub async fn delete(store: &Store, owner: Scope, id: LimitId) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    let deleted = sqlx::query!(
        "DELETE FROM budgets WHERE team_id IS NOT DISTINCT FROM $1 AND id = $2",
        owner.uuid(),
        id.0
    )
    .execute(&mut *tx)
    .await?;
    if deleted.rows_affected() > 0 {
        sqlx::query!("DELETE FROM limit_windows WHERE limit_id = $1", id.0).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(deleted.rows_affected() > 0)
}

/// What is used of a limit in the window that starts then; `None`: nothing yet.
pub async fn current_use(
    store: &Store,
    id: LimitId,
    starts_at: OffsetDateTime,
) -> Result<Option<Use>, Error> {
    let found = sqlx::query_as!(
        Use,
        r#"SELECT w.bucket, w.settled, count(*) OVER () AS "buckets!",
             (SELECT coalesce(sum(l.granted - l.spent), 0)::bigint FROM limit_leases l
              WHERE l.limit_id = w.limit_id AND l.bucket = w.bucket AND l.starts_at = w.starts_at) AS "held!"
           FROM limit_windows w WHERE w.limit_id = $1 AND w.starts_at = $2 ORDER BY w.settled DESC, w.bucket LIMIT 1"#,
        id.0,
        starts_at
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(found)
}
