//! Requests that carry an `Idempotency-Key`: which were seen, and what they were answered. Whoever claims a key works on it
//! until `held_until`; a claim that ended without an answer died, and may be taken over by the same request.

use time::OffsetDateTime;

use crate::{Error, Store};

/// A key of one caller; other callers' keys of the same text are other keys.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    pub caller: &'a str,
    pub key: &'a str,
}

#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub now: OffsetDateTime,
    /// Also what later writes of the claim are known by.
    pub held_until: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has done this yet.
    Ours,
    /// Somebody is at it.
    InProgress,
    /// The key was used for something else.
    Mismatch,
    /// It was done; the sealed answer.
    Answered(Vec<u8>),
}

/// Of many claims at once one is `Ours`.
pub async fn claim(
    store: &Store,
    key: Key<'_>,
    fingerprint: &[u8; 32],
    times: Times,
) -> Result<Claim, Error> {
    let claimed = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (caller, key, fingerprint, held_until, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (caller, key) DO UPDATE SET
           fingerprint = excluded.fingerprint, answer = NULL,
           held_until = excluded.held_until, expires_at = excluded.expires_at
         WHERE k.expires_at <= $6
            OR (k.answer IS NULL AND k.held_until <= $6 AND k.fingerprint = excluded.fingerprint)",
        key.caller,
        key.key,
        &fingerprint[..],
        times.held_until,
        times.expires_at,
        times.now
    )
    .execute(store.pool())
    .await?;
    if claimed.rows_affected() > 0 {
        return Ok(Claim::Ours);
    }
    let found = sqlx::query!(
        "SELECT fingerprint, answer FROM idempotency_keys WHERE caller = $1 AND key = $2",
        key.caller,
        key.key
    )
    .fetch_optional(store.pool())
    .await?;
    Ok(match found {
        // Released between the two statements: whoever asks again gets it.
        None => Claim::InProgress,
        Some(row) if row.fingerprint != fingerprint => Claim::Mismatch,
        Some(row) => row.answer.map_or(Claim::InProgress, Claim::Answered),
    })
}

/// Keeps the answer of a claim. `false`: it was taken over meanwhile, and nothing was kept.
pub async fn answer(
    store: &Store,
    key: Key<'_>,
    held_until: OffsetDateTime,
    sealed: &[u8],
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE idempotency_keys SET answer = $4 WHERE caller = $1 AND key = $2 AND held_until = $3 AND answer IS NULL",
        key.caller,
        key.key,
        held_until,
        sealed
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a claim up, so that the key is as if never used.
pub async fn release(store: &Store, key: Key<'_>, held_until: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE caller = $1 AND key = $2 AND held_until = $3 AND answer IS NULL",
        key.caller,
        key.key,
        held_until
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Forgets keys that ended before `before`. Returns how many.
pub async fn delete_expired(store: &Store, before: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE expires_at < $1", before)
        .execute(store.pool())
        .await?;
    Ok(done.rows_affected())
}
