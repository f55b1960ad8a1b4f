-- Which stretches of the ledger have calls that may be an agent's: by its name, its fingerprint, or the conversations it spoke in.
-- One index over all four, so that a filter that asks for any of them still skips.
ALTER TABLE llm_calls {on_cluster}
    ADD INDEX IF NOT EXISTS by_agent (agent, found_agent, agent_fingerprint, conversation) TYPE bloom_filter(0.01) GRANULARITY 1
