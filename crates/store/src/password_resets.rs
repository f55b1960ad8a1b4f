//! Open links that set a new password. A user has one at most, and it is used once.

use aop_domain::id::UserId;
use time::OffsetDateTime;

use crate::{Error, Store};

/// Replaces the user's open link. `Error::UnknownReference` when there is no such user.
pub async fn put(
    store: &Store,
    user: UserId,
    hash: &[u8; 32],
    expires_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO password_resets (user_id, token_hash, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET
           token_hash = excluded.token_hash, expires_at = excluded.expires_at, created_at = now()",
        user.0,
        &hash[..],
        expires_at
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Whose link has this token. `None`: unknown, used, replaced or expired, or the user is not active.
pub async fn find_user(store: &Store, hash: &[u8; 32], now: OffsetDateTime) -> Result<Option<UserId>, Error> {
    let user = sqlx::query_scalar!(
        "SELECT r.user_id FROM password_resets r JOIN users u ON u.id = r.user_id
         WHERE r.token_hash = $1 AND r.expires_at > $2 AND u.is_active",
        &hash[..],
        now
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(user.map(UserId))
}

/// Uses the link up: the user gets the password, and every session of theirs ends. `None` as in [`find_user`]; of many
/// uses at once one succeeds.
pub async fn complete(
    store: &Store,
    hash: &[u8; 32],
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<Option<UserId>, Error> {
    let Some(user) = find_user(store, hash, now).await? else { return Ok(None) };
    let mut tx = store.pool().begin().await?;
    // User before link, as a user's deletion takes them too: otherwise each could wait for the other.
    sqlx::query!(
        "UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1",
        user.0,
        password_hash
    )
    .execute(&mut *tx)
    .await?;
    let used = sqlx::query!("DELETE FROM password_resets WHERE token_hash = $1", &hash[..])
        .execute(&mut *tx)
        .await?;
    if used.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!(
        "UPDATE refresh_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        user.0,
        now
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(user))
}
