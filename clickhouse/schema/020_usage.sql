-- Usage by {per}, straight from the ledger: sums are exact, quantiles (DDSketch) are within 1 %, whatever the order of merges.
CREATE TABLE IF NOT EXISTS usage_{bucket} {on_cluster}
(
    team FixedString(16),
    bucket DateTime('UTC'),
    provider LowCardinality(String),
    model LowCardinality(String),
    agent LowCardinality(String),
    crew LowCardinality(String),
    key_id FixedString(16),
    status LowCardinality(String),
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
    duration AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64),
    first_token AggregateFunction(quantilesDDIf(0.01, 0.5, 0.95, 0.99), UInt64, UInt8)
)
ENGINE = {replicated}AggregatingMergeTree
PARTITION BY {partition}(bucket)
ORDER BY (team, bucket, provider, model, agent, crew, key_id, status)
{ttl}
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
