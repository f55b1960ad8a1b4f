-- How a deployment is made to go on with an answer that another has begun, where its kind does not say it.
ALTER TABLE model_deployments ADD COLUMN continues text NOT NULL DEFAULT 'auto'
    CHECK (continues IN ('auto', 'never', 'last_message', 'prefix', 'final_message'));
