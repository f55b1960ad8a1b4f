-- What a re-pricing changed: a row per call and re-pricing, written before anything is changed, and kept. The oldest row of a
-- call has the cost and the price version that it was metered at.
CREATE TABLE IF NOT EXISTS call_repricings {on_cluster}
(
    team FixedString(16),
    -- the re-pricing, and which of its slices: a slice is written as one block, so it is there whole or not at all
    repricing FixedString(16),
    slice UInt32,
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    call_id FixedString(16),
    -- the re-pricing before it; all zero: none
    was_repricing FixedString(16),
    made_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),

    -- keys of the rollups that the difference belongs to
    trace_id FixedString(16),
    execution_id FixedString(16),
    key_id FixedString(16),
    provider LowCardinality(String),
    model LowCardinality(String),
    agent LowCardinality(String),
    crew LowCardinality(String),
    status LowCardinality(String),

    old_cost_input Decimal(18, 12),
    old_cost_cache Decimal(18, 12),
    old_cost_output Decimal(18, 12),
    old_cost Decimal(18, 12),
    old_cost_known Bool,
    old_price_version UInt32,
    new_cost_input Decimal(18, 12),
    new_cost_cache Decimal(18, 12),
    new_cost_output Decimal(18, 12),
    new_cost Decimal(18, 12),
    new_price_version UInt32,
    retention_days UInt16,

    INDEX by_call_id call_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (team, repricing, slice, ts, call_id)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
