-- Content, stored once per team, day and retention class under the BLAKE3 hash of its canonical form.
CREATE TABLE IF NOT EXISTS messages {on_cluster}
(
    team FixedString(16),
    day Date,
    hash FixedString(16),
    -- system, user, assistant, tool, ...; tools: a call's tool definitions; input: a prompt or embedding input; raw: a body that is none of these
    role LowCardinality(String),
    -- canonical JSON of the message
    content String CODEC(ZSTD(3)),
    bytes UInt32 CODEC(T64, ZSTD(1)),
    retention_days UInt16
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (day, retention_days)
ORDER BY (team, hash)
TTL day + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
