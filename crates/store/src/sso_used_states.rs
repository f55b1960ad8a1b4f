//! Single sign-ons that came back. Each comes back once: what is here already is a replay.

use time::OffsetDateTime;

use crate::{Error, Store};

/// Uses a state up. `false`: it was used before.
pub async fn use_up(store: &Store, hash: &[u8; 32], expires_at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO sso_used_states (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &hash[..],
        expires_at
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets states that could not come back any more before `before`. Returns how many.
pub async fn delete_expired(store: &Store, before: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM sso_used_states WHERE expires_at < $1", before)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected())
}
