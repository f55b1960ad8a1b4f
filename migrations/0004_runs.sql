-- Crews and their runs.

CREATE TABLE crews (
    id          uuid PRIMARY KEY,
    team_id     uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        text NOT NULL CHECK (name <> ''),
    description text NOT NULL DEFAULT '',
    config      jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),   -- {agents, tasks, process, ...}
    status      text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'deployed', 'stopped')),
    version     integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX crews_by_team ON crews (team_id, id);
CREATE INDEX crews_by_creator ON crews (created_by);

CREATE TABLE crew_versions (
    id          uuid PRIMARY KEY,
    crew_id     uuid NOT NULL REFERENCES crews (id) ON DELETE CASCADE,
    version     integer NOT NULL CHECK (version > 0),
    name        text NOT NULL,
    description text NOT NULL,
    config      jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (crew_id, version)
);
CREATE INDEX crew_versions_by_creator ON crew_versions (created_by);

-- One run. It carries the crew's definition as it was at the start: editing or deleting the crew changes no run.
-- Claiming: a runner takes a pending row (or a running one whose heartbeat is old) FOR UPDATE SKIP LOCKED, writes its
-- name and a higher `attempt`; every later write of that runner names its attempt, so one that lost its claim cannot write.
CREATE TABLE executions (
    id                   uuid PRIMARY KEY,
    team_id              uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    crew_id              uuid REFERENCES crews (id) ON DELETE SET NULL,
    crew_name            text NOT NULL,
    crew_version         integer NOT NULL,
    config               jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    status               text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    inputs               jsonb NOT NULL DEFAULT '{}',
    outputs              jsonb,
    error_message        text,
    trace_id             bytea NOT NULL CHECK (octet_length(trace_id) = 16),
    triggered_by_kind    text NOT NULL CHECK (triggered_by_kind IN ('user', 'api_key')),
    triggered_by_user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    triggered_by_key_id  uuid REFERENCES api_keys (id) ON DELETE SET NULL,
    created_at           timestamptz NOT NULL DEFAULT now(),
    started_at           timestamptz,
    completed_at         timestamptz,
    claimed_by           text,
    heartbeat_at         timestamptz,
    attempt              integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    cancel_requested     boolean NOT NULL DEFAULT false,
    input_tokens         bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
    output_tokens        bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
    total_cost           numeric(24, 12),                 -- dollars; NULL: unknown, which is not 0
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    CHECK (status <> 'running' OR (claimed_by IS NOT NULL AND heartbeat_at IS NOT NULL AND started_at IS NOT NULL))
);
CREATE INDEX executions_by_team ON executions (team_id, id);
CREATE INDEX executions_by_crew ON executions (crew_id, id);
CREATE INDEX executions_by_user ON executions (triggered_by_user_id);
CREATE INDEX executions_by_key ON executions (triggered_by_key_id);
CREATE INDEX executions_waiting ON executions (id) WHERE status = 'pending';
CREATE INDEX executions_running ON executions (heartbeat_at) WHERE status = 'running';

-- A finished task is kept, so that a runner that takes over starts at the first unfinished one.
CREATE TABLE execution_tasks (
    execution_id uuid NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    task_index   integer NOT NULL CHECK (task_index >= 0),
    name         text NOT NULL,
    agent        text NOT NULL,
    output       jsonb NOT NULL,
    attempt      integer NOT NULL,
    started_at   timestamptz NOT NULL,
    completed_at timestamptz NOT NULL,
    PRIMARY KEY (execution_id, task_index)
);

-- The run's events as clients see them. `seq` counts from 1 within the run and is the SSE id a client resumes from.
CREATE TABLE execution_events (
    execution_id uuid NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    seq          bigint NOT NULL CHECK (seq > 0),
    event        text NOT NULL CHECK (event <> ''),
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (execution_id, seq)
);

-- Wakes runners: new work (`pending <id>`) and a wish to cancel (`cancel <id>`). Only a hint; runners also poll.
CREATE FUNCTION notify_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.cancel_requested THEN
        PERFORM pg_notify('aop_executions', 'cancel ' || NEW.id);
    ELSIF NEW.status = 'pending' THEN
        PERFORM pg_notify('aop_executions', 'pending ' || NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_execution AFTER INSERT OR UPDATE OF status, cancel_requested
    ON executions FOR EACH ROW EXECUTE FUNCTION notify_execution();

-- Wakes streams of a run: the payload is its id. Only a hint; streams also poll.
CREATE FUNCTION notify_execution_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('aop_execution_events', NEW.execution_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_execution_event AFTER INSERT
    ON execution_events FOR EACH ROW EXECUTE FUNCTION notify_execution_event();
