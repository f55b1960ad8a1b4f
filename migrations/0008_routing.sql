-- How a route chooses among its targets, and when a deployment is passed over. Defaults keep routes as they were.

ALTER TABLE routes
    ADD COLUMN strategy       text NOT NULL DEFAULT 'weighted'
        CHECK (strategy IN ('priority', 'weighted', 'least_busy', 'lowest_latency', 'lowest_cost')),
    ADD COLUMN sticky         boolean NOT NULL DEFAULT false,
    ADD COLUMN aliases        text[] NOT NULL DEFAULT '{}',            -- more names, each with at most one star
    ADD COLUMN fallbacks      jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(fallbacks) = 'array'),  -- [{on, model}]
    ADD COLUMN hedge_after_ms integer CHECK (hedge_after_ms > 0);      -- NULL: no second try beside the first

ALTER TABLE model_deployments
    ADD COLUMN breaker_failures        integer NOT NULL DEFAULT 5 CHECK (breaker_failures BETWEEN 0 AND 65535),  -- 0: off
    ADD COLUMN breaker_failure_percent integer NOT NULL DEFAULT 25 CHECK (breaker_failure_percent BETWEEN 1 AND 100),
    ADD COLUMN breaker_window_ms       integer NOT NULL DEFAULT 30000 CHECK (breaker_window_ms > 0),
    ADD COLUMN breaker_cooldown_ms     integer NOT NULL DEFAULT 15000 CHECK (breaker_cooldown_ms > 0);
