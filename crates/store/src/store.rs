//! The connection to Postgres, and its migrations.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};

use crate::Error;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Longest wait for a free connection: behind it stands a person or a client with a timeout of its own.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// sqlx takes any scheme for Postgres, and a MySQL address would end in a timeout.
fn parse(url: &str) -> Result<PgConnectOptions, Error> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(Error::Address(sqlx::Error::Configuration("it does not begin with postgres://".into())));
    }
    url.parse().map_err(Error::Address)
}

/// A pool of connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Opens one connection at once, so that a wrong address or password fails here.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, Error> {
        let options = parse(url)?.application_name("aop").options([
            // A statement that hangs must not hold its connection, and its locks, for ever.
            ("statement_timeout", "30000"),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// Brings the schema up to date. Safe to run from several processes at once. A database that is newer than
    /// this binary is refused.
    pub async fn migrate(&self) -> Result<(), Error> {
        // A connection of its own, that is closed afterwards: a migration may take longer than any other statement.
        let mut connection = self.pool.acquire().await?.detach();
        sqlx::raw_sql("SET statement_timeout = 0").execute(&mut connection).await?;
        MIGRATOR.run(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Answers when Postgres does.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query!(r#"SELECT 1 AS "one!""#).fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Ends all connections; waits for those that are in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }
}
