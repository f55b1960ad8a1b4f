-- Rules of the runaway guard that the call met, each as 'rule action count limit'; and the part of `cost` that tries beside
-- the answer's may have cost.
ALTER TABLE llm_calls {on_cluster}
    ADD COLUMN IF NOT EXISTS runaway Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS wasted_cost Decimal(18, 12)
