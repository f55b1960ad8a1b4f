"""The parts run apart, as compose.yaml puts them together: each a process of its own, on engines that something else runs (C8, O2).

No container engine is needed: what compose.yaml says of each part (its command, its settings, what it waits for) is done here with
processes. Runs under `aop engines`, which brings Postgres and ClickHouse; a second front door stands beside the first.
"""

import os
import re
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
import yaml
from conftest import Api, required
from openai import OpenAI

COMPOSE = Path(__file__).parents[2] / "compose.yaml"
KEY = "aop-test-key-with-every-permission-000002"
GIVEN = {
    "AOP_MASTER_KEY": secrets.token_hex(32),
    "POSTGRES_PASSWORD": "of-the-engine",
    "CLICKHOUSE_PASSWORD": "of-the-engine",
    "AOP_ADMIN_EMAIL": "admin@example.com",
    "AOP_ADMIN_PASSWORD": "correct-horse-battery",
    "AOP_BOOTSTRAP_KEY": KEY,
}
"""What an operator sets before `docker compose up`."""

ENGINES = ["DATABASE_URL", "AOP_CLICKHOUSE_URL", "AOP_CLICKHOUSE_USER", "AOP_CLICKHOUSE_PASSWORD"]
"""Settings that say where the containers of the engines are: here they are elsewhere."""


def parts() -> dict[str, dict]:
    """The services of compose.yaml that are made of our own image."""
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    return {name: service for name, service in services.items() if "build" in service}


def filled(text: str) -> str:
    """`${NAME}`, `${NAME:-default}` and `${NAME:?why}`, as compose fills them in."""

    def value(match: re.Match) -> str:
        name, operator, rest = match.group(1), match.group(2), match.group(3)
        if operator == ":?":
            assert name in GIVEN, f"{name} must be set and is not given here"
        return GIVEN.get(name, rest if operator == ":-" else "")

    return re.sub(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}", value, text)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Apart:
    """The installation: one process for each part, hosts and directories of the containers replaced by those of this machine."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.running: list[subprocess.Popen] = []
        self.parts = parts()
        listening = re.compile(r"^0\.0\.0\.0:(\d+)$")
        self.ports = {
            (name, int(match.group(1))): free_port()
            for name, service in self.parts.items()
            for setting in service["environment"].values()
            if (match := listening.match(str(setting)))
        }

    def settings(self, name: str, node: str) -> dict[str, str]:
        made = {}
        for setting, value in self.parts[name]["environment"].items():
            value = filled(str(value))
            for (part, port), here in self.ports.items():
                value = value.replace(f"http://{part}:{port}", f"http://127.0.0.1:{here}")
                if part == name and value == f"0.0.0.0:{port}":
                    value = f"127.0.0.1:{here}"
            made[setting] = value.replace("/var/lib/aop/data", str(self.work / node))
        return made | {engine: os.environ[engine] for engine in ENGINES} | {"AOP_NODE": node}

    def start(self, name: str, node: str | None = None, **other: str) -> subprocess.Popen:
        node = node or name
        (self.work / node).mkdir(mode=0o700)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AOP_") and name != "DATABASE_URL"}
        environment = kept | self.settings(name, node) | other
        log = (self.work / f"{node}.log").open("w")
        command = [required("AOP_TEST_BINARY"), *self.parts[name]["command"]]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def start_all(self) -> None:
        """Each part once what it waits for is there."""
        started: set[str] = {"postgres", "clickhouse"}
        while waiting := [name for name in self.parts if name not in started]:
            able = [name for name in waiting if set(self.parts[name].get("depends_on", {})) <= started]
            assert able, f"{waiting} wait for each other"
            for name in able:
                process = self.start(name)
                if self.parts[name].get("restart") == "no":
                    assert process.wait(60) == 0, (self.work / f"{name}.log").read_text()
                started.add(name)

    def address(self, name: str) -> str:
        [port] = [here for (part, _), here in self.ports.items() if part == name]
        return f"http://127.0.0.1:{port}"

    def ready(self, address: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            gone = [process.args for process in self.running if process.poll() not in (None, 0)]
            assert not gone, f"{gone} ended"
            time.sleep(0.1)
        pytest.fail(f"{address} did not become ready:\n" + "\n".join(log.read_text() for log in self.work.glob("*.log")))

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(60)


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    installation = Apart(tmp_path_factory.mktemp("apart"))
    try:
        installation.start_all()
        installation.ready(installation.address("proxy"))
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def second(apart) -> str:
    """Another front door: its own directory, name and port, and nothing else of its own."""
    port = free_port()
    apart.start("proxy", node="proxy-2", AOP_LISTEN=f"127.0.0.1:{port}")
    apart.ready(f"http://127.0.0.1:{port}")
    return f"http://127.0.0.1:{port}"


def ask(address: str, trace: str) -> None:
    client = OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
    answer = client.chat.completions.create(
        model="sim-fast", messages=[{"role": "user", "content": "Hello"}], extra_headers={"x-aop-trace-id": trace}
    )
    assert answer.choices[0].message.content


def test_calls_through_either_front_door_are_in_one_ledger(apart, second, trace_id):
    for address in (apart.address("proxy"), second):
        ask(address, trace_id)
    api = Api(second, KEY)
    calls = api.calls_of(trace_id, 2)
    assert {api.get(f"/api/calls/{call['call_id']}")["node"] for call in calls} == {"proxy", "proxy-2"}


def test_the_web_interface_and_a_run_of_the_demo_crew_come_from_other_processes(apart):
    address = apart.address("proxy")
    assert "<title>" in httpx.get(address).text
    api = Api(address, KEY)
    [crew] = [crew for crew in api.get("/api/crews")["items"] if crew["name"] == "Demo crew"]
    started = api.http.post(f"/api/crews/{crew['id']}/run", json={})
    assert started.status_code in (200, 201, 202), started.text
    ended = api.eventually(
        "the end of the run",
        lambda: next((run for run in api.get("/api/executions")["items"] if run["status"] in ("completed", "failed")), None),
        within_s=60,
    )
    assert ended["status"] == "completed"


def test_every_setting_and_command_in_compose_is_one_that_the_program_knows():
    known = subprocess.run([required("AOP_TEST_BINARY"), "settings"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^(\w+) ", known, re.MULTILINE))
    for name, service in parts().items():
        assert set(service["environment"]) <= known, name
        [command] = service["command"]
        assert subprocess.run([required("AOP_TEST_BINARY"), command, "--help"], capture_output=True).returncode == 0


def test_a_list_that_nobody_reads_to_its_end_is_no_failure():
    program = f"'{required('AOP_TEST_BINARY')}' settings | true; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
