-- What is done with calls that fit a filter, and the messages that leave because of it.

CREATE TABLE hooks (
    id            uuid PRIMARY KEY,
    team_id       uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name          text NOT NULL CHECK (name <> ''),
    point         text NOT NULL CHECK (point IN ('before', 'after', 'around')),
    filter        jsonb NOT NULL CHECK (jsonb_typeof(filter) = 'object'),
    act           jsonb NOT NULL CHECK (jsonb_typeof(act) = 'object'),
    sealed_secret bytea,                                  -- what messages are signed with; only of webhooks
    dropped       bigint NOT NULL DEFAULT 0,              -- messages that found no room
    is_active     boolean NOT NULL DEFAULT true,
    created_by    uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX hooks_by_team ON hooks (team_id, id);
CREATE INDEX hooks_by_creator ON hooks (created_by);

-- `dropped` is counted all the time and is no business of the gateway.
CREATE CONSTRAINT TRIGGER bump_gateway_version
    AFTER INSERT OR DELETE OR UPDATE OF name, point, filter, act, is_active
    ON hooks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();

CREATE TABLE hook_deliveries (
    id          uuid PRIMARY KEY,
    hook_id     uuid NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    call_id     uuid,                                     -- NULL: a test
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,                     -- of those that wait: not before
    http_status integer,                                  -- of the last try; NULL: there was no answer
    error       text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
-- A call is told to a hook once, however often it is found.
CREATE UNIQUE INDEX hook_deliveries_once ON hook_deliveries (hook_id, call_id);
CREATE INDEX hook_deliveries_due ON hook_deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX hook_deliveries_of_hook ON hook_deliveries (hook_id, id);
CREATE INDEX hook_deliveries_ended ON hook_deliveries (ended_at) WHERE state <> 'waiting';

-- Up to where a team's calls that hooks want to tell of have been read.
CREATE TABLE hook_feeds (
    team_id    uuid PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE,
    read_to_us bigint NOT NULL
);
