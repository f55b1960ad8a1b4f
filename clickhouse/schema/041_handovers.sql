-- Work passed from one agent to another. Written with the call that shows it: the one that passes on, or the first of whoever takes over.
CREATE TABLE IF NOT EXISTS handovers {on_cluster}
(
    team FixedString(16),
    -- start of that call
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    trace_id FixedString(16),
    call_id FixedString(16),
    -- its hand-overs, counted from 0
    number UInt16,
    -- spans as numbers; 0: forgotten, or not known yet
    from_span UInt64,
    from_conversation UInt64,
    from_agent UInt64,
    to_span UInt64,
    to_conversation UInt64,
    target String CODEC(ZSTD(1)),
    -- transfer, delegate
    passing LowCardinality(String),
    rule LowCardinality(String),
    confidence UInt8,
    retention_days UInt16
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, toStartOfHour(ts), trace_id, ts, call_id, number)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
