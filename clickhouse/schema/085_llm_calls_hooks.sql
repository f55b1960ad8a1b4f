-- What hooks did with a call: a JSON list; empty when none did anything.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS hooks String CODEC(ZSTD(3))
