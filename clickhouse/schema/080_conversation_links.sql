-- Two conversations that turned out to be one, seen in parts by several gateways: reads take the calls of `part` for calls of `whole`.
CREATE TABLE IF NOT EXISTS conversation_links {on_cluster}
(
    team FixedString(16),
    -- start of the call that showed it
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    part UInt64,
    whole UInt64,
    rule LowCardinality(String),
    confidence UInt8,
    retention_days UInt16
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, part, whole, ts)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
