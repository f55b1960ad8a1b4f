-- One line per trace and hour: feeds the list of traces and bounds the search for one trace's spans.
CREATE TABLE IF NOT EXISTS trace_index {on_cluster}
(
    team FixedString(16),
    hour DateTime('UTC'),
    trace_id FixedString(16),
    started SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    -- ended spans; attempts are not counted
    spans SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    calls SimpleAggregateFunction(sum, UInt64),
    input_tokens SimpleAggregateFunction(sum, UInt64),
    output_tokens SimpleAggregateFunction(sum, UInt64),
    cost SimpleAggregateFunction(sum, Decimal(38, 12)),
    cost_known_calls SimpleAggregateFunction(sum, UInt64),
    agents SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    models SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    -- (name, type, status) of the root: the parentless span if there is one, else the earliest; its ended form wins over its running one
    root AggregateFunction(argMin, Tuple(String, String, String), Tuple(UInt8, DateTime64(6, 'UTC'), UInt8)),
    session_id SimpleAggregateFunction(max, String),
    execution_id SimpleAggregateFunction(max, FixedString(16)),
    crew SimpleAggregateFunction(max, String),
    retention_days UInt16,

    INDEX by_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {replicated}AggregatingMergeTree
PARTITION BY (toMonday(hour), retention_days)
ORDER BY (team, hour, trace_id)
TTL hour + toIntervalDay(if(retention_days = 0, 18250, retention_days))
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
