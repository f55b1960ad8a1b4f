-- Single sign-on: who somebody is at an issuer, and sign-ins that were answered. Then: requests that are sent twice.

-- A person is known again by (issuer, subject), never by e-mail: addresses change hands.
CREATE TABLE sso_identities (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer        text NOT NULL CHECK (issuer <> ''),
    subject       text NOT NULL CHECK (subject <> ''),
    email         text NOT NULL CHECK (email = lower(email) AND email <> ''),  -- as the issuer said it at the last sign-in
    created_at    timestamptz NOT NULL,
    last_login_at timestamptz NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (user_id, issuer)                              -- a second subject with a used address is another person
);

-- The state of a sign-in that came back: it may not come back again.
CREATE TABLE sso_used_states (
    state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sso_used_states_by_expiry ON sso_used_states (expires_at);

-- One row per `Idempotency-Key` of a caller. Without an answer the first request is still at work; when `held_until` has
-- passed it died, and the next one with the same key takes over. The answer is sealed: it may hold a key shown once.
CREATE TABLE idempotency_keys (
    caller      text NOT NULL CHECK (caller <> ''),       -- `user:<id>` or `key:<id>`
    key         text NOT NULL CHECK (key <> ''),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),  -- SHA-256 of what was asked
    answer      bytea,
    held_until  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
