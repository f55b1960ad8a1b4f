"""A scripted reply the way Google's own API writes it: `models/NAME:generateContent` and what stands beside it.

Models of the third generation name their tool calls and sign them; those before do neither.
"""

import json

METHODS = ("generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents")


def is_path(path: str) -> bool:
    return path.rsplit(":", 1)[-1] in METHODS


def answer(path: str, body: dict, reply, ids) -> tuple[int, str, bytes]:
    """Status, content type and bytes."""
    name, method = path.rsplit("/", 1)[-1].split(":", 1)
    if reply.status != 200:
        word = "RESOURCE_EXHAUSTED" if reply.status == 429 else "INTERNAL"
        return reply.status, "application/json", _dump({"error": {"code": reply.status, "message": reply.text, "status": word}})
    if method == "countTokens":
        return 200, "application/json", _dump({"totalTokens": _tokens(body)})
    if method == "embedContent":
        return 200, "application/json", _dump({"embedding": {"values": ids.vector()}})
    if method == "batchEmbedContents":
        return 200, "application/json", _dump({"embeddings": [{"values": ids.vector()} for _ in body.get("requests", [])]})
    whole = _response(name, body, reply, ids)
    if method == "streamGenerateContent":
        events = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\r\n\r\n" for event in _events(whole))
        return 200, "text/event-stream", events.encode()
    return 200, "application/json", json.dumps(whole, ensure_ascii=False, indent=2).encode()


def _dump(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _tokens(value) -> int:
    return max(1, len(json.dumps(value)) // 4)


def _response(model: str, body: dict, reply, ids) -> dict:
    is_signed = "gemini-3" in model
    parts = [{"text": reply.text}] if reply.text else []
    for name, arguments in reply.calls:
        made = {"name": name, "args": arguments}
        part = {"functionCall": {**made, "id": ids.new("", 8).lower()} if is_signed else made}
        if is_signed:
            part["thoughtSignature"] = ids.new("", 64)
        parts.append(part)
    prompt, said = _tokens(body.get("contents")), _tokens(parts)
    return {
        "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": prompt,
            "candidatesTokenCount": said,
            "totalTokenCount": prompt + said,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
        },
        "modelVersion": model,
        "responseId": ids.new("", 22),
    }


def _events(whole: dict):
    """Texts come in pieces, tool calls whole; usage stands in every event and grows."""
    (candidate,) = whole["candidates"]
    pieces = []
    for part in candidate["content"]["parts"]:
        if "text" in part:
            words = part["text"].split(" ")
            cut = [" ".join(words[at : at + 6]) + (" " if at + 6 < len(words) else "") for at in range(0, len(words), 6)]
            pieces += [{"text": piece} for piece in cut]
        else:
            pieces.append(part)
    for number, piece in enumerate(pieces or [{"text": ""}]):
        is_last = number + 1 >= len(pieces)
        said = {"content": {"parts": [piece], "role": "model"}, "index": 0}
        yield {**whole, "candidates": [{**said, "finishReason": "STOP"} if is_last else said]}
