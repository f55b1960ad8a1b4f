-- Differences that re-pricings made, by run: rows of their own, as in the rollups by time.
ALTER TABLE usage_run {on_cluster}
    ADD COLUMN IF NOT EXISTS correction FixedString(16),
    MODIFY ORDER BY (team, execution_id, trace_id, agent, model, status, correction)
