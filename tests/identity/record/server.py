"""The recording upstream: answers from a script and writes what arrived, in the capture format of the README."""

import json
import platform
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from . import dialects, truth
from .script import Reply, Script

LATENCY_S = (0.02, 0.12)
# Some programs tell what they run on.
THIS_KERNEL, ANY_KERNEL = platform.release().encode(), b"6.8.0"


class Recorder:
    """One folder of captures being made."""

    def __init__(self, folder: Path, about: dict) -> None:
        self.folder = folder
        self.about = about
        self.script = Script()
        self.latency_s = LATENCY_S
        # What a program's own configuration says of who makes a call, where no hook in it can.
        self.told = lambda body: {}
        self.ids = dialects.Ids(folder.name)
        self._labels: list[dict] = []
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        recorder = self

        class Handler(_Handler):
            pass

        Handler.recorder = recorder
        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def arrival(self) -> tuple[int, float]:
        with self._lock:
            self._labels.append({})
            return len(self._labels) - 1, round(time.time(), 6)

    def label(self, seq: int, label: dict) -> None:
        with self._lock:
            self._labels[seq] = label

    def close(self) -> None:
        """Writes the labels; a script that was not followed to its end is an error, as the capture is not what it says."""
        self._server.shutdown()
        unused, missed = self.script.unused(), self.script.missed
        calls = [{"seq": seq, **label} for seq, label in enumerate(self._labels)]
        (self.folder / "labels.json").write_text(json.dumps({**self.about, "calls": calls}, ensure_ascii=False, indent=1) + "\n")
        bare = [call["seq"] for call in calls if "agent" not in call]
        if unused or missed or bare:
            raise SystemExit(f"{self.folder.name}: answers not used {unused}; answers missing for {missed}; calls nobody is known for {bare}")
        agents = sorted({call["agent"] for call in calls})
        print(f"{self.folder.name}: {len(calls)} calls, {len({call.get('run') for call in calls})} runs, agents {agents}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder
    disable_nagle_algorithm = True

    def log_message(self, *_args) -> None:
        return

    def do_HEAD(self) -> None:
        self._send(404, "application/json", b"")

    def do_GET(self) -> None:
        self._send(404, "application/json", b'{"error":{"message":"not here"}}')

    def do_POST(self) -> None:
        recorder = self.recorder
        seq, ts = recorder.arrival()
        raw = self._body()
        pairs = [[name, value] for name, value in self.headers.items() if name.lower() != truth.HEADER]
        label = json.loads(urllib.parse.unquote(self.headers.get(truth.HEADER, "%7B%7D")))
        path = self.path.split("?")[0]
        body = json.loads(raw)
        label.update(recorder.told(body))
        if path.endswith(truth.EMBEDDINGS + truth.COUNTS):
            reply = Reply()
        else:
            reply = recorder.script.next(label.get("run", ""), label.get("agent", ""), body)
        if reply.handoff_to:
            label["handoff_to"] = reply.handoff_to
        if int(self.headers.get("x-stainless-retry-count") or 0) > 0:
            label["kind"] = "retry"
        recorder.label(seq, {name: value for name, value in label.items() if value is not None})
        stem = recorder.folder / f"{seq:03}"
        stem.with_suffix(".body.json").write_bytes(raw.replace(THIS_KERNEL, ANY_KERNEL))
        status, content_type, answer = dialects.answer(path, body, reply, recorder.ids)
        time.sleep(reply.delay_s if reply.delay_s is not None else recorder.ids.between(*recorder.latency_s))
        # A gateway takes an answer in before its last bytes leave.
        about = {"seq": seq, "ts": ts, "ended": round(time.time(), 6), "method": self.command, "path": self.path, "client": self.client_address[1], "headers": pairs}
        stem.with_suffix(".headers.json").write_text(json.dumps(about, ensure_ascii=False) + "\n")
        stem.with_suffix(".response.sse" if "event-stream" in content_type else ".response.json").write_bytes(answer)
        self._send(status, content_type, answer)

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _send(self, status: int, content_type: str, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
