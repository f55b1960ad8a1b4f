"""Official clients that leave their streams after the first words: what came is counted and marked (M1)."""

import json

import pytest
from cohere import ClientV2
from google import genai
from google.genai import types
from mistralai.client import Mistral

KINDS = {"openai_chat": "/v1", "openai_responses": "/v1", "anthropic": "/v1", "gemini": "/v1beta", "cohere": "/v2"}
WORDS = "Tell me a long story about wind parks"


def leave_after_the_first_words(events, text_of) -> None:
    for event in events:
        if text_of(event):
            return
    raise AssertionError("the stream ended before a word had come")


def left(api, trace_id) -> dict:
    [call] = api.calls_of(trace_id, 1)
    detail = api.get(f"/api/calls/{call['call_id']}")
    assert (detail["status"], detail["error_code"]) == ("cancelled", "client_gone")
    assert sum(count for name, count in detail["usage"].items() if name.startswith("in_")) > 4
    assert sum(count for name, count in detail["usage"].items() if name.startswith("out_")) > 0
    assert float(call["cost"]) > 0
    return detail


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dialect", ["chat", "responses", "messages"])
def test_what_came_is_counted_at_every_provider(openai_client, anthropic_client, gateway, api, trace_id, kind, dialect):
    model = gateway.model(kind, "sim-slow", KINDS[kind])
    said = [{"role": "user", "content": WORDS}]
    if dialect == "chat":
        stream = openai_client.chat.completions.create(model=model, messages=said, stream=True)
        leave_after_the_first_words(stream, lambda chunk: chunk.choices and chunk.choices[0].delta.content)
    elif dialect == "responses":
        stream = openai_client.responses.create(model=model, input=WORDS, stream=True)
        leave_after_the_first_words(stream, lambda event: event.type == "response.output_text.delta" and event.delta)
    else:
        stream = anthropic_client.messages.create(model=model, max_tokens=500, messages=said, stream=True)
        leave_after_the_first_words(stream, lambda event: event.type == "content_block_delta" and event.delta.text)
    stream.close()
    assert left(api, trace_id)["usage_source"] == "partial"


def test_a_drained_stream_has_its_providers_figures(openai_client, gateway, api, trace_id):
    provider = gateway.provider("anthropic")
    targets = [{"provider_id": provider, "upstream_model": "sim-slow"}]
    model = gateway.served("sdk-drained", targets, operations=["chat"], on_abort={"action": "drain"})
    stream = openai_client.chat.completions.create(model=model, messages=[{"role": "user", "content": WORDS}], stream=True)
    leave_after_the_first_words(stream, lambda chunk: chunk.choices and chunk.choices[0].delta.content)
    stream.close()
    assert left(api, trace_id)["usage_source"] == "provider"


def test_googles_client_leaves_its_own_api(gateway, api_key, api, trace_id):
    headers = {"x-aop-trace-id": trace_id}
    options = types.HttpOptions(base_url=gateway.passthrough("gemini", "/v1beta"), headers=headers)
    # A client that nobody holds closes its connections.
    client = genai.Client(api_key=api_key, http_options=options)
    stream = client.models.generate_content_stream(model="sim-slow", contents=WORDS)
    leave_after_the_first_words(stream, lambda chunk: chunk.text)
    stream.close()
    assert left(api, trace_id)["usage_source"] == "partial"


def test_coheres_client_leaves_its_own_api(gateway, api_key, api, trace_id):
    client = ClientV2(api_key=api_key, base_url=gateway.passthrough("cohere", "/v2"))
    told = {"additional_headers": {"x-aop-trace-id": trace_id}, "max_retries": 0}
    stream = client.chat_stream(model="sim-slow", messages=[{"role": "user", "content": WORDS}], request_options=told)
    leave_after_the_first_words(stream, lambda event: event.type == "content-delta")
    stream.close()
    assert left(api, trace_id)["usage_source"] == "partial"


def test_mistrals_client_leaves_its_own_api(gateway, api_key, api, trace_id):
    client = Mistral(api_key=api_key, server_url=gateway.passthrough("mistral", "/mistral/v1"))
    said = [{"role": "user", "content": WORDS}]
    with client.chat.stream(model="sim-slow", messages=said, http_headers={"x-aop-trace-id": trace_id}) as stream:
        leave_after_the_first_words(stream, lambda event: event.data.choices and event.data.choices[0].delta.content)
    detail = left(api, trace_id)
    assert detail["usage_source"] == "partial" and json.dumps(detail["usage"])
