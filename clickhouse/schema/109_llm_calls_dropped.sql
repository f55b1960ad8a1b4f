-- Fields of the request that the provider was not sent, because it has no word for them.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS dropped_fields Array(LowCardinality(String))
