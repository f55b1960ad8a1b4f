//! Refresh tokens: each is used once and leaves a successor. One that is used twice was copied by somebody, and
//! then every token of its family (one sign-in) is revoked.

use aop_domain::id::UserId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Error, Store};

#[derive(Debug, Clone)]
pub struct NewToken {
    pub id: Uuid,
    /// SHA-256 (or a MAC) of the token; the token itself is kept nowhere.
    pub hash: [u8; 32],
    pub expires_at: OffsetDateTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    pub user_id: UserId,
    pub family_id: Uuid,
}

/// What became of a presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The token was good; the successor is stored.
    Rotated(Session),
    /// It was used a moment ago and its family is intact: two tabs, or a double click. Nothing was stored: the
    /// successor is the one that the first use made, or what that one has become since ([`is_used`]).
    Repeated(Session),
    /// It was used before, longer ago than the grace: the whole family is revoked now.
    Reused(Session),
    /// Unknown, expired, revoked, or its user is not active.
    Refused,
}

struct Found {
    id: Uuid,
    user_id: UserId,
    family_id: Uuid,
    expires_at: OffsetDateTime,
    used_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    user_is_active: bool,
}

/// The first token of a new family: a sign-in.
pub async fn start(store: &Store, session: Session, token: &NewToken) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token.id,
        session.user_id.0,
        session.family_id,
        &token.hash[..],
        token.expires_at
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Uses the token with this hash and stores its successor. Of many uses at the same moment one is `Rotated`.
pub async fn rotate(
    store: &Store,
    presented: &[u8; 32],
    successor: &NewToken,
    now: OffsetDateTime,
    grace: Duration,
) -> Result<Rotation, Error> {
    let mut tx = store.pool().begin().await?;
    // The row's lock puts uses at the same moment in line.
    let found = sqlx::query_as!(
        Found,
        r#"SELECT r.id, r.user_id, r.family_id, r.expires_at, r.used_at, r.revoked_at, u.is_active AS user_is_active
           FROM refresh_tokens r JOIN users u ON u.id = r.user_id WHERE r.token_hash = $1 FOR UPDATE OF r"#,
        &presented[..]
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(found) = found else { return Ok(Rotation::Refused) };
    let session = Session { user_id: found.user_id, family_id: found.family_id };
    if found.revoked_at.is_some() || found.expires_at <= now || !found.user_is_active {
        return Ok(Rotation::Refused);
    }
    let rotation = match found.used_at {
        Some(used_at) if now - used_at <= grace => return Ok(Rotation::Repeated(session)),
        Some(_) => {
            revoke(&mut tx, session.family_id, now).await?;
            Rotation::Reused(session)
        }
        None => {
            use_up(&mut tx, &found, successor, now).await?;
            Rotation::Rotated(session)
        }
    };
    tx.commit().await?;
    Ok(rotation)
}

async fn use_up(
    connection: &mut sqlx::PgConnection,
    used: &Found,
    successor: &NewToken,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!("UPDATE refresh_tokens SET used_at = $2 WHERE id = $1", used.id, now)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5)",
        successor.id,
        used.user_id.0,
        used.family_id,
        &successor.hash[..],
        successor.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn revoke(
    connection: &mut sqlx::PgConnection,
    family_id: Uuid,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE refresh_tokens SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL",
        family_id,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Signs out the session this token belongs to. `None`: unknown token.
pub async fn revoke_family_of(
    store: &Store,
    presented: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<UserId>, Error> {
    let mut tx = store.pool().begin().await?;
    let found =
        sqlx::query!("SELECT user_id, family_id FROM refresh_tokens WHERE token_hash = $1", &presented[..])
            .fetch_optional(&mut *tx)
            .await?;
    let Some(found) = found else { return Ok(None) };
    revoke(&mut tx, found.family_id, now).await?;
    tx.commit().await?;
    Ok(Some(UserId(found.user_id)))
}

/// Signs the user out everywhere, except in the family given (the session that changes a password keeps itself).
pub async fn revoke_all_of_user(
    store: &Store,
    user: UserId,
    except_family: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE refresh_tokens SET revoked_at = $3
         WHERE user_id = $1 AND revoked_at IS NULL AND family_id IS DISTINCT FROM $2",
        user.0,
        except_family,
        now
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Whether the session is still signed in: some token of the family can be used.
pub async fn is_family_active(store: &Store, session: Session, now: OffsetDateTime) -> Result<bool, Error> {
    let is_active = sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM refresh_tokens
             WHERE user_id = $1 AND family_id = $2 AND revoked_at IS NULL AND used_at IS NULL AND expires_at > $3
           ) AS "is_active!""#,
        session.user_id.0,
        session.family_id,
        now
    )
    .fetch_one(store.pool())
    .await?;
    Ok(is_active)
}

/// Whether the token with this hash was traded for its successor.
pub async fn is_used(store: &Store, hash: &[u8; 32]) -> Result<bool, Error> {
    let is_used = sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM refresh_tokens WHERE token_hash = $1 AND used_at IS NOT NULL
           ) AS "is_used!""#,
        &hash[..]
    )
    .fetch_one(store.pool())
    .await?;
    Ok(is_used)
}

/// Forgets tokens that ended before `before`. Returns how many.
pub async fn delete_expired(store: &Store, before: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM refresh_tokens WHERE expires_at < $1", before)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected())
}
