-- What is kept of a call, and what the response cache had to do with it.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS recording LowCardinality(String),
    ADD COLUMN IF NOT EXISTS redactions UInt32 CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS cache LowCardinality(String),
    ADD COLUMN IF NOT EXISTS cost_saved Decimal(18, 12)
