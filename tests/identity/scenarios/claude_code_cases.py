"""Claude Code, the program from npm, in print mode: one agent that works with files, subagents that it starts with its Task tool, a session that goes on.

Two versions: the last one that is a script, and a newer one, whose tool for subagents is called `Agent`. Truth: each role is configured with a model of its own, and
each session with a header of its own that the recorder takes off. The program's own long prompt and most of its tools are replaced by its own options, and it does not
warm up its built-in agents: their prompts are not ours to keep.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

MAIN = "claude-sonnet-4-5"
MODELS = {"opus": "claude-opus-4-5", "haiku": "claude-haiku-4-5"}
PROMPT = "You are Quay Office. You look after the books of a quay and send readers to look things up in its files."


def owners(recorder, readers: dict) -> None:
    """Who asks which model, as configured below."""
    known = {MAIN: "Quay Office", **{MODELS[alias]: name for name, (alias, _) in readers.items()}}

    recorder.told = lambda body: {"agent": known[body["model"]]}


def session(run: str, words: list[str], readers: dict, newer=False) -> None:
    """One session: each entry of `words` is a question; the later ones go on with it."""
    node, home = Path(os.environ["CORPUS_NODE_DIR"]), Path(os.environ["HOME"]) / run
    # No path of this machine may stand in the prompts.
    folder = Path("/srv/quay-books")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    (folder / "ships.txt").write_text("Fulmar, berth 4, 312 crates\nKittiwake, berth 2, 87 crates\n")
    (folder / "dues.txt").write_text("Dues are 14 crowns a crate, paid at noon.\n")
    agents = {name: {"description": f"Looks up {topic}", "prompt": f"You look up {topic} in files and answer in one line.", "tools": ["Read"], "model": model} for name, (model, topic) in readers.items()}
    env = {
        **os.environ,
        "HOME": str(home),
        "ANTHROPIC_CUSTOM_HEADERS": f"{truth.HEADER}: {truth.written({'run': run})}",
        "ANTHROPIC_DEFAULT_SONNET_MODEL": MAIN,
        "ANTHROPIC_DEFAULT_OPUS_MODEL": MODELS["opus"],
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": MODELS["haiku"],
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        # No warming.
        "CLAUDE_CODE_REMOTE": "true",
        "DISABLE_AUTOUPDATER": "1",
    }
    if newer:
        program, tools = [str(node / "node_modules/claude-code-newer/bin/claude.exe")], "Agent,Read"
    else:
        program, tools = ["node", str(node / "node_modules/claude-code/cli.js")], "Task,Read"
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, run))
    for turn, question in enumerate(words):
        which = ["--resume", number] if turn else ["--session-id", number]
        options = ["--model", MAIN, "--system-prompt", PROMPT, "--tools", tools, "--allowedTools", tools, "--agents", json.dumps(agents), "--output-format", "json"]
        done = subprocess.run([*program, "-p", question, *which, *options], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
            raise SystemExit(f"session {run} failed")


def read(name: str):
    return call("Read", {"file_path": f"/srv/quay-books/{name}"})


def asks(reader: str, words: str, tool="Task"):
    return (tool, {"description": "Look it up", "prompt": words, "subagent_type": reader})


@case("errand", "seen")
def errand(recorder):
    """A file read by itself, one reader sent, and a second question in the same session."""
    readers = {"ship-reader": ("opus", "ships")}
    owners(recorder, readers)
    prose = Prose("errand")
    recorder.script.add("r1", {
        "Quay Office": [read("dues.txt"), calls(asks("ship-reader", "Which berth has the Fulmar, and how many crates are on it?"), to="ship-reader"), text(prose.about("the Fulmar")), text(prose.about("the dues"))],
        "ship-reader": [read("ships.txt"), text("The Fulmar lies at berth 4 with 312 crates.")],
    })
    session("r1", ["What does the Fulmar owe?", "And when does it pay?"], readers)
    shutil.rmtree("/srv/quay-books")


@case("newer_errand", "seen")
def newer_errand(recorder):
    """The same by the newer version, in two sessions at once."""
    readers = {"crane-reader": ("opus", "cranes")}
    owners(recorder, readers)
    runs = ("r1", "r2")
    for run in runs:
        prose = Prose("newer" + run)
        recorder.script.add(run, {
            "Quay Office": [read("dues.txt"), calls(asks("crane-reader", "How many crates has the Kittiwake for the crane?", "Agent"), to="crane-reader"), text(prose.about("the crane")), text(prose.about("the dues"))],
            "crane-reader": [read("ships.txt"), text(prose.about("the crates"))],
        })
    at_once(runs, ["Which crane does the Kittiwake need?", "And what does it cost?"], readers, newer=True)


def at_once(runs, words, readers, **more) -> None:
    threads = [threading.Thread(target=session, args=(run, words, readers), kwargs=more) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shutil.rmtree("/srv/quay-books")


@case("readers_at_once", "seen")
def readers_at_once(recorder):
    """Three sessions at once that ask the same; each sends two readers at once."""
    recorder.latency_s = (0.1, 0.4)
    readers = {"ship-reader": ("opus", "ships"), "dues-reader": ("haiku", "dues")}
    owners(recorder, readers)
    for run in ("r1", "r2", "r3"):
        prose = Prose("readers" + run)
        recorder.script.add(run, {
                "Quay Office": [calls(asks("ship-reader", "How many crates are on the Kittiwake?"), asks("dues-reader", "What are the dues for a crate?"), to=["ship-reader", "dues-reader"]), text(prose.about("the Kittiwake"))],
            "ship-reader": [read("ships.txt"), text(prose.about("the crates"))],
            "dues-reader": [read("dues.txt"), text(prose.about("the dues"))],
        })
    at_once(("r1", "r2", "r3"), ["What does the Kittiwake owe?"], readers)


if __name__ == "__main__":
    cases.QUIET.clear()
    cases.main("claude_code", None, "claude_code")
