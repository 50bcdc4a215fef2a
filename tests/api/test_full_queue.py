"""Where too much waits to be written, all that would write is refused from its head, in its dialect's words."""

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import pytest

from sojourn.core.intent import Intent, Verdict
from sojourn.core.recorder import Recorder
from sojourn.web import pause
from tests.api.activity_v2.care_desk import SESSIONS, opened, path
from tests.stage import Persona, Stage, staged

NATIVE = "/api/v1/sessions"
JSON = {"Content-Type": "application/json"}

WRITES = {
    "create-an-activity-session": ("POST", SESSIONS),
    "record-a-session": ("POST", path(1, "/activities")),
    "add-information-on-the-session-activity": ("PUT", path(1)),
    "patch-information-on-the-session-activity": ("PATCH", path(1)),
    "end-session": ("POST", path(1, "/endSession")),
    "open-session": ("POST", NATIVE),
    "record-activities": ("POST", f"{NATIVE}/1/activities"),
    "add-remarks": ("POST", f"{NATIVE}/1/remarks"),
    "keep-session-alive": ("POST", f"{NATIVE}/1/heartbeat"),
    "finish-session": ("POST", f"{NATIVE}/1/end"),
    "delete-session": ("DELETE", f"{NATIVE}/1"),
    "deliver-visits": ("POST", "/api/v1/visits"),
    "delete-visit": ("DELETE", "/api/v1/visits/1:2:3"),
    "register-agent": ("PUT", "/api/v1/agents/0197e2c8-3b1f-4c5e-8a6d-2b9f0c1d2e3f"),
}
"""Each by its operation, as the log and the metrics call it."""


@pytest.fixture
def let(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is written before this event."""
    event = threading.Event()
    write = Recorder.write

    def wait(recorder: Recorder, intents: Sequence[Intent]) -> Sequence[Verdict | Exception]:
        event.wait(60)
        return write(recorder, intents)

    monkeypatch.setattr(Recorder, "write", wait)
    yield event
    event.set()


@pytest.fixture
def full(sqlite_url: str, let: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose queue is full, with a session in it."""
    monkeypatch.setattr(pause, "SECONDS", 0.01)
    with staged(sqlite_url, queue=1) as stage:
        let.set()
        opened(stage.recorder)
        let.clear()
        sent = {"json": {"userId": 7, "module": "CARE_DESK"}, "headers": stage.recorder.headers}
        waiting = []
        while not queue(stage.owner)["waiting"]:  # what the writer has in hand does not wait
            waiting.append(stage.start("POST", SESSIONS, **sent))
        yield stage
        let.set()
        assert {answer.result().status_code for answer in waiting} == {200}


def queue(who: Persona) -> dict[str, int]:
    return dict(who.get("/api/v1/system").json()["queue"])


def ask(who: Persona, method: str, at: str) -> tuple[httpx.Response, bool]:
    """The answer to a request with a body, and whether that was read."""
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b"{}"

    answer = who.request(method, at, content=body(), headers=JSON)
    return answer, read


@pytest.mark.parametrize("operation", WRITES)
def test_it_is_refused_before_its_body_is_read(operation: str, full: Stage) -> None:
    before = full.dump()
    answer, read = ask(full.owner, *WRITES[operation])
    assert (answer.status_code, answer.headers["retry-after"], read) == (503, "1", False)
    told: dict[str, Any] = answer.json()
    if operation in list(WRITES)[:5]:
        message = "Too many requests are waiting to be written"
        assert told == {"warnings": [], "errors": [{"status": False, "code": 4012, "message": message}]}
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["type"] == "urn:sojourn:error:busy"
    assert full.dump() == before
    assert f'operation="{operation}",status="503"' in full.nobody.get("/metrics").text


@pytest.mark.parametrize("operation", WRITES)
def test_who_may_not_write_hears_the_same_as_ever(operation: str, full: Stage) -> None:
    assert ask(full.nobody, *WRITES[operation])[0].status_code == 401
    assert ask(full.outsider, *WRITES[operation])[0].status_code == 403


def test_reading_goes_on(full: Stage) -> None:
    assert full.reader.get(SESSIONS).status_code == 200
    assert full.reader.get(f"{NATIVE}/1").status_code == 200


def test_an_import_waits_and_is_not_refused(full: Stage, let: threading.Event) -> None:
    headers = {**full.recorder.headers, "Content-Type": "application/x-ndjson"}
    imported = full.start("POST", "/api/v1/import", content=b'{"login":"anna"}\n' * 600, headers=headers)
    assert queue(full.owner)["waiting"] > 0
    let.set()
    assert imported.result().text.count('"status":201') == 600
