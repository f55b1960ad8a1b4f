-- Calls that webhooks are to tell of, in the order in which they were stored. Read once, soon, by whoever sends them.
CREATE TABLE IF NOT EXISTS hook_events {on_cluster}
(
    team FixedString(16),
    hook_id FixedString(16),
    call_id FixedString(16),
    -- start of the call
    ts DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    stored_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = {replicated}MergeTree
PARTITION BY toYYYYMMDD(stored_at)
ORDER BY (team, stored_at, hook_id, call_id)
TTL toDateTime(stored_at) + INTERVAL 8 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
