-- The kill switch: what a person ended. Gateways read the ones in force and hear of changes by notification.

CREATE TABLE kills (
    id         uuid PRIMARY KEY,
    team_id    uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('trace', 'execution', 'session', 'agent', 'key', 'call')),
    target     text NOT NULL CHECK (target <> '' AND length(target) <= 256),   -- an id in its canonical text, or a name
    reason     text CHECK (reason <> ''),
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,                              -- NULL: in force until it is lifted
    lifted_at  timestamptz,
    lifted_by  uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX kills_by_team ON kills (team_id, id);
CREATE INDEX kills_by_target ON kills (team_id, kind, target) WHERE lifted_at IS NULL;
CREATE INDEX kills_by_creator ON kills (created_by);
CREATE INDEX kills_by_lifter ON kills (lifted_by);
-- What gateways load: everything not lifted, the rest of it by its end.
CREATE INDEX kills_in_force ON kills (expires_at) WHERE lifted_at IS NULL;

CREATE FUNCTION notify_kill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('aop_kills', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_kill AFTER INSERT OR UPDATE OR DELETE ON kills FOR EACH STATEMENT EXECUTE FUNCTION notify_kill();

-- Whoever kills a trace ends the run of a crew behind it.
CREATE INDEX executions_by_trace ON executions (team_id, trace_id);
