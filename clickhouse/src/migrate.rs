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
    "020_usage.sql",
    "021_usage_from_llm_calls.sql",
    "030_usage_run.sql",
    "031_usage_run_from_llm_calls.sql",
    "040_llm_calls_found.sql",
    "041_handovers.sql",
    "042_trace_links.sql",
    "043_agent_links.sql",
    "050_llm_calls_guard.sql",
    "051_usage_cache.sql",
    "052_usage_cache_from_llm_calls.sql",
    "053_llm_calls_guardrails.sql",
    "060_llm_call_units.sql",
    "070_llm_calls_runaway.sql",
    "080_conversation_links.sql",
    "085_llm_calls_hooks.sql",
    "086_hook_events.sql",
    "100_llm_calls_repricing.sql",
    "101_call_repricings.sql",
    "102_usage_correction.sql",
    "103_usage_run_correction.sql",
    "104_trace_index_correction.sql",
    "108_llm_calls_token.sql",
    "109_llm_calls_dropped.sql",
    "112_llm_calls_by_agent.sql",
    "113_trace_index_by_agent.sql",
];

/// One rollup of usage: a file that has `{bucket}` in it is run once for each.
struct Bucket {
    /// Part of the table's name.
    name: &'static str,
    per: &'static str,
    /// Function that gives the bucket of a time.
    start: &'static str,
    /// Function that gives the partition of a bucket.
    partition: &'static str,
    /// How long buckets are kept; empty for ever.
    ttl: &'static str,
}

const BUCKETS: [Bucket; 3] = [
    Bucket {
        name: "1m",
        per: "minute",
        start: "toStartOfMinute",
        partition: "toMonday",
        ttl: "TTL bucket + INTERVAL 14 DAY",
    },
    Bucket {
        name: "1h",
        per: "hour",
        start: "toStartOfHour",
        partition: "toYYYYMM",
        ttl: "TTL bucket + INTERVAL 400 DAY",
    },
    Bucket { name: "1d", per: "day", start: "toStartOfDay", partition: "toYear", ttl: "" },
];

impl Bucket {
    fn fill(&self, statement: &str) -> String {
        statement
            .replace("{bucket}", self.name)
            .replace("{per}", self.per)
            .replace("{start}", self.start)
            .replace("{partition}", self.partition)
            .replace("{ttl}", self.ttl)
    }
}

/// What a schema file runs: itself, or its statement for each bucket.
fn statements(text: &str) -> Vec<String> {
    if text.contains("{bucket}") {
        BUCKETS.iter().map(|bucket| bucket.fill(text)).collect()
    } else {
        vec![text.to_owned()]
    }
}

/// Indexes that came to tables of older versions: rows that are there already get them too, once, in the background.
const INDEXES_OF_OLD_ROWS: [(&str, &str); 2] = [("llm_calls", "by_agent"), ("trace_index", "by_agent")];

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
        let mut missing = Vec::new();
        for (table, index) in INDEXES_OF_OLD_ROWS {
            if !self.has_index(table, index).await? {
                missing.push((table, index));
            }
        }
        for (file, text) in SCHEMA {
            tracing::debug!(file, "ClickHouse migration");
            for statement in statements(text) {
                self.execute_in(self.database(), &topology.fill(&statement)?).await?;
            }
        }
        for (table, index) in missing {
            let build = format!("ALTER TABLE {table} {{on_cluster}} MATERIALIZE INDEX {index}");
            self.execute_in(self.database(), &topology.fill(&build)?).await?;
        }
        Ok(())
    }

    async fn has_index(&self, table: &str, index: &str) -> Result<bool, Error> {
        let asked =
            "SELECT count() FROM system.data_skipping_indices WHERE database = ? AND table = ? AND name = ?";
        let query = self.client().query(asked).bind(self.database()).bind(table).bind(index);
        Ok(self.limited(STATEMENT_LIMIT, query.fetch_one::<u64>()).await? > 0)
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
    fn each_bucket_has_a_table_and_its_view_and_no_place_stays_open() {
        let all: Vec<String> = SCHEMA.iter().flat_map(|(_, text)| statements(text)).collect();
        for (name, start, kept) in [
            ("1m", "toStartOfMinute", "14 DAY"),
            ("1h", "toStartOfHour", "400 DAY"),
            ("1d", "toStartOfDay", ""),
        ] {
            let one = |begin: &str| all.iter().find(|statement| statement.contains(begin)).unwrap();
            let table = one(&format!("CREATE TABLE IF NOT EXISTS usage_{name} "));
            assert_eq!(table.contains("TTL bucket"), !kept.is_empty());
            assert!(table.contains(kept), "{name}");
            let view = one(&format!("VIEW IF NOT EXISTS usage_{name}_from_llm_calls"));
            assert!(view.contains(&format!("TO usage_{name} AS")) && view.contains(&format!("{start}(ts)")));
        }
        for statement in &all {
            assert!(!Topology::Single.fill(statement).unwrap().contains('{'), "{statement}");
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
