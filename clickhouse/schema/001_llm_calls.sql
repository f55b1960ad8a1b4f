-- The ledger: one row per call that came in at the front door, answered or refused. Written only by the collector.
CREATE TABLE IF NOT EXISTS llm_calls {on_cluster}
(
    team FixedString(16),
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    call_id FixedString(16),
    trace_id FixedString(16),
    span_id FixedString(8),
    parent_span_id FixedString(8),

    -- proven by the key
    key_id FixedString(16),
    user_id FixedString(16),

    -- claimed by the caller; where each field came from stands in identity_sources
    session_id String CODEC(ZSTD(1)),
    execution_id FixedString(16),
    crew LowCardinality(String),
    task LowCardinality(String),
    agent LowCardinality(String),
    parent_agent LowCardinality(String),
    end_user String CODEC(ZSTD(1)),
    application LowCardinality(String),
    framework LowCardinality(String),
    tags Array(LowCardinality(String)),
    identity_sources Map(LowCardinality(String), LowCardinality(String)),
    trace_source LowCardinality(String),
    agent_rule LowCardinality(String),
    agent_confidence UInt8,

    operation LowCardinality(String),
    provider LowCardinality(String),
    deployment LowCardinality(String),
    route LowCardinality(String),
    requested_model LowCardinality(String),
    response_model LowCardinality(String),
    stream Bool,
    attempts UInt8,
    provider_response_id String CODEC(ZSTD(1)),
    status LowCardinality(String),
    http_status UInt16,
    error_code LowCardinality(String),
    error_message String CODEC(ZSTD(1)),
    finish_reason LowCardinality(String),

    -- microseconds; 0: not applicable
    duration_us UInt64 CODEC(T64, ZSTD(1)),
    first_token_us UInt64 CODEC(T64, ZSTD(1)),
    upstream_us UInt64 CODEC(T64, ZSTD(1)),
    overhead_us UInt32 CODEC(T64, ZSTD(1)),
    queue_us UInt32 CODEC(T64, ZSTD(1)),
    connect_us UInt32 CODEC(T64, ZSTD(1)),

    -- disjoint token classes
    in_uncached UInt32 CODEC(T64, ZSTD(1)),
    in_cache_read UInt32 CODEC(T64, ZSTD(1)),
    in_cache_write_5m UInt32 CODEC(T64, ZSTD(1)),
    in_cache_write_1h UInt32 CODEC(T64, ZSTD(1)),
    in_audio UInt32 CODEC(T64, ZSTD(1)),
    in_image UInt32 CODEC(T64, ZSTD(1)),
    out_text UInt32 CODEC(T64, ZSTD(1)),
    out_reasoning UInt32 CODEC(T64, ZSTD(1)),
    out_audio UInt32 CODEC(T64, ZSTD(1)),
    usage_source LowCardinality(String),

    -- US dollars; all 0 when cost_known is false
    cost_input Decimal(18, 12),
    cost_cache Decimal(18, 12),
    cost_output Decimal(18, 12),
    cost Decimal(18, 12),
    cost_known Bool,
    price_version UInt32,

    tool_names Array(LowCardinality(String)),
    message_count UInt16,
    request_bytes UInt64 CODEC(T64, ZSTD(1)),
    response_bytes UInt64 CODEC(T64, ZSTD(1)),
    body_truncated Bool,
    input_preview String CODEC(ZSTD(3)),
    output_preview String CODEC(ZSTD(3)),

    node LowCardinality(String),
    retention_days UInt16,

    INDEX by_call_id call_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_execution_id execution_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_end_user end_user TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_provider_response_id provider_response_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_cost cost TYPE minmax GRANULARITY 1,
    INDEX by_duration duration_us TYPE minmax GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (toMonday(ts), retention_days)
ORDER BY (team, ts, call_id)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
