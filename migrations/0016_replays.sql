-- Replays: recorded calls that somebody wants sent again. Runners claim them as they do executions, but none is taken over:
-- what the model answered is in the runner's memory, so a replay whose runner is gone has failed.

CREATE TABLE replays (
    id               uuid PRIMARY KEY,
    team_id          uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    source_trace_id  bytea NOT NULL CHECK (octet_length(source_trace_id) = 16),
    source_call_id   uuid NOT NULL,
    trace_id         bytea NOT NULL CHECK (octet_length(trace_id) = 16),   -- of the new calls
    scope            text NOT NULL CHECK (scope IN ('call', 'conversation', 'run')),
    model            text NOT NULL CHECK (model <> ''),
    edits            text[] NOT NULL DEFAULT '{}',                        -- what was said otherwise: system, message, temperature
    max_cost         numeric(24, 12) CHECK (max_cost > 0),
    plan             bytea,                                               -- JSON: what is to be sent; gone with the end
    status           text NOT NULL DEFAULT 'pending'
                     CHECK (status IN ('pending', 'running', 'completed', 'stopped', 'failed', 'cancelled')),
    reason           text,                                                -- why it ended before its last call: a stable word,
    message          text,                                                -- and a sentence
    created_by       uuid REFERENCES users (id) ON DELETE SET NULL,
    -- The key it is made on, if any. No reference: a key that is deleted meanwhile must be missed, not forgotten.
    key_id           uuid,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    ended_at         timestamptz,
    claimed_by       text,
    heartbeat_at     timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    CHECK ((status IN ('pending', 'running')) = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (plan IS NOT NULL)),
    CHECK (status <> 'running' OR (claimed_by IS NOT NULL AND heartbeat_at IS NOT NULL AND started_at IS NOT NULL))
);
CREATE INDEX replays_by_team ON replays (team_id, id);
CREATE INDEX replays_by_source ON replays (team_id, source_trace_id);
CREATE UNIQUE INDEX replays_by_trace ON replays (team_id, trace_id);
CREATE INDEX replays_by_creator ON replays (created_by);
CREATE INDEX replays_open ON replays (id) WHERE ended_at IS NULL;

CREATE TABLE replay_calls (
    replay_id      uuid NOT NULL REFERENCES replays (id) ON DELETE CASCADE,
    place          integer NOT NULL CHECK (place >= 0),
    source_call_id uuid NOT NULL,
    call_id        uuid,                                                  -- the new call; NULL: none was recorded
    status         text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sending', 'answered', 'failed', 'not_sent')),
    reason         text,                                                  -- why it was not sent or not answered,
    message        text,
    notes          text[] NOT NULL DEFAULT '{}',                          -- what is to be known about how it was sent
    cost           numeric(24, 12),                                       -- dollars; NULL: unknown
    PRIMARY KEY (replay_id, place)
);
CREATE INDEX replay_calls_by_source ON replay_calls (source_call_id);
CREATE INDEX replay_calls_by_call ON replay_calls (call_id);

-- Wakes runners: `pending` or `cancel`, and which. Only a hint; they also look by themselves.
CREATE FUNCTION notify_replay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.cancel_requested THEN
        PERFORM pg_notify('aop_replays', 'cancel ' || NEW.id);
    ELSIF NEW.status = 'pending' THEN
        PERFORM pg_notify('aop_replays', 'pending ' || NEW.id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_replay AFTER INSERT OR UPDATE OF status, cancel_requested
    ON replays FOR EACH ROW EXECUTE FUNCTION notify_replay();
