-- What one call said and got, as hashes into messages of the same team, day and retention class.
CREATE TABLE IF NOT EXISTS call_bodies {on_cluster}
(
    team FixedString(16),
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    call_id FixedString(16),
    input_hashes Array(FixedString(16)) CODEC(ZSTD(1)),
    -- index of the first input that the previous call of the same conversation did not have
    new_from UInt16,
    output_hashes Array(FixedString(16)) CODEC(ZSTD(1)),
    -- all zero: no tools
    tools_hash FixedString(16),
    -- JSON: the request without messages and tools
    params String CODEC(ZSTD(3)),
    -- JSON: the response without its messages
    response String CODEC(ZSTD(3)),
    retention_days UInt16,

    INDEX by_call_id call_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree
PARTITION BY (toDate(ts), retention_days)
ORDER BY (team, ts, call_id)
TTL toDateTime(ts) + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
