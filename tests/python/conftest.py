"""Where the running installation is: the system test starts `aop up` and names it in the environment."""

import os
import time
import uuid

import httpx
import pytest


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


@pytest.fixture(scope="session")
def model_at(base_url: str, api_key: str):
    """`model_at(kind, model)`: the name of a simulated model at a provider of this kind, which the gateway takes for a real
    one: the simulator runs a second time under an address of its own."""
    simulator = required("AOP_TEST_SIMULATOR_URL")
    http = httpx.Client(base_url=base_url, headers={"authorization": f"Bearer {api_key}"}, timeout=20)
    providers: dict[str, str] = {}
    models: set[str] = set()

    def made(path: str, body: dict) -> dict:
        answer = http.post(path, json=body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def model_at(kind: str, model: str) -> str:
        if kind not in providers:
            body = {"name": f"sdk {kind}", "kind": kind, "base_url": f"{simulator}/v1", "price_provider": "simulator"}
            providers[kind] = made("/api/providers", body)["id"]
        name = f"{kind}/{model}"
        if name not in models:
            targets = [{"provider_id": providers[kind], "upstream_model": model}]
            made("/api/models", {"model": name, "operations": ["chat"], "max_attempts": 1, "targets": targets})
            models.add(name)
            wait_until_served(name)
        return name

    def wait_until_served(name: str) -> None:
        # The gateway hears of a new model a moment later.
        deadline = time.monotonic() + 20
        while name not in {one["id"] for one in http.get("/v1/models").json()["data"]}:
            assert time.monotonic() < deadline, f"{name} is not served"
            time.sleep(0.05)

    return model_at
