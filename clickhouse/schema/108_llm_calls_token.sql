-- The token of another issuer that a call was made with, and whom it proves; both empty: a key of ours.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS token_issuer LowCardinality(String),
    ADD COLUMN IF NOT EXISTS token_subject String CODEC(ZSTD(3))
