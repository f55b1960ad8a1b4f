-- What guardrails did in a call: a JSON list; empty when none found anything.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS guardrails String CODEC(ZSTD(3))
