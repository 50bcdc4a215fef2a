"""A server for the agent's tests: speaks the native wire's writes on loopback, and breaks down as it is told to.

It keeps the promise that the agent builds on: what comes again under the same idempotency key with the same content is
stored once and answered as before; with another content it is refused.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "native-test-token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came; `document` is its body, unpacked and parsed."""

    method: str
    path: str
    key: str | None
    document: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said instead of the truth: before anything is stored, or (`stored`) after. Status 0 hangs up."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    detail: str = "told to"
    stored: bool = False


@dataclass(slots=True)
class NativeServer:
    """What was stored, and what came.

    `fail` is asked before each request, and may answer in its stead. The login `unwelcome` is refused, and with
    `break_off` an import is answered for its first line only.
    """

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    visits: list[dict[str, Any]] = field(default_factory=list)
    sessions: dict[int, dict[str, Any]] = field(default_factory=dict)
    heartbeats: list[int] = field(default_factory=list)
    fail: Callable[[Seen], Answer | None] = lambda _seen: None
    unwelcome: str | None = None
    break_off: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)
    _keys: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def answer(self, request: Seen) -> tuple[int, Any]:
        """Store, and tell status and document of the answer."""
        with self.lock:
            if request.method == "PUT" and request.path.startswith("/api/v1/agents/"):
                self.agents[request.path.rpartition("/")[2]] = request.document
                return 200, request.document
            if request.path == "/api/v1/visits":
                return self._once(request.key, request.document, lambda: self._visit(request.document))
            if request.path == "/api/v1/import":
                return 200, [self._line(number, line) for number, line in enumerate(request.document, 1)]
            _, _, _, noun, identity, verb = request.path.split("/")
            session = self.sessions.get(int(identity)) if noun == "sessions" else None
            if session is None:
                return 404, {"detail": "There is no such session"}
            if verb == "heartbeat":
                self.heartbeats.append(int(identity))
                return 200, {}
            return self._once(request.key, request.document, lambda: self._end(session, request.document))

    def _once(self, key: str | None, document: Any, store: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        fingerprint = json.dumps(document, sort_keys=True)
        if key is None:
            return store()
        if key not in self._keys:
            answer = store()
            if answer[0] < 300:
                self._keys[key] = (fingerprint, answer)
            return answer
        known, answer = self._keys[key]
        return answer if known == fingerprint else (409, {"detail": f"The key {key} was used for another request"})

    def _visit(self, document: dict[str, Any]) -> tuple[int, Any]:
        if not document.get("agentId"):
            return 400, {"detail": "no agent", "errors": [{"pointer": "/agentId", "detail": "is mandatory"}]}
        self.visits.append(document)
        return 201, {"id": len(self.visits)}

    def _line(self, number: int, line: dict[str, Any]) -> dict[str, Any]:
        status, document = self._once(line.get("key"), line, lambda: self._session(line))
        return {"line": number, "status": status} | (
            {"id": document["id"]} if "id" in document else {"error": document["detail"]}
        )

    def _session(self, line: dict[str, Any]) -> tuple[int, Any]:
        if line.get("login") in (None, "", self.unwelcome):
            return 422, {"detail": "login is not welcome"}
        identity = len(self.sessions) + 1
        self.sessions[identity] = line
        return 201, {"id": identity}

    def _end(self, session: dict[str, Any], document: dict[str, Any]) -> tuple[int, Any]:
        if "endedAt" in session:
            return 409, {"detail": "The session has ended"}
        session["endedAt"] = document["at"]
        session["remarks"] = document.get("remarks", [])
        return 200, {}


@contextmanager
def serving() -> Iterator[NativeServer]:
    """Run the server on a free port of loopback."""
    native = NativeServer()
    http = _Http(native)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    native.url = f"http://127.0.0.1:{http.server_port}"
    thread.start()
    try:
        yield native
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, native: NativeServer) -> None:
        self.native = native
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: agents that are killed in the middle of a request are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_POST(self) -> None:
        native = self.server.native
        request = self._request()
        with native.lock:
            native.seen.append(request)
        told = native.fail(request)
        if told is not None and not told.stored:
            self._tell(told)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401, json.dumps({"detail": "No valid credentials were given"}).encode(), {})
        else:
            status, document = native.answer(request)
            if told is not None:
                self._tell(told)
            elif isinstance(document, list):
                lines = "".join(json.dumps(line) + "\n" for line in document[: 1 if native.break_off else None])
                self._send(status, lines.encode(), {"Content-Type": "application/x-ndjson"})
            else:
                self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

    do_PUT = do_POST  # noqa: N815 - the name that http.server looks for

    def _request(self) -> Seen:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = (gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body).decode()
        ndjson = self.headers.get("Content-Type") == "application/x-ndjson"
        return Seen(
            method=self.command,
            path=self.path,
            key=self.headers.get("Idempotency-Key"),
            document=[json.loads(line) for line in text.splitlines()] if ndjson else json.loads(text or "null"),
            headers=dict(self.headers.items()),
        )

    def _tell(self, answer: Answer) -> None:
        if answer.status == 0:
            self.close_connection = True
            return
        document = {"type": "about:blank", "title": "Told", "status": answer.status, "detail": answer.detail}
        self._send(answer.status, json.dumps(document).encode(), answer.headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in ({"Date": self.date_time_string()} | headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the overridden one
        """Say nothing."""
