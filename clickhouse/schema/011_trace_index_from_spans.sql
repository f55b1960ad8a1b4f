CREATE MATERIALIZED VIEW IF NOT EXISTS trace_index_from_spans {on_cluster} TO trace_index AS
SELECT
    team,
    toStartOfHour(ts) AS hour,
    trace_id,
    min(ts) AS started,
    max(greatest(ts, ended_at)) AS last_seen,
    countIf(version = 1 AND span_type != 'attempt') AS spans,
    countIf(status = 'failed' AND span_type != 'attempt') AS errors,
    countIf(span_type = 'llm_call') AS calls,
    sum(s.input_tokens) AS input_tokens,
    sum(s.output_tokens) AS output_tokens,
    sum(s.cost) AS cost,
    countIf(span_type = 'llm_call' AND cost_known) AS cost_known_calls,
    groupUniqArrayIf(toString(agent), agent != '') AS agents,
    groupUniqArrayIf(toString(model), model != '' AND span_type = 'llm_call') AS models,
    argMinState((s.name, toString(span_type), toString(s.status)), (toUInt8(parent_span_id != toFixedString('', 8)), ts, toUInt8(1 - version))) AS root,
    max(s.session_id) AS session_id,
    max(s.execution_id) AS execution_id,
    max(toString(s.crew)) AS crew,
    retention_days
FROM spans AS s
GROUP BY team, hour, trace_id, retention_days
