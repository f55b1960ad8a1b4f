//! Locks by name, held by one process of the installation at a time. A lock is a transaction of its own: it ends with the
//! value, or with the process.

use sqlx::{Postgres, Transaction};

use crate::{Error, Store};

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "held, never read")] Transaction<'static, Postgres>);

/// Waits for the lock; it takes a connection of the pool for as long as it is held, so callers bound how many they hold.
pub async fn hold(store: &Store, name: &str) -> Result<Held, Error> {
    let mut tx = store.pool().begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name).execute(&mut *tx).await?;
    Ok(Held(tx))
}
