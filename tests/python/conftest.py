"""Where the running installation is: the system test starts `aop up` and names it in the environment."""

import json
import os
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from anthropic import Anthropic
from openai import OpenAI


def required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run these tests with `make test`", returncode=2)
    return value


@pytest.fixture(scope="session")
def base_url() -> str:
    return required("AOP_TEST_URL")


@pytest.fixture(scope="session")
def api_key() -> str:
    return required("AOP_TEST_KEY")


@pytest.fixture
def trace_id() -> str:
    return uuid.uuid4().hex


class Api:
    """The management API as a program with a key sees it."""

    def __init__(self, base_url: str, key: str) -> None:
        self.http = httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {key}"}, timeout=20)

    def get(self, path: str, **params):
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def eventually(self, what: str, look, within_s: float = 20.0):
        """Records take a moment from the answer to the store: looks until there is something to see."""
        deadline = time.monotonic() + within_s
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < deadline, f"{what} did not appear within {within_s} s"
            time.sleep(0.1)

    def calls_of(self, trace_id: str, expected: int) -> list[dict]:
        def look():
            items = self.get("/api/calls", trace_id=trace_id, limit=100)["items"]
            return items if len(items) >= expected else None

        return self.eventually(f"{expected} calls of trace {trace_id}", look)


@pytest.fixture(scope="session")
def api(base_url: str, api_key: str) -> Api:
    return Api(base_url, api_key)


class Gateway:
    """Makes providers and models there. The simulator runs a second time under an address of its own: to the gateway it is a
    provider like any other."""

    def __init__(self, base_url: str, key: str, simulator: str) -> None:
        self.http = httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {key}"}, timeout=20)
        self.base_url, self.simulator = base_url, simulator
        self.providers: dict[str, str] = {}
        self.models: set[str] = set()

    def made(self, path: str, body: dict) -> dict:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def provider(self, kind: str, base_path: str = "/v1") -> str:
        """The id of a provider of this kind."""
        return self.provider_at(kind, self.simulator + base_path, f"sdk {kind}")

    def provider_at(self, kind: str, address: str, name: str | None = None) -> str:
        named = name or f"scripted {kind}"
        if named not in self.providers:
            body = {"name": named, "kind": kind, "base_url": address, "price_provider": "simulator"}
            self.providers[named] = self.made("/api/providers", body)["id"]
        return self.providers[named]

    def model(self, kind: str, model: str, base_path: str = "/v1", operation: str = "chat", **more) -> str:
        """The name of a simulated model at a provider of this kind."""
        target = {"provider_id": self.provider(kind, base_path), "upstream_model": model}
        return self.served(f"{kind}/{model}", [target], operations=[operation], **more)

    def pair(self, name: str, *targets: tuple[str, str], **more) -> str:
        """A model at several kinds of providers, asked in this order."""
        made = [
            {"provider_id": self.provider(kind), "upstream_model": model, "priority": at}
            for at, (kind, model) in enumerate(targets)
        ]
        return self.served(name, made, operations=["chat"], **more)

    def served(self, name: str, targets: list[dict], **more) -> str:
        if name not in self.models:
            self.made("/api/models", {"model": name, "max_attempts": 1, "targets": targets} | more)
            self.models.add(name)
            # The gateway hears of a new model a moment later.
            self.eventually(lambda: name in {one["id"] for one in self.http.get("/v1/models").json()["data"]}, name)
        return name

    def passthrough(self, kind: str, base_path: str) -> str:
        """The address below which a provider's own API is reached."""
        self.provider(kind, base_path)
        address = f"{self.base_url}/passthrough/sdk%20{kind}"
        self.eventually(lambda: "no usable provider" not in self.http.get(f"{address}/nothing").text, address)
        return address

    def eventually(self, look, what: str) -> None:
        deadline = time.monotonic() + 20
        while not look():
            assert time.monotonic() < deadline, f"{what} is not served"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def gateway(base_url: str, api_key: str) -> Gateway:
    return Gateway(base_url, api_key, required("AOP_TEST_SIMULATOR_URL"))


@pytest.fixture(scope="session")
def model_at(gateway: Gateway):
    """`model_at(kind, model)`: the name of a simulated model at a provider of this kind, which the gateway takes for a real
    one."""
    return gateway.model


@pytest.fixture
def openai_client(base_url: str, api_key: str, trace_id: str) -> OpenAI:
    headers = {"x-aop-trace-id": trace_id, "x-aop-agent": "Tester"}
    return OpenAI(base_url=f"{base_url}/v1", api_key=api_key, default_headers=headers, max_retries=0)


@pytest.fixture
def anthropic_client(base_url: str, api_key: str, trace_id: str) -> Anthropic:
    headers = {"x-aop-trace-id": trace_id, "x-aop-agent": "Tester"}
    return Anthropic(base_url=base_url, api_key=api_key, default_headers=headers, max_retries=0)


class Scripted:
    """A provider that says what a test wants it to, in its own wire, and keeps what it was asked."""

    PATHS = {"gemini": "/v1beta", "cohere": "/v2"}

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.answers: dict[str, tuple[str, bytes]] = {}
        self.asked: dict[str, dict] = {}
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                name = next(name for name in scripted.answers if name in (body.get("model") or self.path))
                scripted.asked[name] = body
                kind, answer = scripted.answers[name]
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def says(self, kind: str, answer: dict | list[dict]) -> str:
        """The name of a model at a provider of this kind, which gives this answer: whole, or as these events."""
        name = f"scripted-{uuid.uuid4().hex[:12]}"
        if isinstance(answer, dict):
            self.answers[name] = ("application/json", json.dumps(answer).encode())
        else:
            named = [f"event: {event['type']}\n" if "type" in event else "" for event in answer]
            events = "".join(f"{line}data: {json.dumps(event)}\n\n" for line, event in zip(named, answer, strict=True))
            self.answers[name] = ("text/event-stream", events.encode())
        provider = self.gateway.provider_at(kind, self.url() + self.PATHS.get(kind, "/v1"))
        target = {"provider_id": provider, "upstream_model": name}
        return self.gateway.served(name, [target], operations=["chat", "embedding"])

    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="session")
def scripted(gateway: Gateway):
    scripted = Scripted(gateway)
    yield scripted
    scripted.server.shutdown()


@pytest.fixture
def metered(api: Api, base_url: str, api_key: str, trace_id: str):
    """`metered(...)`: the one call of this test as it is stored, once what must be known of every call is checked. `tokens`:
    what the client was told of input and output, if it was."""

    def metered(model: str, tokens: tuple[int, int] | None, operation: str = "passthrough", stream: bool = False) -> dict:
        [call] = api.calls_of(trace_id, 1)
        assert (call["operation"], call["status"], call["agent"]) == (operation, "ok", "Tester")
        assert (call["requested_model"], call["stream"]) == (model, stream)
        detail = api.get(f"/api/calls/{call['call_id']}")
        usage = detail["usage"]
        counted = tuple(sum(usage[name] for name in usage if name.startswith(side)) for side in ("in_", "out_"))
        assert detail["usage_source"] == "provider" and counted == (tokens or counted) and counted[0] > 0
        assert float(call["cost"]) > 0
        told = httpx.get(f"{base_url}/v1/calls/{call['call_id']}", headers={"authorization": f"Bearer {api_key}"})
        assert float(told.json()["cost"]) == float(call["cost"])
        return detail

    return metered
