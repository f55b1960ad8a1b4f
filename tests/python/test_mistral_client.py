"""Mistral's official client: at the front door, where the paths are the gateway's own, and through `/passthrough` (G1, G2, M1)."""

import json

import pytest
from mistralai.client import Mistral, errors

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
WIRE = "/mistral/v1"
# Where a client points, and what its call is recorded as.
DOORS = {"front": ("chat_completions", "embeddings"), "passthrough": ("passthrough", "passthrough")}


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


class Door:
    """A client at one of the two, and the names of the models there."""

    def __init__(self, name: str, gateway, api_key: str, trace_id: str) -> None:
        self.is_front, self.gateway = name == "front", gateway
        self.chat, self.embeddings = DOORS[name]
        self.headers = {"x-aop-trace-id": trace_id, "x-aop-agent": "Tester"}
        url = gateway.base_url if self.is_front else gateway.passthrough("mistral", WIRE)
        self.client = Mistral(api_key=api_key, server_url=url)

    def model(self, model: str, operation: str = "chat") -> str:
        return self.gateway.model("mistral", model, WIRE, operation) if self.is_front else model


@pytest.fixture(params=DOORS)
def door(request, gateway, api_key, trace_id) -> Door:
    return Door(request.param, gateway, api_key, trace_id)


def test_a_whole_answer_is_metered(door, metered):
    model = door.model("sim-fast")
    answer = door.client.chat.complete(model=model, messages=ask("Say hello"), max_tokens=40, http_headers=door.headers)
    assert answer.choices[0].message.content
    metered(model, (answer.usage.prompt_tokens, answer.usage.completion_tokens), door.chat)


def test_a_stream_is_metered_and_its_first_event_has_a_time(door, metered):
    model = door.model("sim-fast")
    with door.client.chat.stream(model=model, messages=ask("Count to ten"), http_headers=door.headers) as stream:
        chunks = [event.data for event in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    # At the front door the rules of chat completions hold: usage is told to who asks, and counted for all.
    told = chunks[-1].usage
    assert (told is None) == door.is_front
    tokens = None if told is None else (told.prompt_tokens, told.completion_tokens)
    detail = metered(model, tokens, door.chat, stream=True)
    assert 0 < detail["first_token_us"] <= detail["duration_us"]


def test_tools_are_called(door):
    wish = {"model": door.model("sim-tools"), "messages": ask("Weather in Seoul?"), "tools": [WEATHER]}
    whole = door.client.chat.complete(**wish, tool_choice="required")
    call = whole.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather" and "city" in json.loads(call.function.arguments)


def test_tools_are_called_in_a_stream(gateway, api_key, trace_id):
    # Through /passthrough alone: this client reads whole calls, and the front door's dialect tells their arguments in pieces.
    door = Door("passthrough", gateway, api_key, trace_id)
    wish = {"model": "sim-tools", "messages": ask("Weather in Seoul?"), "tools": [WEATHER], "tool_choice": "any"}
    with door.client.chat.stream(**wish) as stream:
        deltas = [event.data.choices[0].delta for event in stream]
    calls = [call for delta in deltas for call in delta.tool_calls or []]
    assert calls and all("city" in json.loads(call.function.arguments) for call in calls)


def test_embeddings_are_metered(door, metered):
    model = door.model("sim-embed", "embedding")
    answer = door.client.embeddings.create(model=model, inputs=["one", "two"], http_headers=door.headers)
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 0
    metered(model, (answer.usage.prompt_tokens, 0), door.embeddings)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_refusals_are_the_clients_own_exception(door, status):
    with pytest.raises(errors.MistralError) as refused:
        door.client.chat.complete(model=door.model(f"sim-fail-{status}"), messages=ask("Hi"))
    assert refused.value.status_code == status
    assert str(status) in refused.value.body


def test_a_stream_that_breaks_raises(door):
    model = door.model("sim-fail-cut")
    with pytest.raises(Exception) as broken:
        with door.client.chat.stream(model=model, messages=ask("Tell a long story")) as stream:
            finish = [event.data.choices[0].finish_reason for event in stream if event.data.choices]
            assert "stop" not in finish
    assert not isinstance(broken.value, AssertionError), "a cut stream looked finished"


def test_a_wrong_key_is_a_401_without_the_key_in_it(gateway):
    key = "aop-this-key-does-not-exist-0123456789"
    with pytest.raises(errors.MistralError) as refused:
        Mistral(api_key=key, server_url=gateway.base_url).chat.complete(model="sim-fast", messages=ask("Hi"))
    assert refused.value.status_code == 401 and key not in refused.value.body
