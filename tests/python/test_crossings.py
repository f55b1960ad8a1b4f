"""What the official clients can do beside plain text, at providers of their own dialect and of others (G1, G2)."""

import base64
import json

import anthropic
import openai
import pytest
from pydantic import BaseModel

KINDS = ["openai_chat", "openai_responses", "anthropic"]
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


class City(BaseModel):
    name: str
    people: int


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_of_a_shape_is_parsed_by_chat(openai_client, model_at, kind):
    model = model_at(kind, "sim-fast")
    parsed = openai_client.chat.completions.parse(model=model, messages=ask("A city"), response_format=City)
    assert isinstance(parsed.choices[0].message.parsed, City)
    with openai_client.chat.completions.stream(model=model, messages=ask("A city"), response_format=City) as stream:
        for _ in stream:
            pass
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, City)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_of_a_shape_is_parsed_by_responses(openai_client, model_at, kind):
    parsed = openai_client.responses.parse(model=model_at(kind, "sim-fast"), input="A city", text_format=City)
    assert isinstance(parsed.output_parsed, City)


@pytest.mark.parametrize("kind", KINDS)
def test_tools_of_a_responses_stream_are_whole_at_its_end_and_called_side_by_side(openai_client, model_at, kind):
    tool = {"type": "function", "name": "get_weather", "description": "d", "parameters": WEATHER, "strict": True}
    with openai_client.responses.stream(model=model_at(kind, "sim-tools"), input="Oslo and Bergen?", tools=[tool]) as stream:
        pieces: dict[int, str] = {}
        for event in stream:
            if event.type == "response.function_call_arguments.delta":
                pieces[event.output_index] = pieces.get(event.output_index, "") + event.delta
        final = stream.get_final_response()
    calls = [item for item in final.output if item.type == "function_call"]
    assert len(calls) == 2 and len({call.call_id for call in calls}) == 2
    assert [json.loads(call.arguments) for call in calls] == [json.loads(text) for text in pieces.values()]


@pytest.mark.parametrize("kind", KINDS)
def test_one_tool_at_a_time_is_one_tool_at_a_time(openai_client, model_at, kind):
    tool = {"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": WEATHER}}
    answer = openai_client.chat.completions.create(
        model=model_at(kind, "sim-tools"), messages=ask("Oslo?"), tools=[tool], parallel_tool_calls=False
    )
    assert len(answer.choices[0].message.tool_calls) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("url", ["https://pictures.example/a.png", f"data:image/png;base64,{PICTURE}"])
def test_a_picture_crosses_from_chat(openai_client, model_at, kind, url):
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    answer = openai_client.chat.completions.create(
        model=model_at(kind, "sim-fast"), messages=[{"role": "user", "content": parts}]
    )
    assert answer.choices[0].message.content


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "source",
    [{"type": "url", "url": "https://pictures.example/a.png"}, {"type": "base64", "media_type": "image/png", "data": PICTURE}],
)
def test_a_picture_crosses_from_messages(anthropic_client, model_at, kind, source):
    parts = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    answer = anthropic_client.messages.create(
        model=model_at(kind, "sim-fast"), max_tokens=200, messages=[{"role": "user", "content": parts}]
    )
    assert answer.content[0].text


def test_embeddings_are_the_same_as_numbers_and_packed(openai_client):
    numbers = openai_client.embeddings.create(model="sim-embed", input=["a", "b"], encoding_format="float").data
    packed = openai_client.embeddings.create(model="sim-embed", input=["a", "b"]).data
    for one, other in zip(numbers, packed, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)


def test_several_choices_come_from_a_provider_that_has_them_and_are_refused_by_name_elsewhere(openai_client, model_at):
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model=model_at("anthropic", "sim-fast"), messages=ask("Hi"), n=2)
    assert refused.value.param == "n" and refused.value.code == "unsupported_field"


@pytest.mark.parametrize("kind", ["openai_responses", "anthropic"])
def test_sound_is_refused_by_name_where_it_cannot_be_said(openai_client, model_at, kind):
    parts = [{"type": "input_audio", "input_audio": {"data": PICTURE, "format": "wav"}}]
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model=model_at(kind, "sim-fast"), messages=[{"role": "user", "content": parts}])
    assert refused.value.code == "unsupported_field"


@pytest.mark.parametrize("kind", ["openai_chat", "anthropic"])
def test_stop_sequences_cross(openai_client, anthropic_client, model_at, kind):
    assert openai_client.chat.completions.create(model=model_at(kind, "sim-fast"), messages=ask("Hi"), stop=["zzzz", "qqqq"])
    answer = anthropic_client.messages.create(
        model=model_at(kind, "sim-fast"), max_tokens=99, messages=ask("Hi"), stop_sequences=["zzzz"]
    )
    assert answer.stop_reason == "end_turn"


def test_files_and_batches_are_refused_in_words_that_say_where_they_are(openai_client, anthropic_client):
    for refused in (openai_client.files.list, openai_client.batches.list, lambda: openai_client.fine_tuning.jobs.list()):
        with pytest.raises(openai.NotFoundError) as told:
            refused()
        assert "passthrough" in told.value.message, told.value.message
    with pytest.raises(anthropic.NotFoundError) as told:
        anthropic_client.messages.batches.list()
    assert "passthrough" in told.value.message, told.value.message
