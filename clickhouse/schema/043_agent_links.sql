-- Agents that turned out to be somebody: earlier calls of this key by the agent `was` (or in `conversation`) were made by `is`.
CREATE TABLE IF NOT EXISTS agent_links {on_cluster}
(
    team FixedString(16),
    -- start of the call that showed it: what was found later is not touched
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    key_id FixedString(16),
    -- one of the two is 0
    was UInt64,
    conversation UInt64,
    is UInt64,
    name String CODEC(ZSTD(1)),
    rule LowCardinality(String),
    confidence UInt8,
    retention_days UInt16
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, was, conversation, key_id, ts)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
