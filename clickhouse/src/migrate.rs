//! Brings the database to this version's schema. Every statement is idempotent, so all of them run at each start.

use std::time::Duration;

use crate::client::ClickHouse;
use crate::error::Error;

macro_rules! schema {
    ($($file:literal,)*) => { &[$(($file, include_str!(concat!("../schema/", $file)))),*] };
}

/// In this order: a view comes after both of its tables.
const SCHEMA: &[(&str, &str)] = schema![
    "001_llm_calls.sql",
    "002_messages.sql",
    "003_call_bodies.sql",
    "004_spans.sql",
    "005_logs.sql",
    "010_trace_index.sql",
    "011_trace_index_from_spans.sql",
    "020_usage_1m.sql",
    "021_usage_1m_from_llm_calls.sql",
    "022_usage_1h.sql",
    "023_usage_1h_from_llm_calls.sql",
    "024_usage_1d.sql",
    "025_usage_1d_from_llm_calls.sql",
    "030_usage_run.sql",
    "031_usage_run_from_llm_calls.sql",
];

const STATEMENT_LIMIT: Duration = Duration::from_secs(120);

/// How tables are laid out: on one server, or replicated over a cluster named in the servers' configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Topology {
    #[default]
    Single,
    Cluster(String),
}

impl Topology {
    /// Fills the two placeholders of a schema file: `{on_cluster}` and `{replicated}`.
    fn fill(&self, statement: &str) -> Result<String, Error> {
        let (on_cluster, replicated) = match self {
            Self::Single => (String::new(), ""),
            Self::Cluster(name) => (format!("ON CLUSTER {}", identifier(name)?), "Replicated"),
        };
        Ok(statement.replace("{on_cluster}", &on_cluster).replace("{replicated}", replicated))
    }
}

impl ClickHouse {
    /// Creates the database and everything in it that is missing. Safe to run twice, and at the same time from two processes.
    pub async fn migrate(&self, topology: &Topology) -> Result<(), Error> {
        let database = identifier(self.database())?;
        let create = topology.fill(&format!("CREATE DATABASE IF NOT EXISTS {database} {{on_cluster}}"))?;
        self.execute_in("default", &create).await?;
        for (file, statement) in SCHEMA {
            tracing::debug!(file, "ClickHouse migration");
            self.execute_in(self.database(), &topology.fill(statement)?).await?;
        }
        Ok(())
    }

    /// Runs a statement that answers nothing.
    pub(crate) async fn execute_in(&self, database: &str, statement: &str) -> Result<(), Error> {
        let query = self.client().query_raw(statement).with_setting("database", database);
        self.limited(STATEMENT_LIMIT, query.execute()).await
    }
}

/// A name that stands in SQL as it is: letters, digits and `_`.
fn identifier(name: &str) -> Result<&str, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        return Ok(name);
    }
    Err(Error::Invalid(format!(
        "'{name}' cannot name a ClickHouse database or cluster: use letters, digits and _ only"
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_schema_file_is_listed_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, SCHEMA.iter().map(|(file, _)| *file).collect::<Vec<_>>());
    }

    #[test]
    fn every_table_refuses_a_batch_it_has_seen() {
        for (file, statement) in SCHEMA.iter().filter(|(_, statement)| statement.contains("CREATE TABLE")) {
            assert!(statement.contains("non_replicated_deduplication_window = 10000"), "{file}");
            assert!(statement.contains("fsync_after_insert = 1, fsync_part_directory = 1"), "{file}");
        }
    }

    #[test]
    fn on_a_cluster_tables_are_replicated() {
        let (_, statement) = SCHEMA[0];
        let filled = Topology::Cluster("main".into()).fill(statement).unwrap();
        assert!(filled.contains("CREATE TABLE IF NOT EXISTS llm_calls ON CLUSTER main"));
        assert!(filled.contains("ENGINE = ReplicatedReplacingMergeTree"));
    }

    #[test]
    fn a_cluster_name_that_is_sql_is_refused() {
        assert!(Topology::Cluster("a; DROP TABLE x".into()).fill("").is_err());
    }
}
