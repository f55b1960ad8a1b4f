-- Tokens of other issuers (JWT) that act as a virtual key: whoever shows one in which the claim has the value, calls as
-- the key. A claim's value leads to one key; of several rules that a token meets, the lowest position counts, then the oldest.

CREATE TABLE token_rules (
    id         uuid PRIMARY KEY,
    key_id     uuid NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    issuer     text NOT NULL CHECK (issuer <> '' AND length(issuer) <= 2000),   -- exactly as in the token
    claim      text NOT NULL CHECK (claim <> '' AND length(claim) <= 200),      -- a name, or a JSON pointer
    value      text NOT NULL CHECK (value <> '' AND length(value) <= 500),      -- `*`: any
    position   integer NOT NULL DEFAULT 100 CHECK (position BETWEEN 0 AND 10000),
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT token_rules_once UNIQUE (issuer, claim, value)
);
CREATE INDEX token_rules_by_key ON token_rules (key_id);
CREATE INDEX token_rules_by_creator ON token_rules (created_by);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON token_rules DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
