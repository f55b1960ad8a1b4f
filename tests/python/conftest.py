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
