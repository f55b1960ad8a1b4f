"""Scripted model answers, one list for each agent of a run.

A scenario says for every agent what its model answers, in order: `{"Triage": [call("transfer_to_orders"), ...]}`.
A list is used up call by call; its last entry is used again when it is empty and `again` says so.
"""

import threading
from dataclasses import dataclass, field


@dataclass
class Reply:
    """One answer: text, tool calls, or an error status."""

    text: str = ""
    calls: list[tuple[str, dict]] = field(default_factory=list)
    status: int = 200
    handoff_to: str | list[str] | None = None
    """Who gets the work by this answer: the truth about the script, written to the labels and never to the wire."""
    delay_s: float | None = None
    again: bool = False


def text(content: str, **more) -> Reply:
    return Reply(text=content, **more)


def call(name: str, arguments: dict | None = None, *, to: str | None = None, **more) -> Reply:
    return Reply(calls=[(name, arguments or {})], handoff_to=to, **more)


def calls(*pairs: tuple[str, dict], to: str | list[str] | None = None, **more) -> Reply:
    return Reply(calls=list(pairs), handoff_to=to, **more)


def error(status: int, **more) -> Reply:
    return Reply(text="Rate limit reached for requests" if status == 429 else "The server had an error", status=status, **more)


class Script:
    """The answers of all runs. Each run has its own copy, so runs do not take each other's turns."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], list] = {}
        self._lock = threading.Lock()
        self.missed: list[str] = []

    def add(self, run: str, answers: dict[str, list]) -> None:
        with self._lock:
            for agent, replies in answers.items():
                self._answers[(run, agent)] = list(replies)

    def next(self, run: str, agent: str, body: dict) -> Reply:
        with self._lock:
            left = self._answers.get((run, agent))
            if not left:
                self.missed.append(f"{run}/{agent}")
                return text("Done.")
            reply = left[0]
            if not getattr(reply, "again", False):
                left.pop(0)
        return reply(body) if callable(reply) else reply

    def unused(self) -> list[str]:
        with self._lock:
            return [
                f"{run}/{agent}: {len(left)}"
                for (run, agent), left in self._answers.items()
                if any(not getattr(reply, "again", False) for reply in left)
            ]
