"""The official OpenAI client: only the base URL and the key change (G1, M1, M3)."""

import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(openai_client):
    return openai_client


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def test_a_chat_completion_is_answered_and_becomes_a_row_with_tokens_cost_and_agent(client, api, trace_id):
    answer = client.chat.completions.create(model="sim-fast", messages=ask("Say hello"))
    assert answer.choices[0].message.content
    [call] = api.calls_of(trace_id, 1)
    assert call["agent"] == "Tester"
    assert call["requested_model"] == "sim-fast"
    assert call["status"] == "ok"
    detail = api.get(f"/api/calls/{call['call_id']}")
    usage = detail["usage"]
    counted_in = sum(usage[k] for k in usage if k.startswith("in_"))
    counted_out = sum(usage[k] for k in usage if k.startswith("out_"))
    assert (counted_in, counted_out) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert call["cost"] is not None and float(call["cost"]) > 0


def test_a_stream_hides_the_usage_chunk_nobody_asked_for_and_still_meters(client, api, trace_id):
    chunks = list(client.chat.completions.create(model="sim-fast", messages=ask("Count to ten"), stream=True))
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.choices for chunk in chunks), "the extra usage chunk reached a client that did not ask for it"
    assert chunks[-1].choices[0].finish_reason == "stop"
    [call] = api.calls_of(trace_id, 1)
    assert call["stream"] is True
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert detail["usage_source"] == "provider"
    assert detail["usage"]["out_text"] > 0


def test_a_stream_shows_the_usage_chunk_to_a_client_that_asked(client):
    stream = client.chat.completions.create(
        model="sim-fast", messages=ask("Count"), stream=True, stream_options={"include_usage": True}
    )
    assert [chunk for chunk in stream][-1].usage.completion_tokens > 0


def test_tool_calls_pass_through_in_streams_and_whole(client):
    whole = client.chat.completions.create(model="sim-tools", messages=ask("Weather in Seoul?"), tools=[WEATHER])
    call = whole.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    json.loads(call.function.arguments)
    pieces = client.chat.completions.create(
        model="sim-tools", messages=ask("Weather in Seoul?"), tools=[WEATHER], stream=True
    )
    arguments: dict[int, str] = {}
    for chunk in pieces:
        for delta in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            arguments[delta.index] = arguments.get(delta.index, "") + (delta.function.arguments or "")
    assert len(arguments) == 2, "sim-tools calls two tools at a time"
    assert all("city" in json.loads(text) for text in arguments.values())


@pytest.mark.asyncio
async def test_the_async_client_streams(base_url, api_key):
    client = AsyncOpenAI(base_url=f"{base_url}/v1", api_key=api_key, max_retries=0)
    text = ""
    async with client:
        async for chunk in await client.chat.completions.create(model="sim-fast", messages=ask("Hi"), stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text


def test_embeddings_and_models(client):
    embedded = client.embeddings.create(model="sim-embed", input=["one", "two"])
    assert len(embedded.data) == 2 and len(embedded.data[0].embedding) > 0
    names = {model.id for model in client.models.list()}
    assert {"sim-fast", "sim-tools", "sim-slow"} <= names
    assert client.models.retrieve("sim-fast").id == "sim-fast"


def test_an_unknown_model_is_a_404_that_names_the_nearest(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="sim-fats", messages=ask("Hi"))
    assert "sim-fast" in str(caught.value)


def test_a_wrong_key_is_a_401_without_the_key_in_it(base_url):
    key = "aop-this-key-does-not-exist-0123456789"
    with pytest.raises(openai.AuthenticationError) as caught:
        OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0).models.list()
    assert key not in str(caught.value)


def test_the_log_proxy_path_carries_trace_and_agent(base_url, api_key, api, trace_id):
    client = OpenAI(base_url=f"{base_url}/api/log-proxy/{trace_id}/Planner/v1", api_key=api_key, max_retries=0)
    client.chat.completions.create(model="sim-fast", messages=ask("Plan"))
    [call] = api.calls_of(trace_id, 1)
    assert call["agent"] == "Planner"


def test_a_cut_upstream_stream_raises_and_never_looks_finished(client):
    with pytest.raises(openai.APIError):
        stream = client.chat.completions.create(
            model="sim-fast", messages=ask("Tell a long story"), stream=True, extra_body={"sim": {"cut_after": 2}}
        )
        finish = [chunk.choices[0].finish_reason for chunk in stream if chunk.choices]
        assert "stop" not in finish


def test_a_cut_stream_goes_on_at_another_provider_as_one_stream(gateway, client, api, trace_id):
    model = gateway.pair("sdk-continued", ("vllm", "sim-fail-cut"), ("anthropic", "sim-fast"), continuations=1)
    stream = client.chat.completions.create(
        model=model, messages=ask("Tell me about wind parks"), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert len({chunk.id for chunk in chunks}) == 1
    [call] = api.calls_of(trace_id, 1)
    assert call["status"] == "ok"
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert [attempt["reason"] for attempt in detail["attempts"]] == ["route:first", "continuation"]
    usage = detail["usage"]
    told = chunks[-1].usage
    assert sum(usage[name] for name in usage if name.startswith("in_")) == told.prompt_tokens
    assert sum(usage[name] for name in usage if name.startswith("out_")) == told.completion_tokens
    assert float(call["cost"]) == sum(float(attempt["cost"]) for attempt in detail["attempts"]) > 0
