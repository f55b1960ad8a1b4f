-- Limits and budgets: the rules, the ledger of what was used, and the slices of the rest that gateways hold.
-- Units of the ledger are whole: requests, tokens, calls at once, or 10^-12 dollars.

CREATE TABLE budgets (
    id          uuid PRIMARY KEY,
    team_id     uuid REFERENCES teams (id) ON DELETE CASCADE,  -- NULL: the whole installation's
    name        text NOT NULL CHECK (name <> ''),
    scope       text NOT NULL CHECK (scope IN ('organisation', 'team', 'user', 'key', 'model', 'tag', 'run', 'agent')),
    subject     text CHECK (subject <> ''),               -- id, name or pattern; NULL: each one of the scope for itself
    kind        text NOT NULL CHECK (kind IN ('requests', 'tokens', 'concurrency', 'spend')),
    time_window text NOT NULL CHECK (time_window IN ('minute', 'hour', 'day', 'week', 'month', 'total', 'run', 'now')),
    amount      numeric(24, 12) NOT NULL CHECK (amount > 0),   -- dollars for spend, a whole number for the rest
    shadow      boolean NOT NULL DEFAULT false,           -- counted and reported, never enforced
    is_active   boolean NOT NULL DEFAULT true,
    created_by  uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'concurrency') = (time_window = 'now')),
    CHECK (time_window <> 'run' OR scope = 'run'),
    CHECK (scope <> 'organisation' OR team_id IS NULL),
    CHECK (scope NOT IN ('organisation', 'team') OR subject IS NULL)
);
CREATE INDEX budgets_by_team ON budgets (team_id, id);
CREATE INDEX budgets_by_creator ON budgets (created_by);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON budgets DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();

-- What was used of one limit in one window. `limit_id` is a budget, or the key whose `rate_limit` it is: no foreign key.
CREATE TABLE limit_windows (
    limit_id  uuid NOT NULL,
    bucket    text NOT NULL,                              -- which user, key, run, ...; empty where there is one only
    starts_at timestamptz NOT NULL,
    settled   bigint NOT NULL DEFAULT 0 CHECK (settled >= 0),
    forget_at timestamptz NOT NULL,
    PRIMARY KEY (limit_id, bucket, starts_at)
);
CREATE INDEX limit_windows_by_end ON limit_windows (forget_at);

-- Who holds how much of the rest. What was granted and not yet spent counts as used, for as long as nobody says what
-- became of it; only calls at once are free again when their holder has not been heard of until `expires_at`.
CREATE TABLE limit_leases (
    id         uuid PRIMARY KEY,
    limit_id   uuid NOT NULL,
    bucket     text NOT NULL,
    starts_at  timestamptz NOT NULL,
    granted    bigint NOT NULL,
    spent      bigint NOT NULL CHECK (spent >= 0),
    expires_at timestamptz NOT NULL,
    CHECK (granted >= spent),
    FOREIGN KEY (limit_id, bucket, starts_at) REFERENCES limit_windows (limit_id, bucket, starts_at) ON DELETE CASCADE
);
CREATE INDEX limit_leases_by_window ON limit_leases (limit_id, bucket, starts_at);

-- A holder tells its totals and what it wants to have; see `aop_domain::limits::Ledger`, which is the same rule.
-- Totals, never differences: the same exchange twice changes nothing the second time.
CREATE FUNCTION exchange_limit_lease(
    for_limit uuid, for_bucket text, window_start timestamptz, forget timestamptz, amount bigint, frees_expired boolean,
    lease uuid, told_spent bigint, wanted bigint, needed bigint, lease_seconds double precision,
    OUT granted bigint, OUT settled bigint, OUT others bigint
) LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    mine   limit_leases;
    newly  bigint;
    held   bigint;
    room   bigint;
BEGIN
    -- The row of the window is locked until the commit: exchanges of one window happen one after the other.
    INSERT INTO limit_windows AS w (limit_id, bucket, starts_at, forget_at) VALUES (for_limit, for_bucket, window_start, forget)
        ON CONFLICT (limit_id, bucket, starts_at) DO UPDATE SET forget_at = GREATEST(w.forget_at, EXCLUDED.forget_at)
        RETURNING w.settled INTO settled;
    SELECT coalesce(sum(l.granted - l.spent), 0)::bigint INTO others FROM limit_leases l
        WHERE l.limit_id = for_limit AND l.bucket = for_bucket AND l.starts_at = window_start AND l.id <> lease
          AND l.granted > l.spent AND NOT (frees_expired AND l.expires_at < moment);
    SELECT * INTO mine FROM limit_leases l WHERE l.id = lease;
    IF NOT FOUND THEN
        mine.granted := 0;
        mine.spent := 0;
    ELSIF frees_expired AND mine.expires_at < moment THEN
        mine.granted := mine.spent;
    END IF;
    newly := GREATEST(told_spent - mine.spent, 0);
    settled := settled + newly;
    mine.spent := mine.spent + newly;
    mine.granted := GREATEST(mine.granted, mine.spent);
    held := mine.granted - mine.spent;
    IF wanted <= held THEN
        mine.granted := mine.spent + GREATEST(wanted, 0);
    ELSE
        room := GREATEST(amount - settled - others - held, 0);
        mine.granted := mine.granted + LEAST(wanted - held, room, GREATEST(needed, (room + 1) / 2));
    END IF;
    INSERT INTO limit_leases AS l (id, limit_id, bucket, starts_at, granted, spent, expires_at)
        VALUES (lease, for_limit, for_bucket, window_start, mine.granted, mine.spent, moment + make_interval(secs => lease_seconds))
        ON CONFLICT (id) DO UPDATE SET granted = EXCLUDED.granted, spent = EXCLUDED.spent, expires_at = EXCLUDED.expires_at;
    IF newly > 0 THEN
        UPDATE limit_windows w SET settled = exchange_limit_lease.settled
            WHERE w.limit_id = for_limit AND w.bucket = for_bucket AND w.starts_at = window_start;
    END IF;
    granted := mine.granted;
END
$$;
