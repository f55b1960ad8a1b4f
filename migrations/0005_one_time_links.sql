-- Links that are used once: invitations into a team, and new passwords. Of the token only a MAC is kept. A row is an
-- open link: whoever uses or revokes it deletes it, and what happened stands in audit_log.

CREATE TABLE invitations (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    email        text NOT NULL CHECK (email = lower(email) AND email <> ''),
    role         text NOT NULL CHECK (role IN ('owner', 'member')),
    account_role text CHECK (account_role IN ('developer', 'viewer')),  -- NULL: a new account waits for approval
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    UNIQUE (team_id, email)                               -- a new invitation replaces the one before
);
CREATE INDEX invitations_by_team ON invitations (team_id, id);

CREATE TABLE password_resets (
    user_id    uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,  -- a new link replaces the one before
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
