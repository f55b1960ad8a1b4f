"""Everything beside conversation, by the official OpenAI client: vectors, moderations, pictures, sound (G2, M1)."""

import base64
import io
import math
import struct

import openai
import pytest

WAV = b"RIFF" + struct.pack("<I", 36 + 16000) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
WAV += b"data" + struct.pack("<I", 16000) + bytes(16000)


def sound(name: str = "a.wav") -> io.BytesIO:
    file = io.BytesIO(WAV)
    file.name = name
    return file


def test_vectors_have_the_length_that_was_asked_for(openai_client):
    answer = openai_client.embeddings.create(model="sim-embed", input="one", dimensions=64)
    assert len(answer.data[0].embedding) == 64
    assert math.isclose(sum(x * x for x in answer.data[0].embedding), 1, abs_tol=1e-3)


def test_a_moderation_says_what_is_flagged(openai_client):
    flagged = openai_client.moderations.create(model="sim-moderate", input=["violence", "bread"])
    assert [result.flagged for result in flagged.results] == [True, False]


def test_pictures_are_made_and_changed(openai_client):
    made = openai_client.images.generate(model="sim-image", prompt="a square", n=2, size="256x256", response_format="b64_json")
    pictures = [base64.b64decode(one.b64_json) for one in made.data]
    assert len(pictures) == 2 and all(picture.startswith(b"\x89PNG") for picture in pictures)
    file = io.BytesIO(pictures[0])
    file.name = "square.png"
    changed = openai_client.images.edit(model="sim-image", image=file, prompt="a circle", response_format="b64_json")
    assert base64.b64decode(changed.data[0].b64_json).startswith(b"\x89PNG")


def test_speech_comes_whole_and_as_it_is_made(openai_client):
    wish = {"model": "sim-speech", "voice": "alloy", "input": "Hello there", "response_format": "wav"}
    whole = openai_client.audio.speech.create(**wish).content
    with openai_client.audio.speech.with_streaming_response.create(**wish) as stream:
        assert b"".join(stream.iter_bytes()) == whole != b""


def test_sound_is_written_down(openai_client, api, trace_id):
    told = openai_client.audio.transcriptions.create(model="sim-transcribe", file=sound())
    assert told.text
    [call] = api.calls_of(trace_id, 1)
    assert (call["operation"], call["status"]) == ("transcriptions", "ok")
    stream = openai_client.audio.transcriptions.create(model="sim-transcribe", file=sound(), stream=True)
    assert "".join(event.delta for event in stream if event.type == "transcript.text.delta")


def test_sound_for_a_model_that_does_not_exist_is_refused_by_name(openai_client):
    with pytest.raises(openai.NotFoundError) as refused:
        openai_client.audio.transcriptions.create(model="sim-transcripe", file=sound())
    assert "sim-transcribe" in refused.value.message
