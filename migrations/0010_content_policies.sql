-- What a team, a key or a route says about recording and about the response cache. A column that is NULL says nothing.

CREATE TABLE content_policies (
    id          uuid PRIMARY KEY,
    team_id     uuid REFERENCES teams (id) ON DELETE CASCADE,     -- exactly one of the three
    key_id      uuid REFERENCES api_keys (id) ON DELETE CASCADE,
    route_id    uuid REFERENCES routes (id) ON DELETE CASCADE,
    recording   text CHECK (recording IN ('full', 'redacted', 'metadata')),
    cache_ttl_s integer CHECK (cache_ttl_s BETWEEN 0 AND 2592000),  -- 0: never
    cache_scope text CHECK (cache_scope IN ('team', 'key')),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(team_id, key_id, route_id) = 1),
    -- Whose calls are kept is the team's and the key's to say, not the model's.
    CHECK (route_id IS NULL OR recording IS NULL),
    CHECK ((cache_ttl_s IS NULL) = (cache_scope IS NULL))
);
CREATE UNIQUE INDEX content_policies_by_team ON content_policies (team_id);
CREATE UNIQUE INDEX content_policies_by_key ON content_policies (key_id);
CREATE UNIQUE INDEX content_policies_by_route ON content_policies (route_id);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON content_policies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
