CREATE MATERIALIZED VIEW IF NOT EXISTS usage_{bucket}_cache_from_llm_calls {on_cluster} TO usage_{bucket} AS
SELECT
    team,
    toDateTime({start}(ts), 'UTC') AS bucket,
    provider,
    if(response_model = '', requested_model, response_model) AS model,
    agent,
    crew,
    key_id,
    status,
    count() AS cache_hits,
    sum(c.cost_saved) AS cost_saved
FROM llm_calls AS c
WHERE cache = 'hit'
GROUP BY team, bucket, provider, model, agent, crew, key_id, status
