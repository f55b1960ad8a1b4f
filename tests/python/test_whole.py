"""The running whole: what the run says it cost is what the ledger says (R1, R3, R4, M2, M3), and how it refuses (G7)."""

import json
from decimal import Decimal


def events_of(stream):
    kind = None
    for line in stream.iter_lines():
        if line.startswith("event:"):
            kind = line.split(":", 1)[1].strip()
        elif line.startswith("data:"):
            yield kind, json.loads(line.split(":", 1)[1])


def test_a_run_streams_its_events_and_costs_what_the_ledger_says(api):
    [crew] = [crew for crew in api.get("/api/crews")["items"] if crew["name"] == "Demo crew"]
    headers = {"accept": "text/event-stream"}
    with api.http.stream("POST", f"/api/crews/{crew['id']}/run", json={}, headers=headers) as stream:
        events = list(events_of(stream))
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "execution_started" and kinds[-1] == "execution_completed"
    assert {"task_started", "agent_started", "llm_call", "tool_call", "agent_completed", "task_completed", "handover"} <= set(kinds)
    ended = events[-1][1]
    assert ended["status"] == "completed"

    execution = api.get(f"/api/executions/{ended['execution_id']}")
    model_calls = [data for kind, data in events if kind == "llm_call"]
    calls = api.calls_of(execution["trace_id"], len(model_calls))
    assert len(calls) == len(model_calls)
    assert {call["agent"] for call in calls} == {"Researcher", "Writer"}
    ledger = sum(Decimal(call["cost"]) for call in calls)
    assert ledger > 0 and Decimal(execution["total_cost"]) == ledger == Decimal(ended["total_cost"])

    def whole_tree():
        spans = api.get(f"/api/traces/{execution['trace_id']}")["spans"]
        types = {span["span_type"] for span in spans}
        still_running = [span for span in spans if span["status"] == "running"]
        return spans if {"crew", "task", "agent", "tool", "llm_call"} <= types and not still_running else None

    spans = {span["span_id"]: span for span in api.eventually("the whole tree of the run", whole_tree)}
    for span in spans.values():
        if span["span_type"] == "llm_call":
            assert spans[span["parent_span_id"]]["span_type"] == "agent"


def test_bad_input_gets_one_clear_sentence_and_no_secret(base_url, api_key, api):
    def refused(body: bytes, status: int, code: str, key: str = api_key):
        answer = api.http.post(f"{base_url}/v1/chat/completions", content=body, headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert error["code"] == code and error["message"].endswith(".")
        assert key not in answer.text

    refused(b'{"model":"sim-fast","messages":[', 400, "invalid_json")
    refused(b'{"model":"sim-fast","model":"sim-slow","messages":[]}', 400, "duplicate_field")
    refused(b'{"model":"sim-fast","mod\\u0065l":"sim-slow","messages":[]}', 400, "duplicate_field")
    refused(b'{"messages":[{"role":"user","content":"hi"}]}', 400, "missing_field")
    refused(b'{"model":"sim-fast","messages":[]}', 401, "invalid_api_key", key="aop-nobody-has-this-key-0000000001")
