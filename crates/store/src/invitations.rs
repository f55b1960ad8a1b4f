//! Open invitations into a team. Each is used once: accepting or revoking one deletes it.

use aop_domain::id::{TeamId, UserId};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::team_members::MemberRole;
use crate::users::{self, NewUser, Role, User};
use crate::{Error, Store};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: Uuid,
    pub team_id: TeamId,
    /// Lower case.
    pub email: String,
    /// What the person becomes in the team.
    pub role: MemberRole,
    /// What an account that is new or pending becomes in the installation; `None`: it waits for approval.
    pub account_role: Option<Role>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub id: Uuid,
    /// Stored in lower case.
    pub email: String,
    pub role: MemberRole,
    /// Developer or viewer; anything else is `Error::Refused`.
    pub account_role: Option<Role>,
    /// A MAC of the token; the token itself is kept nowhere.
    pub hash: [u8; 32],
    pub expires_at: OffsetDateTime,
}

/// Who accepts an invitation.
#[derive(Debug, Clone)]
pub enum Guest {
    /// Somebody without an account. The e-mail and the role are taken from the invitation.
    New { id: UserId, name: String, password_hash: String },
    /// Whether the invitation was meant for this user is the caller's to check.
    Known(UserId),
}

/// Replaces the open invitation of the same e-mail into the same team; that one's token is good no longer. Invitations of
/// the team that have expired are forgotten.
pub async fn create(
    store: &Store,
    team: TeamId,
    new: &NewInvitation,
    now: OffsetDateTime,
) -> Result<Invitation, Error> {
    let mut tx = store.pool().begin().await?;
    lock_team(&mut tx, team).await?;
    sqlx::query!("DELETE FROM invitations WHERE team_id = $1 AND expires_at <= $2", team.0, now)
        .execute(&mut *tx)
        .await?;
    let invitation = sqlx::query_as!(
        Invitation,
        r#"INSERT INTO invitations (id, team_id, email, role, account_role, token_hash, created_at, expires_at)
           VALUES ($1, $2, lower($3), $4, $5, $6, $7, $8)
           ON CONFLICT (team_id, email) DO UPDATE SET
             id = excluded.id, role = excluded.role, account_role = excluded.account_role,
             token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at
           RETURNING id, team_id, email, role AS "role: MemberRole", account_role AS "account_role: Role",
                     created_at, expires_at"#,
        new.id,
        team.0,
        new.email,
        new.role as MemberRole,
        new.account_role as Option<Role>,
        &new.hash[..],
        now,
        new.expires_at
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(invitation)
}

/// Those that can still be accepted, newest first. `before` is the last id of the page before.
pub async fn list(
    store: &Store,
    team: TeamId,
    now: OffsetDateTime,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Invitation>, Error> {
    let invitations = sqlx::query_as!(
        Invitation,
        r#"SELECT id, team_id, email, role AS "role: MemberRole", account_role AS "account_role: Role",
                  created_at, expires_at
           FROM invitations
           WHERE team_id = $1 AND expires_at > $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"#,
        team.0,
        now,
        before,
        limit
    )
    .fetch_all(store.pool())
    .await?;
    Ok(invitations)
}

/// Revokes one. `false`: there is none like it any more.
pub async fn delete(store: &Store, team: TeamId, id: Uuid) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM invitations WHERE team_id = $1 AND id = $2", team.0, id)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The invitation with this token. `None`: unknown, used, revoked or expired.
pub async fn find(store: &Store, hash: &[u8; 32], now: OffsetDateTime) -> Result<Option<Invitation>, Error> {
    let invitation = sqlx::query_as!(
        Invitation,
        r#"SELECT id, team_id, email, role AS "role: MemberRole", account_role AS "account_role: Role",
                  created_at, expires_at
           FROM invitations WHERE token_hash = $1 AND expires_at > $2"#,
        &hash[..],
        now
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(invitation)
}

/// Uses the invitation up: the guest becomes a member of its team. A member's role is never lowered by it, nor the role of
/// an account that was approved before. `None`: unknown, used, revoked or expired; of many uses at once one succeeds.
/// `Error::Duplicate` when a new guest's e-mail has an account by now; the invitation then stays open.
pub async fn accept(
    store: &Store,
    hash: &[u8; 32],
    guest: &Guest,
    now: OffsetDateTime,
) -> Result<Option<User>, Error> {
    let Some(found) = find(store, hash, now).await? else { return Ok(None) };
    let mut tx = store.pool().begin().await?;
    // Team before invitation, as a team's deletion takes them too: otherwise each could wait for the other.
    lock_team(&mut tx, found.team_id).await?;
    let used =
        sqlx::query!("DELETE FROM invitations WHERE token_hash = $1", &hash[..]).execute(&mut *tx).await?;
    if used.rows_affected() == 0 {
        return Ok(None);
    }
    let Some(user) = admit(&mut tx, &found, guest).await? else { return Ok(None) };
    sqlx::query!(
        "INSERT INTO team_members (id, team_id, user_id, role) VALUES ($1, $2, $3, $4)
         ON CONFLICT (team_id, user_id) DO UPDATE SET role = excluded.role WHERE excluded.role = 'owner'",
        Uuid::now_v7(),
        found.team_id.0,
        user.id.0,
        found.role as MemberRole
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(user))
}

/// The guest's account, made or approved as the invitation says. `None`: the known user is gone.
async fn admit(tx: &mut PgTransaction<'_>, by: &Invitation, guest: &Guest) -> Result<Option<User>, Error> {
    match guest {
        Guest::New { id, name, password_hash } => {
            let new = NewUser {
                id: *id,
                email: by.email.clone(),
                name: name.clone(),
                role: by.account_role.unwrap_or(Role::Pending),
                password_hash: Some(password_hash.clone()),
            };
            users::insert(tx, &new).await.map(Some)
        }
        Guest::Known(id) => approve(tx, *id, by.account_role).await,
    }
}

async fn approve(tx: &mut PgTransaction<'_>, id: UserId, role: Option<Role>) -> Result<Option<User>, Error> {
    let user = sqlx::query_as!(
        User,
        r#"UPDATE users SET updated_at = now(),
             role = CASE WHEN role = 'pending' THEN coalesce($2, role) ELSE role END
           WHERE id = $1
           RETURNING id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at"#,
        id.0,
        role as Option<Role>
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(user)
}

async fn lock_team(tx: &mut PgTransaction<'_>, team: TeamId) -> Result<(), Error> {
    sqlx::query!("SELECT id FROM teams WHERE id = $1 FOR NO KEY UPDATE", team.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(())
}
