"""Writes a scripted reply the way each provider would: chat, responses, messages, embeddings, Google's; whole or streamed."""

import base64
import json
import random
import string
import struct
import threading
import time

from . import google
from .script import Reply

EMBEDDING_SIZE = 8


class Ids:
    """Identifiers as providers make them, from a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def new(self, prefix: str, length: int = 24) -> str:
        with self._lock:
            return prefix + "".join(self._random.choices(string.ascii_letters + string.digits, k=length))

    def between(self, low: float, high: float) -> float:
        with self._lock:
            return self._random.uniform(low, high)

    def vector(self) -> list[float]:
        with self._lock:
            return [round(self._random.uniform(-1, 1), 3) for _ in range(EMBEDDING_SIZE)]


def answer(path: str, body: dict, reply: Reply, ids: Ids) -> tuple[int, str, bytes]:
    """Status, content type and bytes."""
    if google.is_path(path):
        return google.answer(path, body, reply, ids)
    if reply.status != 200:
        return reply.status, "application/json", _error(path, reply)
    if path.endswith("/embeddings"):
        return 200, "application/json", _dump(_embeddings(body, ids))
    if path.endswith("/count_tokens"):
        return 200, "application/json", _dump({"input_tokens": _tokens(json.dumps(body))})
    if path.endswith("/messages"):
        return _whole_or_stream(body, _message(body, reply, ids), _message_events)
    if path.endswith("/responses"):
        return _whole_or_stream(body, _response(body, reply, ids), _response_events)
    if path.endswith("/chat/completions"):
        return _whole_or_stream(body, _chat(body, reply, ids), _chat_events)
    return 404, "application/json", _dump({"error": {"message": f"Unknown request URL: POST {path}.", "type": "invalid_request_error", "param": None, "code": "unknown_url"}})


def _whole_or_stream(body, whole, events):
    if body.get("stream"):
        return 200, "text/event-stream", "".join(events(body, whole)).encode()
    return 200, "application/json", _dump(whole)


def _dump(value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _tokens(text: str) -> int:
    return max(1, len(text) // 4)


def _error(path: str, reply: Reply) -> bytes:
    kind = "rate_limit_exceeded" if reply.status == 429 else "server_error"
    if path.endswith("/messages"):
        return _dump({"type": "error", "error": {"type": "rate_limit_error" if reply.status == 429 else "api_error", "message": reply.text}})
    return _dump({"error": {"message": reply.text, "type": kind, "param": None, "code": kind}})


def _embeddings(body: dict, ids: Ids) -> dict:
    inputs = body.get("input", "")
    inputs = inputs if isinstance(inputs, list) and (not inputs or not isinstance(inputs[0], int)) else [inputs]
    data = []
    for index in range(len(inputs)):
        vector = ids.vector()
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    used = _tokens(json.dumps(inputs))
    return {"object": "list", "data": data, "model": body.get("model"), "usage": {"prompt_tokens": used, "total_tokens": used}}


def _chat(body: dict, reply: Reply, ids: Ids) -> dict:
    message = {"role": "assistant", "content": reply.text or None, "refusal": None, "annotations": []}
    if reply.calls:
        message["tool_calls"] = [
            {"id": ids.new("call_"), "type": "function", "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}}
            for name, arguments in reply.calls
        ]
    prompt, output = _tokens(json.dumps(body["messages"])), _tokens(json.dumps(message))
    return {
        "id": ids.new("chatcmpl-", 29),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if reply.calls else "stop"}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
    }


def _pieces(content: str) -> list[str]:
    words = content.split(" ")
    return [" ".join(words[at : at + 6]) + (" " if at + 6 < len(words) else "") for at in range(0, len(words), 6)]


def _chat_events(body: dict, whole: dict):
    head = {"id": whole["id"], "object": "chat.completion.chunk", "created": whole["created"], "model": whole["model"], "system_fingerprint": whole["system_fingerprint"]}
    usage_wanted = (body.get("stream_options") or {}).get("include_usage")

    def chunk(choices, usage=None):
        value = {**head, "choices": choices}
        if usage_wanted:
            value["usage"] = usage
        return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"

    def delta(value, finish=None):
        return chunk([{"index": 0, "delta": value, "logprobs": None, "finish_reason": finish}])

    message = whole["choices"][0]["message"]
    yield delta({"role": "assistant", "content": "" if message["content"] else None})
    for piece in _pieces(message["content"] or ""):
        if piece:
            yield delta({"content": piece})
    for index, made in enumerate(message.get("tool_calls", [])):
        yield delta({"tool_calls": [{"index": index, "id": made["id"], "type": "function", "function": {"name": made["function"]["name"], "arguments": ""}}]})
        yield delta({"tool_calls": [{"index": index, "function": {"arguments": made["function"]["arguments"]}}]})
    yield delta({}, whole["choices"][0]["finish_reason"])
    if usage_wanted:
        yield chunk([], whole["usage"])
    yield "data: [DONE]\n\n"


def _message(body: dict, reply: Reply, ids: Ids) -> dict:
    content = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [{"type": "tool_use", "id": ids.new("toolu_01", 22), "name": name, "input": arguments} for name, arguments in reply.calls]
    return {
        "id": ids.new("msg_01", 22),
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": content,
        "stop_reason": "tool_use" if reply.calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": _tokens(json.dumps(body["messages"])), "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": _tokens(json.dumps(content))},
    }


def _message_events(_body: dict, whole: dict):
    def event(kind, **more):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more}, ensure_ascii=False)}\n\n"

    yield event("message_start", message={**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}})
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            yield event("content_block_start", index=index, content_block={"type": "text", "text": ""})
            for piece in _pieces(block["text"]):
                yield event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece})
        else:
            yield event("content_block_start", index=index, content_block={**block, "input": {}})
            yield event("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": json.dumps(block["input"], ensure_ascii=False)})
        yield event("content_block_stop", index=index)
    yield event("message_delta", delta={"stop_reason": whole["stop_reason"], "stop_sequence": None}, usage={"output_tokens": whole["usage"]["output_tokens"]})
    yield event("message_stop")


def _response(body: dict, reply: Reply, ids: Ids) -> dict:
    output = []
    if reply.text:
        part = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
        output.append({"id": ids.new("msg_", 32), "type": "message", "status": "completed", "role": "assistant", "content": [part]})
    for name, arguments in reply.calls:
        output.append({"id": ids.new("fc_", 32), "type": "function_call", "status": "completed", "call_id": ids.new("call_"), "name": name, "arguments": json.dumps(arguments, ensure_ascii=False)})
    used, made = _tokens(json.dumps(body.get("input"))), _tokens(json.dumps(output))
    return {
        "id": ids.new("resp_", 32),
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "model": body.get("model"),
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": body.get("previous_response_id"),
        "store": body.get("store", True),
        "temperature": 1.0,
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "top_p": 1.0,
        "usage": {"input_tokens": used, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": made, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": used + made},
        "metadata": {},
    }


def _response_events(_body: dict, whole: dict):
    count = 0

    def event(kind, **more):
        nonlocal count
        value = {"type": kind, "sequence_number": count, **more}
        count += 1
        return f"event: {kind}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"

    yield event("response.created", response={**whole, "status": "in_progress", "output": [], "usage": None})
    for index, item in enumerate(whole["output"]):
        if item["type"] == "message":
            part = item["content"][0]
            where = {"item_id": item["id"], "output_index": index, "content_index": 0}
            yield event("response.output_item.added", output_index=index, item={**item, "status": "in_progress", "content": []})
            yield event("response.content_part.added", **where, part={**part, "text": ""})
            for piece in _pieces(part["text"]):
                yield event("response.output_text.delta", **where, delta=piece, logprobs=[])
            yield event("response.output_text.done", **where, text=part["text"], logprobs=[])
            yield event("response.content_part.done", **where, part=part)
        else:
            yield event("response.output_item.added", output_index=index, item={**item, "status": "in_progress", "arguments": ""})
            yield event("response.function_call_arguments.delta", item_id=item["id"], output_index=index, delta=item["arguments"])
            yield event("response.function_call_arguments.done", item_id=item["id"], output_index=index, arguments=item["arguments"], name=item["name"])
        yield event("response.output_item.done", output_index=index, item=item)
    yield event("response.completed", response=whole)
