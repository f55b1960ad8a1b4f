"""Cohere's official client through `/passthrough`, and its rerank at the front door, whose path it knows (G1, G2, M1)."""

import json

import cohere
import httpx
import pytest

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(scope="module")
def address(gateway) -> str:
    return gateway.passthrough("cohere", "/v2")


def client_of(url: str, key: str) -> cohere.ClientV2:
    return cohere.ClientV2(api_key=key, base_url=url, max_retries=0)


@pytest.fixture
def client(address, api_key) -> cohere.ClientV2:
    return client_of(address, api_key)


@pytest.fixture
def told(trace_id) -> dict:
    return {"additional_headers": {"x-aop-trace-id": trace_id, "x-aop-agent": "Tester"}, "max_retries": 0}


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def tokens(usage) -> tuple[int, int]:
    return int(usage.billed_units.input_tokens), int(usage.billed_units.output_tokens)


def test_a_whole_answer_is_metered_by_what_is_billed(client, told, metered):
    answer = client.chat(model="sim-fast", messages=ask("Say hello"), request_options=told)
    assert answer.message.content[0].text and answer.finish_reason == "COMPLETE"
    metered("sim-fast", tokens(answer.usage))


def test_a_stream_is_metered_by_its_last_event_and_its_first_has_a_time(client, told, metered):
    events = list(client.chat_stream(model="sim-fast", messages=ask("Count to ten"), request_options=told))
    text = "".join(event.delta.message.content.text for event in events if event.type == "content-delta")
    assert text and (events[0].type, events[-1].type) == ("message-start", "message-end")
    detail = metered("sim-fast", tokens(events[-1].delta.usage), stream=True)
    assert 0 < detail["first_token_us"] <= detail["duration_us"]


def test_tools_are_called_whole_and_streamed(client, told):
    wish = {"model": "sim-tools", "messages": ask("Weather in Seoul?"), "tools": [WEATHER], "request_options": told}
    whole = client.chat(**wish)
    call = whole.message.tool_calls[0]
    assert call.function.name == "get_weather" and "city" in json.loads(call.function.arguments)
    pieces = [
        event.delta.message.tool_calls.function.arguments
        for event in client.chat_stream(**wish)
        if event.type == "tool-call-delta" and event.index == 0
    ]
    assert "city" in json.loads("".join(pieces))


def test_embeddings_are_metered_by_what_was_read(client, told, metered):
    answer = client.embed(
        model="sim-embed",
        texts=["one", "two"],
        input_type="search_document",
        embedding_types=["float"],
        request_options=told,
    )
    assert [len(vector) for vector in answer.embeddings.float_] == [256, 256]
    metered("sim-embed", (int(answer.meta.billed_units.input_tokens), 0))


def test_a_rerank_at_the_front_door_is_metered_by_its_searches(gateway, api_key, told, api, trace_id):
    model = gateway.model("cohere", "sim-rerank", "/v2", "rerank")
    documents = ["Wind parks at sea", "A recipe for bread"]
    ranked = client_of(gateway.base_url, api_key).rerank(
        model=model, query="Where is wind?", documents=documents, request_options=told
    )
    assert [result.index for result in ranked.results][0] == 0
    [call] = api.calls_of(trace_id, 1)
    assert (call["operation"], call["status"], call["agent"]) == ("rerank", "ok", "Tester")
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert [(unit["meter"], float(unit["count"])) for unit in detail["units"]] == [("query", 1.0)]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, cohere.BadRequestError),
        (429, cohere.TooManyRequestsError),
        (500, cohere.InternalServerError),
        (503, cohere.ServiceUnavailableError),
    ],
)
def test_the_providers_refusals_are_the_clients_own_exceptions(client, told, status, error):
    with pytest.raises(error) as refused:
        client.chat(model=f"sim-fail-{status}", messages=ask("Hi"), request_options=told)
    assert refused.value.status_code == status and str(status) in refused.value.body["message"]


def test_a_stream_that_breaks_raises_and_never_looks_finished(client, told):
    seen = []
    with pytest.raises((cohere.core.ApiError, httpx.RemoteProtocolError)):
        for event in client.chat_stream(model="sim-fail-cut", messages=ask("Tell a long story"), request_options=told):
            seen.append(event)
    assert [event.delta.finish_reason for event in seen if event.type == "message-end"] in ([], ["ERROR"])


def test_a_wrong_key_is_the_clients_own_exception_without_the_key_in_it(address):
    key = "aop-this-key-does-not-exist-0123456789"
    with pytest.raises(cohere.UnauthorizedError) as refused:
        client_of(address, key).chat(model="sim-fast", messages=ask("Hi"))
    assert key not in str(refused.value) and refused.value.body["message"].endswith(".")
