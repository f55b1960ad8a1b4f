-- Who may do what: users, teams, sessions, virtual keys; what they did; settings of the installation.
-- Keys are UUIDv7 made by the caller, so `ORDER BY id` is the order of creation and serves every cursor.

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE CHECK (email = lower(email) AND email <> ''),
    password_hash text,                                   -- argon2id, PHC text; NULL: signs in elsewhere (SSO)
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'developer', 'viewer', 'pending')),
    is_active     boolean NOT NULL DEFAULT true,
    settings      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz
);

CREATE TABLE teams (
    id             uuid PRIMARY KEY,
    name           text NOT NULL CHECK (name <> ''),
    retention_days integer CHECK (retention_days > 0),    -- NULL: the installation's own setting
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE team_members (
    id        uuid PRIMARY KEY,
    team_id   uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role      text NOT NULL CHECK (role IN ('owner', 'member')),
    joined_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (team_id, user_id)
);
CREATE INDEX team_members_by_team ON team_members (team_id, id);
CREATE INDEX team_members_by_user ON team_members (user_id, id);

-- One row per refresh token ever given out. A family is one sign-in: each token is used once and leaves a
-- successor in the same family; a token used twice means somebody holds a copy, and the family is revoked.
CREATE TABLE refresh_tokens (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    family_id  uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE api_keys (
    id             uuid PRIMARY KEY,
    team_id        uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id        uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name           text NOT NULL CHECK (name <> ''),
    key_hash       bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),  -- HMAC-SHA-256; the key itself is kept nowhere
    hint           text NOT NULL,                         -- what people tell keys apart by, e.g. `aop-...x7Qa`
    permissions    jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(permissions) = 'array'),
    allowed_models text[] NOT NULL DEFAULT '{}',          -- empty: every model of the team
    rate_limit     integer CHECK (rate_limit > 0),        -- requests per minute; NULL: no limit of its own
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    last_used_at   timestamptz,
    expires_at     timestamptz
);
CREATE INDEX api_keys_by_team ON api_keys (team_id, id);
CREATE INDEX api_keys_by_user ON api_keys (user_id, id);

-- What people and keys changed. No foreign keys: a line outlives the user, key or team it speaks of.
CREATE TABLE audit_log (
    id            uuid PRIMARY KEY,
    team_id       uuid,
    actor_user_id uuid,
    actor_key_id  uuid,
    action        text NOT NULL CHECK (action <> ''),     -- `api_key.create`, `user.role_change`, ...
    target_kind   text NOT NULL,
    target_id     text NOT NULL,
    detail        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(detail) = 'object'),
    ip            text,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_by_team ON audit_log (team_id, id);

CREATE TABLE settings (
    key        text PRIMARY KEY CHECK (key <> ''),
    value      jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
