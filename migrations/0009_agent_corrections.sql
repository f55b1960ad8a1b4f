-- What people know better about agents than the traffic shows: rules on the fingerprint of an agent.
-- Fingerprints and conversations are 64 bits without a sign, written into a bigint bit by bit.

CREATE TABLE agent_corrections (
    id           uuid PRIMARY KEY,
    team_id      uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('rename', 'merge', 'split')),
    agent        bigint NOT NULL CHECK (agent <> 0),
    from_name    text NOT NULL,                           -- how the agent was shown when it was corrected
    prompt       bigint CHECK (prompt <> 0),              -- of a split: calls with this system prompt,
    conversation bigint CHECK (conversation <> 0),        -- or calls of this conversation
    to_agent     bigint NOT NULL CHECK (to_agent <> 0),
    name         text NOT NULL CHECK (name <> ''),
    created_by   uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'split') = (num_nonnulls(prompt, conversation) = 1)),
    CHECK ((kind = 'rename') = (to_agent = agent))
);
CREATE UNIQUE INDEX agent_corrections_once
    ON agent_corrections (team_id, agent, kind, coalesce(prompt, 0), coalesce(conversation, 0));
CREATE INDEX agent_corrections_by_team ON agent_corrections (team_id, id);
CREATE INDEX agent_corrections_by_creator ON agent_corrections (created_by);

CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON agent_corrections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
