"""Google's official client through `/passthrough`: its key goes as `x-goog-api-key`, and every call is metered (G1, G2, M1)."""

import httpx
import pytest
from google import genai
from google.genai import errors, types

WEATHER = types.FunctionDeclaration(
    name="get_weather",
    description="The weather of a city",
    parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]),
)


@pytest.fixture(scope="module")
def address(gateway) -> str:
    return gateway.passthrough("gemini", "/v1beta")


@pytest.fixture
def client(address, api_key, trace_id) -> genai.Client:
    headers = {"x-aop-trace-id": trace_id, "x-aop-agent": "Tester"}
    return genai.Client(api_key=api_key, http_options=types.HttpOptions(base_url=address, headers=headers))


def tokens(answer) -> tuple[int, int]:
    usage = answer.usage_metadata
    return usage.prompt_token_count, usage.candidates_token_count + (usage.thoughts_token_count or 0)


def test_a_whole_answer_is_metered(client, metered):
    answer = client.models.generate_content(model="sim-fast", contents="Say hello")
    assert answer.text and answer.candidates[0].finish_reason == types.FinishReason.STOP
    detail = metered("sim-fast", tokens(answer))
    assert detail["usage"]["out_text"] > 0


def test_a_stream_is_metered_by_its_last_event_and_its_first_has_a_time(client, metered):
    chunks = list(client.models.generate_content_stream(model="sim-reasoning", contents="Count to ten"))
    assert len(chunks) > 2 and chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    detail = metered("sim-reasoning", tokens(chunks[-1]), stream=True)
    assert detail["usage"]["out_reasoning"] > 0
    assert 0 < detail["first_token_us"] <= detail["duration_us"]


@pytest.mark.asyncio
async def test_the_async_client_streams(client):
    stream = await client.aio.models.generate_content_stream(model="sim-fast", contents="Hi")
    assert "".join([chunk.text or "" async for chunk in stream])


def test_tools_are_called_and_their_results_answered(client, api, trace_id):
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[WEATHER])])
    asked = types.Content(role="user", parts=[types.Part(text="Weather in Seoul?")])
    first = client.models.generate_content(model="sim-tools", contents=[asked], config=config)
    assert {call.name for call in first.function_calls} == {"get_weather"} and "city" in first.function_calls[0].args
    results = [
        types.Part.from_function_response(name=call.name, response={"output": "12 degrees"}) for call in first.function_calls
    ]
    told = types.Content(role="user", parts=results)
    second = client.models.generate_content(
        model="sim-tools", contents=[asked, first.candidates[0].content, told], config=config
    )
    assert "12 degrees" in second.text
    assert len(api.calls_of(trace_id, 2)) == 2


def test_embeddings_are_metered_by_what_was_read(client, metered):
    answer = client.models.embed_content(
        model="sim-embed", contents=["one", "two"], config=types.EmbedContentConfig(output_dimensionality=64)
    )
    assert [len(one.values) for one in answer.embeddings] == [64, 64]
    metered("sim-embed", (2, 0))


def test_tokens_are_counted(client):
    assert client.models.count_tokens(model="sim-fast", contents="Say hello").total_tokens > 0


def test_the_providers_refusals_are_the_clients_own_exceptions(client, api, trace_id):
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="sim-fail-429", contents="Hi")
    assert (refused.value.code, refused.value.status) == (429, "RESOURCE_EXHAUSTED")
    with pytest.raises(errors.ServerError) as failed:
        client.models.generate_content(model="sim-fail-503", contents="Hi")
    assert (failed.value.code, failed.value.status) == (503, "UNAVAILABLE")
    assert {call["status"] for call in api.calls_of(trace_id, 2)} == {"rate_limited", "upstream_error"}


@pytest.mark.parametrize("model", ["sim-fail-cut", "sim-fail-error"])
def test_a_stream_that_breaks_raises(client, model):
    with pytest.raises(errors.ServerError) as broken:
        list(client.models.generate_content_stream(model=model, contents="Tell a long story"))
    assert broken.value.code in (502, 503)


def test_the_gateways_own_refusals_are_the_clients_own_exceptions(address):
    key = "aop-this-key-does-not-exist-0123456789"
    client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=address))
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="sim-fast", contents="Hi")
    assert (refused.value.code, refused.value.status) == (401, "UNAUTHENTICATED")
    assert "virtual" not in refused.value.message and key not in str(refused.value)


def test_a_key_in_the_query_is_taken_and_not_kept(address, api_key, api, trace_id):
    body = {"contents": [{"role": "user", "parts": [{"text": "Say hello"}]}]}
    url = f"{address}/v1beta/models/sim-fast:generateContent?key={api_key}"
    answer = httpx.post(url, json=body, headers={"x-aop-trace-id": trace_id})
    assert answer.status_code == 200 and answer.json()["candidates"]
    [call] = api.calls_of(trace_id, 1)
    assert api_key not in str(api.get(f"/api/calls/{call['call_id']}"))
