-- Differences that re-pricings made, by {per}: rows of their own, which the sums take in. `correction` names the slice of the
-- re-pricing, so that one that was interrupted can see what it has already added.
ALTER TABLE usage_{bucket} {on_cluster}
    ADD COLUMN IF NOT EXISTS correction FixedString(16),
    MODIFY ORDER BY (team, bucket, provider, model, agent, crew, key_id, status, correction)
