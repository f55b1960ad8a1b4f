-- Re-pricings: calls that were metered are given another price, after a look at what that would change. One is worked on at a
-- time; how far it is stands here, what it changed stands with the calls.

CREATE TABLE repricings (
    id               uuid PRIMARY KEY,
    team_id          uuid REFERENCES teams (id) ON DELETE CASCADE,         -- NULL: every team's calls
    price_id         uuid REFERENCES prices (id) ON DELETE CASCADE,       -- NULL: the prices in force at the time of each call
    provider         text NOT NULL DEFAULT '',                            -- empty: any
    models           text[] NOT NULL DEFAULT '{}',
    deployment       text NOT NULL DEFAULT '',
    from_at          timestamptz NOT NULL,
    to_at            timestamptz NOT NULL,
    status           text NOT NULL DEFAULT 'estimating'
                     CHECK (status IN ('estimating', 'estimated', 'running', 'done', 'cancelled', 'failed')),
    is_confirmed     boolean NOT NULL DEFAULT false,                      -- somebody has seen the estimate and wants it done
    error            text NOT NULL DEFAULT '',
    estimate         jsonb,                                               -- what it would change
    result           jsonb,                                               -- what it has changed so far
    position         jsonb,                                               -- after the last slice that is done
    pending          jsonb,                                               -- the end of the slice that is being done
    slices           integer NOT NULL DEFAULT 0 CHECK (slices >= 0),
    cancel_requested boolean NOT NULL DEFAULT false,
    claimed_by       uuid,
    claimed_until    timestamptz,
    created_by       uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    CHECK (from_at < to_at),
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
    CHECK ((status IN ('done', 'cancelled', 'failed')) = (ended_at IS NOT NULL))
);
CREATE INDEX repricings_by_team ON repricings (team_id, id);
CREATE INDEX repricings_by_price ON repricings (price_id);
CREATE INDEX repricings_by_creator ON repricings (created_by);
CREATE INDEX repricings_open ON repricings (id) WHERE status IN ('estimating', 'running');
