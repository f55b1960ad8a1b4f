-- The runaway guard: what is taken for a run that has lost its way, for a team (key_id NULL) or for one of its keys.

CREATE TABLE runaway_policies (
    id         uuid PRIMARY KEY,
    team_id    uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    key_id     uuid UNIQUE REFERENCES api_keys (id) ON DELETE CASCADE,
    policy     jsonb NOT NULL CHECK (jsonb_typeof(policy) = 'object'),   -- as aop_domain::runaway::Policy
    updated_by uuid REFERENCES users (id) ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX runaway_policies_of_team ON runaway_policies (team_id) WHERE key_id IS NULL;
CREATE INDEX runaway_policies_by_team ON runaway_policies (team_id);
CREATE INDEX runaway_policies_by_user ON runaway_policies (updated_by);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON runaway_policies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();

-- What becomes of a provider's answer when its client goes away.
ALTER TABLE routes
    ADD COLUMN on_abort        text NOT NULL DEFAULT 'cancel' CHECK (on_abort IN ('cancel', 'drain', 'drain_to_cap')),
    ADD COLUMN abort_max_bytes integer CHECK (abort_max_bytes > 0),
    ADD COLUMN abort_max_ms    integer CHECK (abort_max_ms > 0),
    ADD CHECK (on_abort <> 'drain_to_cap' OR abort_max_bytes IS NOT NULL OR abort_max_ms IS NOT NULL);

-- Tools that a run is in the middle of: the span as it began. When the runner dies, whoever claims the run next ends it.
CREATE TABLE execution_open_spans (
    execution_id uuid NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    span_id      bytea NOT NULL CHECK (octet_length(span_id) = 8),
    record       bytea NOT NULL,                         -- aop_domain::record::SpanRecord, as it went to the spool
    PRIMARY KEY (execution_id, span_id)
);
