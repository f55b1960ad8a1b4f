"""What providers say seldom, as the official clients see it at each of them: log-probabilities, refusals, several choices,
sound, files, signatures, cache markers; and what a provider cannot be told, by name (G1, G2)."""

import base64

import openai
import pytest

PDF = base64.b64encode(b"%PDF-1.4 nothing in it").decode()
WAV = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28)).decode()
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
LOGPROBS = {"content": [{"token": "Hi", "logprob": -0.25, "bytes": [72, 105], "top_logprobs": [
    {"token": "Hi", "logprob": -0.25, "bytes": [72, 105]}, {"token": "Yo", "logprob": -1.5, "bytes": [89, 111]}]}], "refusal": None}


def ask(content="Hi") -> list[dict]:
    return [{"role": "user", "content": content}]


def completion(message: dict, finish: str = "stop", **more) -> dict:
    said = {"role": "assistant", "content": None, "refusal": None} | message
    choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None} | more
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}


def message(content: list[dict], stop: str = "end_turn", **usage) -> dict:
    told = {"input_tokens": 9, "output_tokens": 2} | usage
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": stop,
            "stop_sequence": None, "usage": told}


def response(content: list[dict]) -> dict:
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11, "input_tokens_details": {"cached_tokens": 4},
             "output_tokens_details": {"reasoning_tokens": 0}}
    return {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed", "output": [said],
            "usage": usage, "error": None, "incomplete_details": None}


def candidate(parts: list[dict], **more) -> dict:
    told = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0} | more
    return {"candidates": [told], "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 11}}


def said_in_full(text: str = "Hi") -> dict[str, dict]:
    """The same answer in the wire of each kind."""
    return {
        "openai_chat": completion({"content": text}, logprobs=LOGPROBS),
        "openai_responses": response([{"type": "output_text", "text": text, "annotations": [], "logprobs": LOGPROBS["content"]}]),
        "anthropic": message([{"type": "text", "text": text}]),
        "gemini": candidate([{"text": text}], avgLogprobs=-0.25, logprobsResult={
            "chosenCandidates": [{"token": "Hi", "tokenId": 1, "logProbability": -0.25}],
            "topCandidates": [{"candidates": [{"token": "Hi", "tokenId": 1, "logProbability": -0.25},
                                              {"token": "Yo", "tokenId": 2, "logProbability": -1.5}]}]}),
        "cohere": {"id": "c", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": [{"type": "text", "text": text}]},
                   "usage": {"billed_units": {"input_tokens": 9, "output_tokens": 2}, "tokens": {"input_tokens": 9, "output_tokens": 2}}},
    }


@pytest.mark.parametrize("kind", ["openai_chat", "openai_responses", "gemini"])
def test_log_probabilities_are_told_by_those_who_have_them(openai_client, scripted, kind):
    model = scripted.says(kind, said_in_full()[kind])
    answer = openai_client.chat.completions.create(model=model, messages=ask(), logprobs=True, top_logprobs=2)
    [token] = answer.choices[0].logprobs.content
    assert (token.token, token.logprob) == ("Hi", -0.25)
    assert [other.token for other in token.top_logprobs] == ["Hi", "Yo"]


def test_log_probabilities_cross_to_a_client_of_responses(openai_client, scripted):
    model = scripted.says("openai_chat", said_in_full()["openai_chat"])
    include = ["message.output_text.logprobs"]
    answer = openai_client.responses.create(model=model, input="Hi", include=include, top_logprobs=2)
    assert answer.output[0].content[0].logprobs[0].logprob == -0.25


def test_log_probabilities_are_refused_by_name_where_there_are_none(openai_client, scripted):
    model = scripted.says("anthropic", said_in_full()["anthropic"])
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model=model, messages=ask(), logprobs=True)
    assert (refused.value.code, refused.value.param) == ("unsupported_field", "logprobs")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("openai_chat", completion({"refusal": "I will not."})),
        ("openai_responses", response([{"type": "refusal", "refusal": "I will not."}])),
    ],
)
def test_a_refusal_is_a_refusal_for_every_client(openai_client, anthropic_client, scripted, kind, answer):
    model = scripted.says(kind, answer)
    chat = openai_client.chat.completions.create(model=model, messages=ask()).choices[0].message
    assert (chat.refusal, chat.content) == ("I will not.", None)
    [part] = openai_client.responses.create(model=model, input="Hi").output[0].content
    assert (part.type, part.refusal) == ("refusal", "I will not.")
    told = anthropic_client.messages.create(model=model, max_tokens=99, messages=ask())
    assert told.stop_reason == "refusal" and told.content[0].text == "I will not."


def test_an_answer_that_anthropic_refused_never_looks_finished(openai_client, scripted):
    model = scripted.says("anthropic", message([{"type": "text", "text": "No."}], "refusal"))
    chat = openai_client.chat.completions.create(model=model, messages=ask()).choices[0]
    assert (chat.finish_reason, chat.message.content) == ("content_filter", "No.")
    told = openai_client.responses.create(model=model, input="Hi")
    assert (told.status, told.incomplete_details.reason) == ("incomplete", "content_filter")


def test_several_choices_come_as_their_provider_gave_them(openai_client, scripted):
    answer = completion({"content": "one"})
    answer["choices"].append(answer["choices"][0] | {"index": 1, "message": {"role": "assistant", "content": "two"}})
    model = scripted.says("openai_chat", answer)
    told = openai_client.chat.completions.create(model=model, messages=ask(), n=2)
    assert [choice.message.content for choice in told.choices] == ["one", "two"]


