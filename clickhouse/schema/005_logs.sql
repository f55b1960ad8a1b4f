-- Lines of log that belong to a run, a trace or a span.
CREATE TABLE IF NOT EXISTS logs {on_cluster}
(
    team FixedString(16),
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- order among lines of the same microsecond: position in the writer's segment
    seq UInt32,
    trace_id FixedString(16),
    span_id FixedString(8),
    execution_id FixedString(16),
    agent LowCardinality(String),
    -- debug, info, warning, error
    level LowCardinality(String),
    message String CODEC(ZSTD(3)),
    attributes Map(LowCardinality(String), String),
    retention_days UInt16,

    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_execution_id execution_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {replicated}MergeTree
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, ts, seq)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
