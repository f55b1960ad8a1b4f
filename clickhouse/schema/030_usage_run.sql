-- Usage of one run or trace by agent and model: what a run cost, without a scan of the ledger.
CREATE TABLE IF NOT EXISTS usage_run {on_cluster}
(
    team FixedString(16),
    execution_id FixedString(16),
    trace_id FixedString(16),
    agent LowCardinality(String),
    model LowCardinality(String),
    status LowCardinality(String),
    month Date,
    calls SimpleAggregateFunction(sum, UInt64),
    cost_known_calls SimpleAggregateFunction(sum, UInt64),
    estimated_calls SimpleAggregateFunction(sum, UInt64),
    attempts SimpleAggregateFunction(sum, UInt64),
    in_uncached SimpleAggregateFunction(sum, UInt64),
    in_cache_read SimpleAggregateFunction(sum, UInt64),
    in_cache_write_5m SimpleAggregateFunction(sum, UInt64),
    in_cache_write_1h SimpleAggregateFunction(sum, UInt64),
    in_audio SimpleAggregateFunction(sum, UInt64),
    in_image SimpleAggregateFunction(sum, UInt64),
    out_text SimpleAggregateFunction(sum, UInt64),
    out_reasoning SimpleAggregateFunction(sum, UInt64),
    out_audio SimpleAggregateFunction(sum, UInt64),
    cost_input SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost_cache SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost_output SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost SimpleAggregateFunction(sum, Decimal(38, 12)),
    duration_us SimpleAggregateFunction(sum, UInt64),

    INDEX by_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}AggregatingMergeTree
PARTITION BY month
ORDER BY (team, execution_id, trace_id, agent, model, status)
TTL month + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
