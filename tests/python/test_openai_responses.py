"""The official OpenAI client on /v1/responses, at a provider of its own dialect and at ones of another (G1, G2)."""

import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

KINDS = ["openai", "openai_chat", "anthropic"]
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}


@pytest.fixture
def client(openai_client):
    return openai_client


@pytest.mark.parametrize("kind", KINDS)
def test_a_response_is_answered_and_becomes_a_row_with_its_tokens(client, api, trace_id, model_at, kind):
    response = client.responses.create(model=model_at(kind, "sim-fast"), input="Say hello", store=False)
    assert response.output_text
    assert response.status == "completed"
    [call] = api.calls_of(trace_id, 1)
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert (call["status"], detail["operation"], detail["usage_source"]) == ("ok", "responses", "provider")
    assert sum(v for k, v in detail["usage"].items() if k.startswith("in_")) == response.usage.input_tokens
    assert sum(v for k, v in detail["usage"].items() if k.startswith("out_")) == response.usage.output_tokens


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_tells_what_was_said_whole_and_ends_with_all_of_it(client, model_at, kind):
    wanted = dict(model=model_at(kind, "sim-fast"), instructions="Be brief.", input="Tell me about bridges")
    whole = client.responses.create(**wanted)
    events = list(client.responses.create(stream=True, **wanted))
    pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(pieces) == whole.output_text
    assert len(pieces) > 3
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert events[-1].response.output_text == whole.output_text
    assert events[-1].response.usage.output_tokens == whole.usage.output_tokens > 0


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_the_async_client_streams_too(base_url, api_key, model_at, kind):
    async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=api_key, max_retries=0) as client:
        stream = await client.responses.create(model=model_at(kind, "sim-fast"), input="Tell me", stream=True)
        events = [event async for event in stream]
    assert events[-1].type == "response.completed"


@pytest.mark.parametrize("kind", KINDS)
def test_tools_are_called_in_a_stream_and_their_results_are_answered(client, model_at, kind):
    model = model_at(kind, "sim-tools")
    history = [{"role": "user", "content": "How is the weather in Oslo and Bergen?"}]
    events = list(client.responses.create(model=model, input=history, tools=[WEATHER], stream=True))
    called = events[-1].response
    calls = [item for item in called.output if item.type == "function_call"]
    assert len(calls) == 2
    assert all(call.name == "get_weather" and json.loads(call.arguments)["city"] for call in calls)
    pieces = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    assert "".join(pieces) == "".join(call.arguments for call in calls)
    history += [item.model_dump(exclude_none=True) for item in called.output]
    history += [{"type": "function_call_output", "call_id": call.call_id, "output": "rain"} for call in calls]
    answer = client.responses.create(model=model, input=history, tools=[WEATHER])
    assert "rain; rain" in answer.output_text


@pytest.mark.parametrize("kind", KINDS)
def test_reasoning_is_an_item_before_the_answer(client, model_at, kind):
    response = client.responses.create(
        model=model_at(kind, "sim-reasoning"), input="Think", reasoning={"effort": "low"}, max_output_tokens=4000
    )
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.output[0].summary[0].text


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_that_was_asked_for_is_kept(client, model_at, kind):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    form = {"format": {"type": "json_schema", "name": "place", "schema": schema, "strict": True}}
    response = client.responses.create(model=model_at(kind, "sim-fast"), input="Where?", text=form)
    assert set(json.loads(response.output_text)) == {"city"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("model", "raises"),
    [
        ("sim-fail-400", openai.BadRequestError),
        ("sim-fail-429", openai.RateLimitError),
        ("sim-fail-500", openai.InternalServerError),
    ],
)
def test_a_providers_error_is_the_clients_own_exception(client, model_at, kind, model, raises):
    with pytest.raises(raises) as caught:
        client.responses.create(model=model_at(kind, model), input="Hi")
    assert "the simulator was asked to fail" in caught.value.message


def test_what_another_dialect_cannot_say_is_refused_by_name_or_left_out_and_told(client, model_at):
    wanted = dict(model=model_at("anthropic", "sim-fast"), input="Hi", text={"verbosity": "low"})
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(**wanted)
    assert (caught.value.code, caught.value.param) == ("unsupported_field", "verbosity")
    raw = client.responses.with_raw_response.create(extra_headers={"x-aop-unsupported": "drop"}, **wanted)
    assert raw.headers["x-aop-dropped"] == "verbosity"
    assert raw.parse().output_text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["cut", "end", "error"])
def test_a_stream_that_breaks_raises_and_never_ends_as_if_it_were_whole(client, model_at, kind, fault):
    seen = []
    with pytest.raises(openai.APIError):
        for event in client.responses.create(model=model_at(kind, f"sim-fail-{fault}"), input="Hi", stream=True):
            seen.append(event.type)
    assert "response.completed" not in seen
