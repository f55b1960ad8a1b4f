//! Writing batches so that each arrives exactly once.
//!
//! A batch carries a token that its writer made when it closed the batch. ClickHouse remembers the last 10,000 tokens of
//! each table and of each rollup behind it, so the same batch sent again is answered with success and changes nothing;
//! a rollup that a crash kept from its block gets it with the second try. The token must not be made at send time, and the
//! rows must be the same, in the same order.

use std::time::Duration;

use clickhouse::{Client, RowOwned, RowWrite};

use crate::client::ClickHouse;
use crate::error::Error;
use crate::rows::Table;

/// ClickHouse splits an insert above this into blocks of its own, and a kill between two of them would leave half a batch.
pub const MAX_BATCH_ROWS: usize = 1_000_000;

const SEND_LIMIT: Duration = Duration::from_secs(30);
/// All the rollups behind a table are written before the answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// Settings of every insert. `async_insert` is on by default and would acknowledge before anything is stored.
const SETTINGS: [(&str, &str); 5] = [
    ("async_insert", "0"),
    ("insert_deduplicate", "1"),
    ("deduplicate_blocks_in_dependent_materialized_views", "1"),
    ("materialized_views_ignore_errors", "0"),
    ("max_insert_block_size", "1048576"),
];

impl ClickHouse {
    /// Inserts all rows under `token` (`<writer>-<segment>-<table>`). Ok means durable: the rows and the rollups behind them are
    /// on disk. After an error with `is_retryable()` send the same rows with the same token again. No rows: nothing is sent.
    pub async fn insert_batch<T: Table>(&self, rows: &[T], token: &str) -> Result<(), Error> {
        self.insert_by(self.client(), T::TABLE, rows, token).await
    }

    /// The same for some columns of a rollup, which has types that the client cannot compare rows with: it is not asked to.
    pub(crate) async fn insert_into<T: RowOwned + RowWrite>(
        &self,
        rollup: &str,
        rows: &[T],
        token: &str,
    ) -> Result<(), Error> {
        let client = self.client().clone().with_validation(false);
        self.insert_by(&client, rollup, rows, token).await
    }

    async fn insert_by<T: RowOwned + RowWrite>(
        &self,
        client: &Client,
        table: &str,
        rows: &[T],
        token: &str,
    ) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        if rows.len() > MAX_BATCH_ROWS {
            return Err(Error::Invalid(format!(
                "a batch holds at most {MAX_BATCH_ROWS} rows, not {}",
                rows.len()
            )));
        }
        let mut insert = self.limited(SEND_LIMIT, client.insert::<T>(table)).await?;
        insert = insert
            .with_timeouts(Some(SEND_LIMIT), Some(ANSWER_LIMIT))
            .with_setting("insert_deduplication_token", token);
        for (name, value) in SETTINGS {
            insert = insert.with_setting(name, value);
        }
        for row in rows {
            insert.write(row).await.map_err(|error| self.error(error))?;
        }
        insert.end().await.map_err(|error| self.error(error))
    }
}
