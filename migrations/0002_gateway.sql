-- What the gateway calls: providers, their credentials, deployments, routes, and the prices people set themselves.
-- A NULL team_id means "shared by all teams".
-- A provider or credential that a deployment still uses cannot be deleted (NO ACTION, not RESTRICT: the
-- check waits for the end of the statement, so deleting a whole team still cascades through all of it).

CREATE TABLE providers (
    id             uuid PRIMARY KEY,
    team_id        uuid REFERENCES teams (id) ON DELETE CASCADE,
    name           text NOT NULL CHECK (name <> ''),
    kind           text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_-]*$'),  -- dialect: `openai`, `simulator`, ...
    base_url       text NOT NULL,
    price_provider text NOT NULL,                         -- the name the price table knows it by
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (team_id, name)
);
CREATE INDEX providers_by_team ON providers (team_id, id);

CREATE TABLE provider_credentials (
    id          uuid PRIMARY KEY,
    team_id     uuid REFERENCES teams (id) ON DELETE CASCADE,
    provider_id uuid NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
    name        text NOT NULL CHECK (name <> ''),
    sealed      bytea NOT NULL,                           -- encrypted by the caller; this database never sees the secret
    hint        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (provider_id, team_id, name)
);
CREATE INDEX provider_credentials_by_team ON provider_credentials (team_id, id);

CREATE TABLE model_deployments (
    id             uuid PRIMARY KEY,
    team_id        uuid REFERENCES teams (id) ON DELETE CASCADE,
    name           text NOT NULL CHECK (name <> ''),
    provider_id    uuid NOT NULL REFERENCES providers (id) ON DELETE NO ACTION,
    credential_id  uuid REFERENCES provider_credentials (id) ON DELETE NO ACTION,
    upstream_model text NOT NULL CHECK (upstream_model <> ''),
    connect_ms     integer NOT NULL CHECK (connect_ms > 0),
    first_byte_ms  integer NOT NULL CHECK (first_byte_ms > 0),
    idle_ms        integer NOT NULL CHECK (idle_ms > 0),
    total_ms       integer NOT NULL CHECK (total_ms > 0),
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (team_id, name)
);
CREATE INDEX model_deployments_by_team ON model_deployments (team_id, id);
CREATE INDEX model_deployments_by_provider ON model_deployments (provider_id);
CREATE INDEX model_deployments_by_credential ON model_deployments (credential_id);

CREATE TABLE routes (
    id           uuid PRIMARY KEY,
    team_id      uuid REFERENCES teams (id) ON DELETE CASCADE,
    model        text NOT NULL CHECK (model <> ''),       -- the name clients send
    max_attempts smallint NOT NULL CHECK (max_attempts BETWEEN 1 AND 255),
    operations   text[] NOT NULL CHECK (cardinality(operations) > 0 AND operations <@ ARRAY['chat', 'completion', 'embedding']),
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (team_id, model)
);
CREATE INDEX routes_by_team ON routes (team_id, id);

CREATE TABLE route_targets (
    route_id      uuid NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    deployment_id uuid NOT NULL REFERENCES model_deployments (id) ON DELETE CASCADE,
    priority      integer NOT NULL CHECK (priority BETWEEN 0 AND 65535),  -- lower is tried first
    weight        integer NOT NULL CHECK (weight BETWEEN 1 AND 65535),
    PRIMARY KEY (route_id, deployment_id)
);
CREATE INDEX route_targets_by_deployment ON route_targets (deployment_id);

-- Prices set by people, beside the table that is built in. Rows are never changed: a new price is a new version.
CREATE TABLE prices (
    id             uuid PRIMARY KEY,
    team_id        uuid REFERENCES teams (id) ON DELETE CASCADE,
    provider       text NOT NULL CHECK (provider <> ''),
    model          text NOT NULL CHECK (model <> ''),
    version        integer NOT NULL CHECK (version > 0),
    effective_from timestamptz NOT NULL,
    card           jsonb NOT NULL CHECK (jsonb_typeof(card) = 'object'),
    created_by     uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (team_id, provider, model, version)
);
CREATE INDEX prices_by_team ON prices (team_id, id);
CREATE INDEX prices_by_creator ON prices (created_by);
