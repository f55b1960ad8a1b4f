//! For tests: a fresh, migrated database on the ClickHouse that `make test` started.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::client::{ClickHouse, Config};
use crate::error::Error;
use crate::migrate::Topology;

const URL: &str = "AOP_TEST_CLICKHOUSE_URL";
const PASSWORD: &str = "AOP_TEST_CLICKHOUSE_PASSWORD";

/// One database of its own; dropped at the end of the test.
pub struct TestClickHouse {
    pub clickhouse: ClickHouse,
    pub config: Config,
}

impl TestClickHouse {
    /// Fails when no test server is named: nothing is skipped.
    pub async fn start() -> Result<Self, Error> {
        let named = |name: &str| {
            std::env::var(name)
                .map_err(|_| Error::Invalid(format!("{name} is not set: run the tests with `make test`")))
        };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database = format!("test_{}_{number}", uuid::Uuid::now_v7().simple());
        let config =
            Config { url: named(URL)?, user: "default".to_owned(), password: named(PASSWORD)?, database };
        let clickhouse = ClickHouse::connect(&config)?;
        clickhouse.migrate(&Topology::Single).await?;
        Ok(Self { clickhouse, config })
    }
}

impl Drop for TestClickHouse {
    /// On a thread of its own, because the test's runtime may be ending. A database that stays is only litter.
    fn drop(&mut self) {
        let config = self.config.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            let clickhouse = ClickHouse::connect(&config).ok()?;
            let statement = format!("DROP DATABASE IF EXISTS {}", config.database);
            runtime.block_on(clickhouse.execute_in("default", &statement)).ok()
        });
        let _litter = dropping.join();
    }
}
