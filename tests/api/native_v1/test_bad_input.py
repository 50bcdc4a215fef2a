"""What no operation takes: each is refused before anything is stored, with a reason that names the place."""

import gzip
from typing import Any

import pytest

from tests.api.native_v1.samples import SESSIONS, opened
from tests.stage import Stage, staged

WRITES = (SESSIONS, f"{SESSIONS}/1/activities", f"{SESSIONS}/1/remarks", f"{SESSIONS}/1/end")

DEEP = b"[" * 100_000 + b"]" * 100_000

BAD: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "not JSON": (b"{login: anna}", {}, 400, "The body is not JSON"),
    "half of it": (b'{"login": "an', {}, 400, "The body is not JSON"),
    "two documents": (b"{}{}", {}, 400, "The body is not JSON"),
    "NaN": (b'{"userId": NaN}', {}, 400, "The body is not JSON"),
    "Infinity": (b'{"userId": Infinity}', {}, 400, "The body is not JSON"),
    "half of a surrogate pair": (b'{"login": "\\ud800"}', {}, 400, "half of a surrogate pair"),
    "not UTF-8": (b'{"login": "\xff"}', {}, 400, "The body is not UTF-8"),
    "too deep": (DEEP, {}, 400, ""),
    "a string": (b'"login"', {}, 400, "must be"),
    "too large": (b'{"login": "' + b"x" * 2**22 + b'"}', {}, 413, "must not be larger than"),
    "too large unpacked": (gzip.compress(b" " * (2**22 + 1)), {"Content-Encoding": "gzip"}, 413, "must not be larger"),
    "no gzip": (b"{}", {"Content-Encoding": "gzip"}, 400, "The body is not gzip"),
    "half of a gzip": (
        gzip.compress(b'{"login":"anna"}')[:-9],
        {"Content-Encoding": "gzip"},
        400,
        "not one whole gzip",
    ),
    "another coding": (b"{}", {"Content-Encoding": "br"}, 400, "Content-Encoding must be gzip or absent"),
    "a form": (b"login=anna", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "send application/json"),
    "XML": (b"<login/>", {"Content-Type": "text/xml"}, 415, "send application/json"),
}


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("case", BAD)
def test_no_write_takes(case: str, path: str, stage: Stage) -> None:
    body, headers, status, detail = BAD[case]
    opened(stage.recorder)
    before = stage.dump()

    response = stage.recorder.post(path, content=body, headers=headers)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if path == SESSIONS:  # the others may find first that it is no array, or not one of theirs
        assert detail in response.json()["detail"]
    assert stage.dump() == before


TWICE = {
    SESSIONS: b'{"login": "anna", "device": {"guid": "a", "guid": "b"}}',
    f"{SESSIONS}/1/activities": b'[{"entityType": "A", "entityId": "1", "name": "n", "name": "m"}]',
    f"{SESSIONS}/1/remarks": b'[{"reason": "a", "reason": "b"}]',
    f"{SESSIONS}/1/end": b'{"at": "2026-11-23T12:04:05.2Z", "at": "2026-11-23T12:04:05.3Z"}',
}


@pytest.mark.parametrize("path", TWICE)
def test_no_name_may_stand_twice_in_an_object(path: str, stage: Stage) -> None:
    opened(stage.recorder)
    before = stage.dump()
    response = stage.recorder.post(path, content=TWICE[path])
    assert response.status_code == 400
    assert response.json()["type"] == "urn:sojourn:error:bad-field"
    assert "must not stand twice in an object" in response.json()["detail"]
    assert stage.dump() == before


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1"), ("GET", "/api/v1/session"), ("GET", f"{SESSIONS}/1/x")]
)
def test_a_path_that_does_not_exist(method: str, path: str, stage: Stage) -> None:
    response = stage.owner.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", SESSIONS, "GET, POST"), ("PATCH", f"{SESSIONS}/1", "DELETE, GET"), ("GET", f"{SESSIONS}/1/end", "POST")],
)
def test_a_method_that_a_path_does_not_take(method: str, path: str, allowed: str, stage: Stage) -> None:
    response = stage.owner.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert response.json()["type"] == "urn:sojourn:error:not-served"


def test_a_full_queue_is_told_to_come_back(sqlite_url: str) -> None:
    with staged(sqlite_url, queue=1) as stage:
        more: dict[str, Any] = {"headers": dict(stage.owner.headers), "json": {"login": "anna"}}
        told = [future.result() for future in [stage.start("POST", SESSIONS, **more) for _ in range(40)]]
    refused = [response for response in told if response.status_code != 201]
    assert refused
    assert {(response.status_code, response.headers["retry-after"]) for response in refused} == {(503, "1")}
    assert {response.json()["type"] for response in refused} == {"urn:sojourn:error:busy"}
