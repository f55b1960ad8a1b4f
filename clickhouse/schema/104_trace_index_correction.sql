-- Differences that re-pricings made, by trace: rows of their own, as in the rollups by time.
ALTER TABLE trace_index {on_cluster}
    ADD COLUMN IF NOT EXISTS correction FixedString(16),
    MODIFY ORDER BY (team, hour, trace_id, correction)
