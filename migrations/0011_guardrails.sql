-- Rules about what may be said in calls.

CREATE TABLE guardrails (
    id         uuid PRIMARY KEY,
    team_id    uuid REFERENCES teams (id) ON DELETE CASCADE,   -- NULL: every team's
    name       text NOT NULL CHECK (name <> ''),
    stage      text NOT NULL CHECK (stage IN ('before', 'after', 'both')),
    check_spec jsonb NOT NULL CHECK (jsonb_typeof(check_spec) = 'object'),
    action     text NOT NULL CHECK (action IN ('block', 'mask', 'flag')),
    keys       uuid[] NOT NULL DEFAULT '{}',                   -- empty: every key
    models     text[] NOT NULL DEFAULT '{}',                   -- names or patterns; empty: every model
    is_active  boolean NOT NULL DEFAULT true,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX guardrails_by_team ON guardrails (team_id, id);
CREATE INDEX guardrails_by_creator ON guardrails (created_by);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON guardrails DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