def test_sound_is_heard_by_those_who_can(openai_client, scripted):
    parts = [{"type": "text", "text": "Listen"}, {"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}}]
    for kind in ("openai_chat", "gemini"):
        model = scripted.says(kind, said_in_full()[kind])
        assert openai_client.chat.completions.create(model=model, messages=ask(parts)).choices[0].message.content == "Hi"
        assert WAV in str(scripted.asked[model])


def test_spoken_answers_pass_and_are_refused_by_name_where_nobody_speaks(openai_client, scripted):
    spoken = {"id": "a-1", "data": WAV, "expires_at": 1, "transcript": "Hi"}
    wish = {"messages": ask(), "modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
    model = scripted.says("openai_chat", completion({"audio": spoken}))
    assert openai_client.chat.completions.create(model=model, **wish).choices[0].message.audio.transcript == "Hi"
    for kind in ("anthropic", "openai_responses", "cohere"):
        with pytest.raises(openai.BadRequestError) as refused:
            openai_client.chat.completions.create(model=scripted.says(kind, said_in_full()[kind]), **wish)
        assert refused.value.code == "unsupported_field" and refused.value.param in ("modalities", "audio")


@pytest.mark.parametrize("kind", ["openai_chat", "openai_responses", "anthropic", "gemini"])
def test_a_file_crosses_from_every_client(openai_client, anthropic_client, scripted, kind):
    model = scripted.says(kind, said_in_full()[kind])
    url = f"data:application/pdf;base64,{PDF}"
    chat = [{"type": "text", "text": "Read"}, {"type": "file", "file": {"filename": "a.pdf", "file_data": url}}]
    assert openai_client.chat.completions.create(model=model, messages=ask(chat)).choices[0].message.content == "Hi"
    assert PDF in str(scripted.asked.pop(model))
    items = [{"type": "input_text", "text": "Read"}, {"type": "input_file", "filename": "a.pdf", "file_data": url}]
    assert openai_client.responses.create(model=model, input=ask(items)).output_text == "Hi"
    assert PDF in str(scripted.asked.pop(model))
    source = {"type": "base64", "media_type": "application/pdf", "data": PDF}
    blocks = [{"type": "document", "source": source}, {"type": "text", "text": "Read"}]
    assert anthropic_client.messages.create(model=model, max_tokens=99, messages=ask(blocks)).content[0].text == "Hi"
    assert PDF in str(scripted.asked.pop(model))


@pytest.mark.parametrize("kind", ["anthropic", "gemini"])
def test_a_file_that_only_its_house_holds_is_refused_by_name(openai_client, scripted, kind):
    parts = [{"type": "text", "text": "Read"}, {"type": "file", "file": {"file_id": "file-1"}}]
    with pytest.raises(openai.BadRequestError) as refused:
        openai_client.chat.completions.create(model=scripted.says(kind, said_in_full()[kind]), messages=ask(parts))
    assert refused.value.code == "unsupported_field" and refused.value.param.startswith("messages")


def test_a_signature_of_thoughts_comes_back_to_its_house_and_goes_to_no_other(anthropic_client, scripted):
    thought = {"type": "thinking", "thinking": "hm", "signature": "c2lnbmVk"}
    answer = message([thought, {"type": "text", "text": "Hi"}])
    wish = {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    own = scripted.says("anthropic", answer)
    told = anthropic_client.messages.create(model=own, messages=ask(), **wish)
    assert told.content[0].signature == "c2lnbmVk"
    history = ask() + [{"role": "assistant", "content": told.content}] + ask("And?")
    anthropic_client.messages.create(model=own, messages=history, **wish)
    assert scripted.asked[own]["messages"][1]["content"][0] == thought
    other = scripted.says("openai_chat", said_in_full()["openai_chat"])
    anthropic_client.messages.create(model=other, messages=history, **wish)
    assert "c2lnbmVk" not in str(scripted.asked[other])


def test_cache_markers_stay_where_they_mean_something_and_are_told_where_they_do_not(anthropic_client, scripted):
    marked = [{"type": "text", "text": "Long rules", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    own = scripted.says("anthropic", said_in_full()["anthropic"])
    anthropic_client.messages.create(model=own, max_tokens=99, system=marked, messages=ask())
    assert scripted.asked[own]["system"] == marked
    other = scripted.says("openai_chat", said_in_full()["openai_chat"])
    raw = anthropic_client.messages.with_raw_response.create(model=other, max_tokens=99, system=marked, messages=ask())
    assert "cache_control" in raw.headers["x-aop-dropped"] and "cache_control" not in str(scripted.asked[other])


def test_cached_tokens_are_told_by_each_dialects_own_convention(openai_client, anthropic_client, scripted):
    classes = {"cache_read_input_tokens": 100, "cache_creation_input_tokens": 60}
    anthropics = scripted.says("anthropic", message([{"type": "text", "text": "Hi"}], **classes))
    chat = openai_client.chat.completions.create(model=anthropics, messages=ask()).usage
    assert (chat.prompt_tokens, chat.prompt_tokens_details.cached_tokens) == (169, 100), "OpenAI's counts include"
    openais = scripted.says("openai_responses", said_in_full()["openai_responses"])
    told = anthropic_client.messages.create(model=openais, max_tokens=99, messages=ask()).usage
    assert (told.input_tokens, told.cache_read_input_tokens) == (5, 4), "Anthropic's exclude"
