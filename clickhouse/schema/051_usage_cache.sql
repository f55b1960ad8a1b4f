-- Hits of the response cache by {per}, and what they saved: rows of their own in the rollup, which adds them up.
ALTER TABLE usage_{bucket} {on_cluster}
    ADD COLUMN IF NOT EXISTS cache_hits SimpleAggregateFunction(sum, UInt64),
    ADD COLUMN IF NOT EXISTS cost_saved SimpleAggregateFunction(sum, Decimal(38, 12))
