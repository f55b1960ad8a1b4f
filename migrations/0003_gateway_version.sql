-- One number that grows whenever something the gateway's snapshot reads has changed, and a notification of it.
--
-- Deferred to the commit, for two reasons. The row lock on gateway_version is then held for an instant only and
-- taken last, so writers cannot deadlock over it. And numbers are given out in the order of commits, so a reader
-- that sees version N sees every change up to N.

CREATE TABLE gateway_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
INSERT INTO gateway_version (version) VALUES (1);

CREATE FUNCTION bump_gateway_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    new_version bigint;
BEGIN
    -- Once per transaction, however many rows it changed: the mark is forgotten at its end.
    IF current_setting('aop.gateway_bumped', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('aop.gateway_bumped', 'yes', true);
    UPDATE gateway_version SET version = version + 1 RETURNING version INTO new_version;
    PERFORM pg_notify('aop_gateway', new_version::text);
    RETURN NULL;
END
$$;

-- Only the columns the snapshot reads: api_keys.last_used_at and users.last_login_at change all the time.
CREATE CONSTRAINT TRIGGER bump_gateway_version
    AFTER INSERT OR DELETE OR UPDATE OF team_id, user_id, name, key_hash, permissions, allowed_models, rate_limit, is_active, expires_at
    ON api_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER DELETE OR UPDATE OF role, is_active
    ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER DELETE OR UPDATE OF retention_days
    ON teams DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE
    ON team_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON providers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON provider_credentials DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON model_deployments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON routes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON route_targets DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
CREATE CONSTRAINT TRIGGER bump_gateway_version AFTER INSERT OR DELETE OR UPDATE
    ON prices DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_gateway_version();
