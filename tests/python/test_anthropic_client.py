"""The official Anthropic client on /v1/messages, at a provider of its own dialect and at one of another (G1, G2)."""

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

SAME, CROSSING = "anthropic", "openai_chat"
KINDS = [SAME, CROSSING, "openai_responses"]
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def client(anthropic_client):
    return anthropic_client


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_answered_and_becomes_a_row_with_its_tokens(client, api, trace_id, model_at, kind):
    message = client.messages.create(model=model_at(kind, "sim-fast"), max_tokens=300, messages=ask("Say hello"))
    assert message.content[0].text
    assert message.stop_reason == "end_turn"
    [call] = api.calls_of(trace_id, 1)
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert (call["status"], detail["operation"], detail["usage_source"]) == ("ok", "messages", "provider")
    assert sum(v for k, v in detail["usage"].items() if k.startswith("in_")) == message.usage.input_tokens
    assert sum(v for k, v in detail["usage"].items() if k.startswith("out_")) == message.usage.output_tokens
    assert float(call["cost"]) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_is_put_together_by_the_client_to_what_was_said_whole(client, model_at, kind):
    wanted = dict(model=model_at(kind, "sim-fast"), max_tokens=300, messages=ask("Tell me about bridges"))
    whole = client.messages.create(**wanted)
    with client.messages.stream(**wanted) as stream:
        pieces = list(stream.text_stream)
        streamed = stream.get_final_message()
    assert "".join(pieces) == whole.content[0].text == streamed.content[0].text
    assert len(pieces) > 3
    assert streamed.stop_reason == "end_turn"
    assert streamed.usage.output_tokens == whole.usage.output_tokens > 0
    assert streamed.usage.input_tokens == whole.usage.input_tokens


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_the_async_client_streams_too(base_url, api_key, model_at, kind):
    async with AsyncAnthropic(base_url=base_url, api_key=api_key, max_retries=0) as client:
        async with client.messages.stream(
            model=model_at(kind, "sim-fast"), max_tokens=300, messages=ask("Tell me about rivers")
        ) as stream:
            pieces = [piece async for piece in stream.text_stream]
    assert "".join(pieces)


@pytest.mark.parametrize("kind", KINDS)
def test_tools_are_called_in_a_stream_and_their_results_are_answered(client, model_at, kind):
    model = model_at(kind, "sim-tools")
    history = ask("How is the weather in Oslo and Bergen?")
    with client.messages.stream(model=model, max_tokens=500, messages=history, tools=[WEATHER]) as stream:
        called = stream.get_final_message()
    calls = [block for block in called.content if block.type == "tool_use"]
    assert called.stop_reason == "tool_use"
    assert len(calls) == 2 and all(call.name == "get_weather" and call.input["city"] for call in calls)
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls]
    history += [{"role": "assistant", "content": called.content}, {"role": "user", "content": results}]
    answer = client.messages.create(model=model, max_tokens=500, messages=history, tools=[WEATHER])
    assert "rain; rain" in answer.content[0].text


@pytest.mark.parametrize("kind", KINDS)
def test_thinking_comes_before_the_answer(client, model_at, kind):
    thinking = {"type": "enabled", "budget_tokens": 1024}
    wanted = dict(model=model_at(kind, "sim-reasoning"), max_tokens=4000, messages=ask("Think"), thinking=thinking)
    whole = client.messages.create(**wanted)
    with client.messages.stream(**wanted) as stream:
        streamed = stream.get_final_message()
    for message in (whole, streamed):
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert message.content[0].thinking == whole.content[0].thinking != ""
    if kind == SAME:
        assert streamed.content[0].signature == whole.content[0].signature != ""


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_are_counted(client, model_at, kind):
    counted = client.messages.count_tokens(model=model_at(kind, "sim-fast"), messages=ask("Tell me about bridges"))
    assert 5 < counted.input_tokens < 60


def test_the_beta_client_sends_its_query_and_headers_through(client, model_at):
    message = client.beta.messages.create(
        model=model_at(SAME, "sim-fast"), max_tokens=100, messages=ask("Hi"), betas=["context-management-2025-06-27"]
    )
    assert message.content[0].text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("model", "raises"),
    [
        ("sim-fail-400", anthropic.BadRequestError),
        ("sim-fail-429", anthropic.RateLimitError),
        ("sim-fail-500", anthropic.InternalServerError),
        ("sim-fail-503", anthropic.APIStatusError),
    ],
)
def test_a_providers_error_is_the_clients_own_exception(client, model_at, kind, model, raises):
    with pytest.raises(raises) as caught:
        client.messages.create(model=model_at(kind, model), max_tokens=10, messages=ask("Hi"))
    assert caught.value.body["type"] == "error"
    assert caught.value.body["error"]["message"]


def test_the_gateways_own_errors_are_the_clients_exceptions(client, base_url, model_at):
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(model="no-such-model", max_tokens=10, messages=ask("Hi"))
    assert caught.value.body["error"]["type"] == "not_found_error"
    stranger = Anthropic(base_url=base_url, api_key="aop-wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(model="sim-fast", max_tokens=10, messages=ask("Hi"))
    search = {"type": "web_search_20250305", "name": "web_search"}
    with pytest.raises(anthropic.BadRequestError, match=r"tools\[0\]"):
        client.messages.create(
            model=model_at(CROSSING, "sim-fast"), max_tokens=10, messages=ask("Hi"), tools=[search]
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["cut", "end", "error"])
def test_a_stream_that_breaks_raises_and_never_ends_as_if_it_were_whole(client, model_at, kind, fault):
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(
            model=model_at(kind, f"sim-fail-{fault}"), max_tokens=300, messages=ask("Hi")
        ) as stream:
            stream.get_final_message()


def test_a_cut_stream_goes_on_at_another_provider_as_one_message(gateway, client, api, trace_id):
    model = gateway.pair("sdk-continued-messages", ("vllm", "sim-fail-cut"), ("anthropic", "sim-fast"), continuations=1)
    with client.messages.stream(model=model, max_tokens=500, messages=ask("Tell me about wind parks")) as stream:
        message = stream.get_final_message()
    [block] = message.content
    assert (block.type, message.stop_reason) == ("text", "end_turn") and len(block.text.split()) > 20
    [call] = api.calls_of(trace_id, 1)
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert [attempt["reason"] for attempt in detail["attempts"]] == ["route:first", "continuation"]
    assert message.usage.output_tokens == sum(detail["usage"][name] for name in detail["usage"] if name.startswith("out_"))
