-- What the traffic itself shows about a call, as found: before any correction. 0 and '' mean none.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS conversation UInt64,
    ADD COLUMN IF NOT EXISTS parent_conversation UInt64,
    ADD COLUMN IF NOT EXISTS agent_fingerprint UInt64,
    ADD COLUMN IF NOT EXISTS prompt_fingerprint UInt64,
    ADD COLUMN IF NOT EXISTS found_agent LowCardinality(String),
    ADD COLUMN IF NOT EXISTS found_rule LowCardinality(String),
    ADD COLUMN IF NOT EXISTS found_confidence UInt8,
    -- what a framework's own call is for: planner, selector, memory, ...
    ADD COLUMN IF NOT EXISTS internal LowCardinality(String),
    ADD COLUMN IF NOT EXISTS run_rule LowCardinality(String),
    ADD COLUMN IF NOT EXISTS run_confidence UInt8,
    -- the answer without its ids: the same for an answer that comes again
    ADD COLUMN IF NOT EXISTS answer_key UInt64
