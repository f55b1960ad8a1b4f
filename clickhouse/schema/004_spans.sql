-- Every span of every trace: crew, agent, task, tool, llm_call, attempt, ... A call is one llm_call span with an attempt span per upstream try.
-- A running span is written again when it ends; the row with the higher version wins.
CREATE TABLE IF NOT EXISTS spans {on_cluster}
(
    team FixedString(16),
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    trace_id FixedString(16),
    span_id FixedString(8),
    parent_span_id FixedString(8),
    span_type LowCardinality(String),
    name String CODEC(ZSTD(1)),
    -- running, completed, failed, cancelled
    status LowCardinality(String),
    -- the Unix epoch while it runs
    ended_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- gateway, runner, otlp
    source LowCardinality(String),

    key_id FixedString(16),
    user_id FixedString(16),
    session_id String CODEC(ZSTD(1)),
    execution_id FixedString(16),
    crew LowCardinality(String),
    task LowCardinality(String),
    agent LowCardinality(String),
    parent_agent LowCardinality(String),

    -- of llm_call and attempt spans; all zero: none
    call_id FixedString(16),
    provider LowCardinality(String),
    model LowCardinality(String),
    -- of llm_call spans only, so that a sum over a trace counts each call once
    input_tokens UInt64 CODEC(T64, ZSTD(1)),
    output_tokens UInt64 CODEC(T64, ZSTD(1)),
    cost Decimal(18, 12),
    cost_known Bool,
    first_token_us UInt64 CODEC(T64, ZSTD(1)),

    -- JSON text
    inputs String CODEC(ZSTD(3)),
    outputs String CODEC(ZSTD(3)),
    error_code LowCardinality(String),
    error_message String CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String),
    retention_days UInt16,
    -- 0 while it runs, 1 when it ended
    version UInt8,

    INDEX by_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_execution_id execution_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_call_id call_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(version)
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, toStartOfHour(ts), trace_id, ts, span_id)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
