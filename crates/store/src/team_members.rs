//! Who is in a team, and as what.

use aop_domain::id::{TeamId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Store};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum MemberRole {
    Owner,
    Member,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The membership's own id; lists continue before it.
    pub id: Uuid,
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub role: MemberRole,
    pub joined_at: OffsetDateTime,
}

/// One of a user's memberships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub team_id: TeamId,
    pub role: MemberRole,
}

/// Adds a member, or changes the role of one. `Error::UnknownReference` when there is no such user.
/// A team keeps at least one owner.
pub async fn put(store: &Store, team: TeamId, user: UserId, role: MemberRole) -> Result<(), Error> {
    let mut tx = store.pool().begin().await?;
    let had_owner = lock_owners(&mut tx, team).await?;
    sqlx::query!(
        "INSERT INTO team_members (id, team_id, user_id, role) VALUES ($1, $2, $3, $4)
         ON CONFLICT (team_id, user_id) DO UPDATE SET role = excluded.role",
        Uuid::now_v7(),
        team.0,
        user.0,
        role as MemberRole
    )
    .execute(&mut *tx)
    .await?;
    commit_with_an_owner(tx, team, had_owner).await
}

/// `false`: the user was no member. The last owner stays.
pub async fn remove(store: &Store, team: TeamId, user: UserId) -> Result<bool, Error> {
    let mut tx = store.pool().begin().await?;
    let had_owner = lock_owners(&mut tx, team).await?;
    let done = sqlx::query!("DELETE FROM team_members WHERE team_id = $1 AND user_id = $2", team.0, user.0)
        .execute(&mut *tx)
        .await?;
    commit_with_an_owner(tx, team, had_owner).await?;
    Ok(done.rows_affected() > 0)
}

/// `None`: not a member.
pub async fn find_role(store: &Store, team: TeamId, user: UserId) -> Result<Option<MemberRole>, Error> {
    let role = sqlx::query_scalar!(
        r#"SELECT role AS "role: MemberRole" FROM team_members WHERE team_id = $1 AND user_id = $2"#,
        team.0,
        user.0
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(role)
}

/// All memberships of a user, the oldest first: the first is the user's default team.
pub async fn list_of_user(store: &Store, user: UserId) -> Result<Vec<Membership>, Error> {
    let memberships = sqlx::query_as!(
        Membership,
        r#"SELECT team_id, role AS "role: MemberRole" FROM team_members WHERE user_id = $1 ORDER BY id"#,
        user.0
    )
    .fetch_all(store.pool())
    .await?;
    Ok(memberships)
}

/// Newest first. `before` is the last membership id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Member>, Error> {
    let members = sqlx::query_as!(
        Member,
        r#"SELECT m.id, m.user_id, u.email, u.name, m.role AS "role: MemberRole", m.joined_at
           FROM team_members m JOIN users u ON u.id = m.user_id
           WHERE m.team_id = $1 AND ($2::uuid IS NULL OR m.id < $2) ORDER BY m.id DESC LIMIT $3"#,
        team.0,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(members)
}

/// Holds the team's row, so that two owners cannot remove each other at the same time.
async fn lock_owners(tx: &mut PgTransaction<'_>, team: TeamId) -> Result<bool, Error> {
    sqlx::query!("SELECT id FROM teams WHERE id = $1 FOR NO KEY UPDATE", team.0)
        .fetch_optional(&mut **tx)
        .await?;
    has_owner(tx, team).await
}

async fn has_owner(tx: &mut PgTransaction<'_>, team: TeamId) -> Result<bool, Error> {
    let has_owner = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM team_members WHERE team_id = $1 AND role = 'owner') AS "has_owner!""#,
        team.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(has_owner)
}

async fn commit_with_an_owner(mut tx: PgTransaction<'_>, team: TeamId, had_owner: bool) -> Result<(), Error> {
    if had_owner && !has_owner(&mut tx, team).await? {
        return Err(Error::LastOwner);
    }
    Ok(tx.commit().await?)
}
