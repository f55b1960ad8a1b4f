"""Who really makes a call, told from inside the process.

A framework's own hook (or a model object that belongs to one agent) sets the agent; the run is set around the work.
Both live in context variables. The HTTP client adds them as one header to the request on its way out; the recorder takes
that header off again before anything is written, so that it is in no capture.
"""

import contextlib
import contextvars
import functools
import json
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

HEADER = "x-corpus-truth"
# What calls end in that are no turn of an agent.
EMBEDDINGS = ("/embeddings", ":embedContent", ":batchEmbedContents")
COUNTS = ("/count_tokens", ":countTokens")

_run: contextvars.ContextVar[str] = contextvars.ContextVar("run", default="r1")
_who: contextvars.ContextVar[dict] = contextvars.ContextVar("who", default={})


@contextlib.contextmanager
def run(name: str):
    token = _run.set(name)
    try:
        yield name
    finally:
        _run.reset(token)


def current_run() -> str:
    return _run.get()


@contextlib.contextmanager
def agent(name: str, **more):
    """Calls made inside are this agent's. `more`: session, kind, on_behalf_of."""
    token = _who.set({"agent": name, **more})
    try:
        yield
    finally:
        _who.reset(token)


def set_agent(name: str, **more) -> None:
    """For hooks that are told when an agent starts but wrap nothing."""
    _who.set({"agent": name, **more})


def current() -> dict:
    return dict(_who.get())


def labelled(function, name: str, **more):
    """The same function, sync or async, with its calls labelled."""
    import inspect

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped(*args, **kwargs):
            with agent(name, **more):
                return await function(*args, **kwargs)

    else:

        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with agent(name, **more):
                return function(*args, **kwargs)

    return wrapped


def header_value(path: str) -> str:
    label = {"run": _run.get(), **_who.get()}
    if path.endswith(EMBEDDINGS):
        label = {"agent": "<memory:embed>", "run": label["run"], "kind": "embedding"}
    elif path.endswith(COUNTS):
        label = {"agent": "<count_tokens>", "run": label["run"], "kind": "count_tokens", "on_behalf_of": label.get("agent")}
    return written(label)


def written(label: dict) -> str:
    return urllib.parse.quote(json.dumps(label))


def _stamp_client(library) -> None:
    def stamp(request):
        if request.url.host == "127.0.0.1":
            request.headers[HEADER] = header_value(request.url.path)

    send, asend = library.Client.send, library.AsyncClient.send

    @functools.wraps(send)
    def sync_send(self, request, **kwargs):
        stamp(request)
        return send(self, request, **kwargs)

    @functools.wraps(asend)
    async def async_send(self, request, **kwargs):
        stamp(request)
        return await asend(self, request, **kwargs)

    library.Client.send, library.AsyncClient.send = sync_send, async_send


@functools.cache
def install() -> None:
    """Stamps what httpx (or its successor) sends, and lets threads inherit the context of who started them. Once."""
    import importlib

    for client in ("httpx", "httpx2"):
        try:
            _stamp_client(importlib.import_module(client))
        except ModuleNotFoundError as problem:
            if problem.name != client:
                raise

    submit, start = ThreadPoolExecutor.submit, threading.Thread.start

    def submit_with_context(self, function, /, *args, **kwargs):
        return submit(self, contextvars.copy_context().run, function, *args, **kwargs)

    def start_with_context(self):
        context, work = contextvars.copy_context(), self.run
        self.run = lambda: context.run(work)
        return start(self)

    ThreadPoolExecutor.submit, threading.Thread.start = submit_with_context, start_with_context
