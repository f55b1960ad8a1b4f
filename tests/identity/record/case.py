"""How a scenario file names its cases and how one is run: `python -m scenarios.plain [case ...]`."""

import asyncio
import importlib.metadata
import inspect
import os
import sys
from pathlib import Path

from . import truth
from .server import Recorder

CAPTURES = Path(__file__).resolve().parent.parent / "captures"
KEY = "sk-corpus-0123456789abcdef"

# Frameworks that report home must not: nothing here has anywhere to report to.
QUIET = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "OTEL_SDK_DISABLED": "true",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "AGNO_TELEMETRY": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "CREWAI_DISABLE_TRACKING": "true",
    "DO_NOT_TRACK": "1",
}

_cases: list[tuple[str, str, object]] = []


def case(name: str, split: str):
    """A case of the corpus: its folder's name, and which part it belongs to (`seen`, `unseen` or `fresh`)."""
    assert split in ("seen", "unseen", "fresh"), split

    def register(function):
        _cases.append((name, split, function))
        return function

    return register


def main(prefix: str, package: str | None, framework: str | None = None) -> None:
    """Records the cases of the file that was started into folders named `<prefix>_<case>`."""
    framework = framework or prefix
    wanted = sys.argv[1:]
    version = importlib.metadata.version(package) if package else None
    failed = []
    for name, split, function in _cases:
        # Scenarios import each other's parts: only the cases of the file that was started are recorded.
        if function.__module__ != "__main__" or (wanted and name not in wanted):
            continue
        recorder = Recorder(CAPTURES / split / f"{prefix}_{name}", {"framework": framework, "version": version})
        os.environ["OPENAI_BASE_URL"] = os.environ["OPENAI_API_BASE"] = recorder.url + "/v1"
        os.environ["ANTHROPIC_BASE_URL"] = recorder.url
        os.environ["GOOGLE_GEMINI_BASE_URL"] = recorder.url
        os.environ["OPENAI_API_KEY"] = os.environ["ANTHROPIC_API_KEY"] = os.environ["GOOGLE_API_KEY"] = KEY
        try:
            result = function(recorder)
            if inspect.iscoroutine(result):
                asyncio.run(result)
            recorder.close()
        except (Exception, SystemExit) as problem:
            import traceback

            if not isinstance(problem, SystemExit):
                traceback.print_exc()
            failed.append(f"{name}: {problem}")
    # Frameworks leave threads behind that wait for work.
    print("failed:", failed) if failed else None
    sys.stdout.flush()
    os._exit(1 if failed else 0)


def prepare() -> None:
    os.environ.update(QUIET)
    truth.install()
