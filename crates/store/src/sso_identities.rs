//! Who somebody is at an outside issuer. A person is known again by issuer and subject; an e-mail address leads to an
//! account once at most, when the identity is new, and only where the caller has been told to trust it.

use aop_domain::id::UserId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::users::{self, NewUser, Role, User};
use crate::{Error, Store};

/// What an issuer says about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Stored in lower case.
    pub email: String,
}

/// The user with this identity, whose sign-in at `now` is noted; the address is kept as the issuer says it today.
/// A user who is switched off is returned too, and nothing is noted.
pub async fn sign_in(store: &Store, identity: &Identity, now: OffsetDateTime) -> Result<Option<User>, Error> {
    let user = sqlx::query_as!(
        User,
        r#"SELECT u.id, u.email, u.name, u.role AS "role: Role", u.is_active, u.settings, u.created_at, u.updated_at,
                  u.last_login_at
           FROM sso_identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = $1 AND i.subject = $2"#,
        identity.issuer,
        identity.subject
    )
    .fetch_optional(store.pool())
    .await?;
    if user.as_ref().is_some_and(|user| user.is_active) {
        sqlx::query!(
            "UPDATE sso_identities SET email = lower($3), last_login_at = $4 WHERE issuer = $1 AND subject = $2",
            identity.issuer,
            identity.subject,
            identity.email,
            now
        )
        .execute(store.pool())
        .await?;
    }
    Ok(user)
}

/// A new user with this identity. `Error::Duplicate` when the e-mail or the identity has a user already.
pub async fn create_user(
    store: &Store,
    new: &NewUser,
    identity: &Identity,
    now: OffsetDateTime,
) -> Result<User, Error> {
    let mut tx = store.pool().begin().await?;
    let user = users::insert(&mut tx, new).await?;
    insert(&mut tx, user.id, identity, now).await?;
    tx.commit().await?;
    Ok(user)
}

/// Gives the identity to the active user who has its e-mail. `None`: there is no such user. `Error::Duplicate` when the
/// identity has a user already, or the user already is somebody else at this issuer: the address has changed hands.
///
/// Nobody vouched for an account that is still pending: whoever made it may not own the address. It loses its password
/// and its sessions to the identity.
pub async fn link_by_email(
    store: &Store,
    identity: &Identity,
    now: OffsetDateTime,
) -> Result<Option<User>, Error> {
    let mut tx = store.pool().begin().await?;
    let user = sqlx::query_as!(
        User,
        r#"SELECT id, email, name, role AS "role: Role", is_active, settings, created_at, updated_at, last_login_at
           FROM users WHERE email = lower($1) AND is_active FOR UPDATE"#,
        identity.email
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(user) = user else { return Ok(None) };
    insert(&mut tx, user.id, identity, now).await?;
    if user.role == Role::Pending {
        sqlx::query!("UPDATE users SET password_hash = NULL, updated_at = now() WHERE id = $1", user.id.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("DELETE FROM password_resets WHERE user_id = $1", user.id.0).execute(&mut *tx).await?;
        sqlx::query!(
            "UPDATE refresh_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
            user.id.0,
            now
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(Some(user))
}

async fn insert(
    connection: &mut PgConnection,
    user: UserId,
    identity: &Identity,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO sso_identities (id, user_id, issuer, subject, email, created_at, last_login_at)
         VALUES ($1, $2, $3, $4, lower($5), $6, $6)",
        Uuid::now_v7(),
        user.0,
        identity.issuer,
        identity.subject,
        identity.email,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
