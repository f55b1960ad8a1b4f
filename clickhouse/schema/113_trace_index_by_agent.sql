-- Which stretches of the index have runs of an agent, by its name as recorded.
ALTER TABLE trace_index {on_cluster}
    ADD INDEX IF NOT EXISTS by_agent agents TYPE bloom_filter(0.01) GRANULARITY 1
