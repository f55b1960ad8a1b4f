-- What it takes to price a call again, and which re-pricing changed its cost last (all zero: none did).
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS service_tier LowCardinality(String),
    ADD COLUMN IF NOT EXISTS price_provider LowCardinality(String),
    ADD COLUMN IF NOT EXISTS price_model LowCardinality(String),
    ADD COLUMN IF NOT EXISTS repricing FixedString(16)
