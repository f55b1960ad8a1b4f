CREATE MATERIALIZED VIEW IF NOT EXISTS usage_run_from_llm_calls {on_cluster} TO usage_run AS
SELECT
    team,
    execution_id,
    trace_id,
    agent,
    if(response_model = '', requested_model, response_model) AS model,
    status,
    toStartOfMonth(ts) AS month,
    count() AS calls,
    countIf(c.cost_known) AS cost_known_calls,
    countIf(usage_source IN ('estimated', 'partial')) AS estimated_calls,
    sum(c.attempts) AS attempts,
    sum(c.in_uncached) AS in_uncached,
    sum(c.in_cache_read) AS in_cache_read,
    sum(c.in_cache_write_5m) AS in_cache_write_5m,
    sum(c.in_cache_write_1h) AS in_cache_write_1h,
    sum(c.in_audio) AS in_audio,
    sum(c.in_image) AS in_image,
    sum(c.out_text) AS out_text,
    sum(c.out_reasoning) AS out_reasoning,
    sum(c.out_audio) AS out_audio,
    sum(c.cost_input) AS cost_input,
    sum(c.cost_cache) AS cost_cache,
    sum(c.cost_output) AS cost_output,
    sum(c.cost) AS cost,
    sum(c.duration_us) AS duration_us
FROM llm_calls AS c
GROUP BY team, execution_id, trace_id, agent, model, status, month
