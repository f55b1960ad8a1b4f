-- What a call used beside tokens, by meter (`image_out#1024x1024`, `second_in`), and what it was at a provider's own API.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS units Map(LowCardinality(String), Decimal(18, 6)),
    ADD COLUMN IF NOT EXISTS passed String CODEC(ZSTD(1))
