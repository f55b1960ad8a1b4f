"""Dockerfile and compose.yaml, as far as they can be checked without a container engine: what they copy, name and set exists (O2).

What compose.yaml starts is run as processes by `test_parts_apart.py`.
"""

import fnmatch
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import required

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in SERVICES["services"].items() if "build" in service}


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile, each on one line."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(line.split(None, 1)[0], re.sub(r"\s+", " ", line.split(None, 1)[1])) for line in lines]


def settings() -> dict[str, set[str]]:
    """Each setting there is, and the parts that use it."""
    rows = re.findall(r"^\| `(\w+)` \| .*? \| ([a-z, ]+) \| ", (ROOT / "docs/configuration.md").read_text(), re.M)
    assert len(rows) > 40, "the table of settings was not found"
    return {name: set(parts.split(", ")) for name, parts in rows}


def is_left_out(path: str) -> bool:
    """By .dockerignore, with its two kinds of patterns that are in use."""
    patterns = (ROOT / ".dockerignore").read_text().split()
    return any(path == one or path.startswith(f"{one}/") or fnmatch.fnmatch(f"/{path}", f"*/{one.removeprefix('**/')}") for one in patterns)


def test_what_is_copied_is_there_or_was_made_by_a_stage_before() -> None:
    stages: list[str] = []
    copied = 0
    for instruction, rest in instructions():
        if instruction == "FROM":
            image, *name = rest.split(" AS ")
            assert ":" in image, f"{image} has no version"
            stages += name
        if instruction != "COPY":
            continue
        copied += 1
        *sources, _ = [word for word in rest.split() if not word.startswith("--")]
        origin = re.search(r"--from=(\w+)", rest)
        if origin:
            assert origin[1] in stages, f"no stage {origin[1]} before: COPY {rest}"
            continue
        for source in sources:
            assert (ROOT / source).exists(), f"{source} is not there"
            assert not is_left_out(source), f"{source} is left out by .dockerignore"
    assert copied >= 4 and stages == ["ui", "build"]


def test_tools_are_of_the_version_that_the_repository_names() -> None:
    images = [rest for instruction, rest in instructions() if instruction == "FROM"]
    channel = re.search(r'channel = "([\d.]+)"', (ROOT / "rust-toolchain.toml").read_text())
    assert channel and any(image.startswith(f"rust:{channel[1]}-") for image in images), images
    debian = {re.search(r"bookworm|trixie", image)[0] for image in images if "node" not in image}
    assert len(debian) == 1, "the binary runs on another Debian than it was linked on"


def test_the_user_owns_what_it_writes_and_is_not_root() -> None:
    run = " ".join(rest for instruction, rest in instructions() if instruction == "RUN")
    user = [rest for instruction, rest in instructions() if instruction == "USER"][-1]
    assert user != "root" and re.search(rf"useradd .*\b{user}\b", run)
    volume = next(rest for instruction, rest in instructions() if instruction == "VOLUME")
    assert f"install -d -m 0700 -o {user} -g {user} {volume}" in run
    made = dict(pair.split("=", 1) for instruction, rest in instructions() if instruction == "ENV" for pair in rest.split())
    assert all(Path(made[name]).is_relative_to(volume) for name in ("AOP_DATA_DIR", "AOP_SPOOL_DIR"))
    assert set(made) <= set(settings())
    for name, service in OURS.items():
        for mounted in service.get("volumes", []):
            assert mounted.split(":")[1] == volume, f"{name} writes where its user may not"


def test_every_part_is_a_command_and_is_given_only_settings_that_it_reads() -> None:
    told = subprocess.run([required("AOP_TEST_BINARY"), "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z-]+) ", told, re.M))
    known = settings()
    common = set(SERVICES["x-aop"]["environment"])
    for name, service in OURS.items():
        (command,) = service["command"]
        assert command in commands, f"{name} runs {command}, which is none of {commands}"
        for setting in service["environment"]:
            assert setting in known, f"{name}: there is no {setting}"
            is_read = known[setting] & {command, "all"}
            assert is_read or setting in common, f"{name}: {setting} is not read by aop {command}"
    for setting in common:
        assert any(known[setting] & {service["command"][0], "all"} for service in OURS.values()), f"nobody reads {setting}"


def test_parts_wait_for_what_there_is_and_reach_each_other() -> None:
    services = SERVICES["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other]
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
        for mounted in service.get("volumes", []):
            assert mounted.split(":")[0] in SERVICES["volumes"]
    listening = {
        (name, match[1])
        for name, service in OURS.items()
        for value in service["environment"].values()
        if (match := re.fullmatch(r"0\.0\.0\.0:(\d+)", str(value)))
    }
    asked = re.compile(r"(?:http|postgres)://(?:[^@/]*@)?([a-z]+):(\d+)")
    engines = {("postgres", "5432"), ("clickhouse", "8123")}
    for setting, value in SERVICES["x-aop"]["environment"].items():
        if (match := asked.match(re.sub(r"\$\{[^}]*\}", "x", str(value)))) and setting != "AOP_PUBLIC_URL":
            assert match.groups() in listening | engines, f"{setting}: nothing listens at {match.groups()}"
    published = {(name, port.split(":")[1]) for name, service in services.items() for port in service.get("ports", [])}
    assert published == {("proxy", "8080")} and published <= listening


@pytest.mark.parametrize("missing", ["AOP_MASTER_KEY", "POSTGRES_PASSWORD", "CLICKHOUSE_PASSWORD"])
def test_what_an_operator_must_set_is_asked_for_by_name(missing: str) -> None:
    given = " ".join(str(value) for value in SERVICES["x-aop"]["environment"].values())
    assert re.search(rf"\$\{{{missing}:\?[^}}]+\}}", given)
