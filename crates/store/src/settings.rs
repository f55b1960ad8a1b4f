//! Settings of the whole installation: a key and a JSON value. Secrets do not belong here unsealed.

use serde_json::Value;

use crate::{Error, Store};

pub async fn find(store: &Store, key: &str) -> Result<Option<Value>, Error> {
    let value = sqlx::query_scalar!("SELECT value FROM settings WHERE key = $1", key)
        .fetch_optional(store.pool())
        .await?;
    Ok(value)
}

pub async fn put(store: &Store, key: &str, value: &Value) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO settings (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()",
        key,
        value
    )
    .execute(store.pool())
    .await?;
    Ok(())
}

/// Of several processes that start at once, the first one's value holds. `true`: it was this one's.
pub async fn put_if_absent(store: &Store, key: &str, value: &Value) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
        key,
        value
    )
    .execute(store.pool())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn delete(store: &Store, key: &str) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM settings WHERE key = $1", key).execute(store.pool()).await?;
    Ok(done.rows_affected() > 0)
}
